"""The reference is whole: every key, table, command and public name stands in it, with its meaning."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import crisislib
from crisislib.core.tables import TABLES
from crisislib.services.templates import TEMPLATES
from tools import reference_pages

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    written = reference_pages.write(tmp_path_factory.mktemp("reference"))
    return {path.stem: path.read_text(encoding="utf-8") for path in written}


@pytest.mark.parametrize("name", reference_pages.FILES)
def test_every_key_of_a_file_has_type_default_and_meaning(name: str, pages: dict[str, str]) -> None:
    sections = dict(re.findall(r"^## (.+?)$(.*?)(?=^## |\Z)", pages[name], re.M | re.S))
    models = reference_pages.models_of(reference_pages.FILES[name][0])
    assert len(sections) == len(models) > 3
    for path, model in models:
        rows = re.findall(
            r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", sections[f"`{path}`" if path else "Top level"], re.M
        )
        assert [key for key, *_ in rows] == list(model.model_fields), "describe it: Field(description=…)"


def test_every_table_and_column(pages: dict[str, str]) -> None:
    sections = dict(re.findall(r"^## (\w+)$(.*?)(?=^## |\Z)", pages["tables"], re.M | re.S))
    assert list(sections) == list(TABLES)
    for name, spec in TABLES.items():
        assert re.findall(r"^\| `(\w+)`", sections[name], re.M) == spec.columns
        assert sections[name].strip()[0] != "|", "say in data/README.md what it holds"


def test_every_command_and_option(pages: dict[str, str]) -> None:
    commands = reference_pages.commands()
    assert len(commands) > 30
    for name, command in commands.items():
        assert f"## {name}\n" in pages["commands"]
        assert (command.help or "").strip(), name
    for option in ("--watch", "--log-level", "--since"):
        assert option in pages["commands"] or option == "--log-level"


def test_every_public_name(pages: dict[str, str]) -> None:
    assert not [name for name in crisislib.__all__ if f":: crisislib.{name}\n" not in pages["api"]]


def test_what_the_pages_name_is_there() -> None:
    commands = reference_pages.commands()
    for page in (ROOT / "docs").rglob("*.md"):
        if page.parent.name == "reference":
            continue
        for said in re.findall(r"`crisis ([a-z]+)", page.read_text(encoding="utf-8")):
            assert any(name.split()[1] == said for name in commands), f"{page.name}: crisis {said}"


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("sphinx")
    build = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", "docs", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "reference" / "watch.html").is_file()


def test_figures_in_methods_are_those_that_were_measured() -> None:
    measured = set(re.findall(r"\d+\.\d+", (ROOT / "BENCHMARKS.md").read_text(encoding="utf-8")))
    claimed = re.findall(r"\d+\.\d+", (ROOT / "docs" / "methods.md").read_text(encoding="utf-8"))
    chosen = {"0.7", "0.3", "0.90"}
    """Settings and nominal levels, not measurements."""
    assert len(claimed) > 20
    assert not set(claimed) - measured - chosen, "measure again, or quote what was measured"


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.stem)
def test_commands_that_pages_name_exist(page: Path) -> None:
    if "_build" in page.parts or page.parent.name == "reference":
        pytest.skip("written from the code")
    known = {name.removeprefix("crisis ") for name in reference_pages.commands()}
    words = re.findall(r"`crisis ([a-z]+(?: [a-z]+)?)", page.read_text(encoding="utf-8"))
    groups = {name.split()[0] for name in known if " " in name}
    assert not [w for w in words if w not in known | groups and w.split()[0] not in known]
    kinds = re.findall(r"`crisis new ([a-z]+)", page.read_text(encoding="utf-8"))
    assert set(kinds) <= set(TEMPLATES)
