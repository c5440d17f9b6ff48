"""Rooms are imported when they are used: the first door opens at once, and lazy names mean what eager ones would."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = "pandas pyarrow duckdb sklearn altair scipy deltalake babel apprise jupyter_client"
RUN = """
import sys
from crisislib.cli import main
for words in {words!r}:
    sys.argv = ["crisis", *words]
    try:
        main()
    except SystemExit as end:
        assert not end.code, words
"""
SEEN = f"\nprint([m for m in '{HEAVY}'.split() if m in sys.modules], file=sys.stderr)"


def loaded(code: str) -> str:
    """The heavy packages that are loaded after some code has run in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-c", "import sys\n" + code + SEEN], capture_output=True, text=True, cwd=ROOT
    )
    assert told.returncode == 0, told.stderr
    return told.stderr.splitlines()[-1]


@pytest.mark.parametrize("door", ["import crisislib", "import crisislib.cli"])
def test_the_package_and_the_command_are_light(door: str) -> None:
    assert loaded(door) == "[]"


def test_version_and_every_help_are_light() -> None:
    from crisislib.cli.app import app

    names = [str(c.name) for c in app.registered_commands]
    assert len(names) > 15
    assert loaded(RUN.format(words=[["version"], ["--help"], *([n, "--help"] for n in names)])) == "[]"


PACKAGES = sorted(
    ".".join(p.relative_to(ROOT).parent.parts)
    for p in (ROOT / "crisislib").rglob("__init__.py")
    if "resolve_lazily" in p.read_text(encoding="utf-8")
)


def test_lazy_names_are_all_there_and_a_function_is_never_taken_for_its_module() -> None:
    """In a fresh process, modules first: the import system must not put a module in the place of a function."""
    code = (
        "import importlib, pkgutil, sys, types\n"
        f"for name in {PACKAGES!r}:\n"
        "    room = importlib.import_module(name)\n"
        "    own = [m.name for m in pkgutil.iter_modules(room.__path__) if m.name in room.__all__]\n"
        "    for module in own: importlib.import_module(f'{name}.{module}')\n"
        "    for exported in room.__all__:\n"
        "        value = getattr(room, exported)\n"
        "        assert not isinstance(value, types.ModuleType), f'{name}.{exported} is a module'\n"
        "        assert exported in dir(room)\n"
        "    assert not hasattr(room, 'no_such_name')\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert len(PACKAGES) > 15


INITS = sorted((ROOT / "crisislib").rglob("__init__.py"))


@pytest.mark.parametrize("init", INITS, ids=lambda p: str(p.parent.relative_to(ROOT)))
def test_no_exported_name_is_the_name_of_a_submodule(init: Path) -> None:
    """`import crisislib.nlp.topics` and `crisislib.nlp.topics` mean one thing: the module."""
    exported = {
        alias.asname or alias.name
        for line in ast.walk(ast.parse(init.read_text(encoding="utf-8")))
        if isinstance(line, ast.ImportFrom) and (line.module or "").startswith("crisislib")
        for alias in line.names
    }
    modules = {module.name for module in pkgutil.iter_modules([str(init.parent)])}
    assert not exported & modules, "rename the function or the module"
