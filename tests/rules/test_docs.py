"""The documents are checked against the code: data dictionary, commands in the READMEs, rooms, dependencies."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from crisislib.cli.app import app
from crisislib.core.tables import TABLES
from crisislib.core.watch import Watch
from tests.rules.test_house import FILES, imports, room

ROOT = Path(__file__).parents[2]
TWO_PAGES = 1_000
"""Words of ARCHITECTURE.md at most, code names counted as one each."""


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


def architecture() -> str:
    return (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def imports_of_rooms() -> dict[str, set[str]]:
    """Room -> the other rooms that its files import, `core` left out."""
    found: dict[str, set[str]] = {}
    for path in FILES:
        found.setdefault(room(path), set()).update(imports(path) - {room(path), "core"})
    return found


def test_the_table_of_rooms_is_true() -> None:
    """Every room stands in it, with exactly the rooms that it imports."""
    rows = re.findall(r"^\| `(\w+)/` \| .* \| (.*) \|$", architecture(), re.M)
    listed = {name: set(re.findall(r"\w+", cell)) for name, cell in rows}
    assert listed == {name: used for name, used in imports_of_rooms().items() if not name.startswith("__")}
    rooms = {p.name for p in (ROOT / "crisislib").iterdir() if p.is_dir() and not p.name.startswith("_")}
    assert not [r for r in rooms if f"`{r}/`" not in architecture()]


def test_the_picture_of_layers_is_true() -> None:
    """A room imports only from lines below its own."""
    picture = architecture().split("## Layers")[1].split("```")[1]
    layers = [set(line.split(maxsplit=1)[1].split(" · ")) for line in picture.strip().splitlines()]
    height = {name: -line for line, names in enumerate(layers) for name in names}
    actual = {name: used for name, used in imports_of_rooms().items() if not name.startswith("__")}
    assert set(height) == set(actual)
    assert not [(a, b) for a, used in actual.items() for b in used if height[b] >= height[a]]


def test_the_architecture_is_two_pages() -> None:
    """About five hundred words fill a printed page; marks of tables are no words."""
    assert len(re.findall(r"\w[\w./]*", architecture())) < TWO_PAGES


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    listed = {name for row in re.findall(r"^\| ([a-z].*?) \| \w", text, re.M) for name in row.split(", ")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    assert listed - {"package"} == {re.split(r"[<>=!~; \[]", one)[0].lower() for one in needed}
