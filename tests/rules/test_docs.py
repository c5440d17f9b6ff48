"""The documents are held against the code: the data dictionary, and every command in the README."""

import re
from pathlib import Path

import pytest
import yaml

from crisislib.cli.app import app
from crisislib.core.tables import TABLES
from crisislib.core.watch import Watch

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", TABLES)
def test_the_data_dictionary_is_true(name: str) -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"\*\*{name}\*\*: .*Key: (.*)\.\n`(.*)`", text)
    assert found, f"{name} is not in data/README.md"
    assert found[1].split(", ") == list(TABLES[name].key)
    assert found[2].split(", ") == TABLES[name].columns


def test_the_example_watch_is_valid() -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", text, re.S)
    assert example and Watch.model_validate(yaml.safe_load(example[1])).watch == "acme"


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_every_command_is_documented(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    commands = [c.name for c in (*app.registered_commands, *app.registered_groups)]
    assert not [c for c in commands if f"crisis {c}" not in text]


def test_every_room_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {p.name for p in (ROOT / "crisislib").iterdir() if p.is_dir() and not p.name.startswith("_")}
    assert not [r for r in rooms if not re.search(rf"`{r}[`/.]", text)]
