"""What is measured is what runs: a benchmark comes in by a door and imports only what the product calls."""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "crisislib"
BENCHMARKS = sorted(p for p in (ROOT / "benchmarks").glob("*.py") if p.stem != "__init__")
OPEN = ("crisislib.core", "crisislib.engine", "crisislib.services")
"""Rooms that a benchmark may use at any depth: the language of all, and what users run."""
DOORS = {
    "crisislib": "the public API",
    "crisislib.collect": "reads exports, as crisis import does",
    "crisislib.lake": "fills and reads the tables that a run works on",
    "crisislib.respond": "forecasts the volume of an incident, as the brief does",
    "crisislib.risk": "assesses, as the engine does",
    "crisislib.report": "writes a report, as crisis report does",
    "crisislib.simulation": "simulates drills, as crisis demo does",
    "crisislib.signals": "SIGNALS of made-up series; the engine's measure needs a lake",
    "crisislib.spread": "edges, scores and lessons over the tables of a watch, as the engine's trace does",
    "crisislib.nlp": "labels posts, as the engine does",
    "crisislib.nlp.duplicates": "joins copies, as the engine does",
    "crisislib.nlp.topics": "finds topics, as the engine does",
    "crisislib.warn": "decides and replays, as the engine and crisis backtest do",
    "crisislib.warn.onset": "judges headlines, as the engine does",
    "crisislib.workbench": "what a notebook asks for",
}
"""Door of a stage -> why a benchmark uses it."""
BELOW = {
    "cascade_sets": "lays cascades out as the forecast's arrays",
    "cascade_size": "fits the forecast on arrays at fixed ages; the door fits on a watch's own finished stories",
    "cascades": "times the measures on arrays of ten million; the door adds the making of tables",
    "coordination": "counts pairs on account and object; the door wants posts",
    "sentiment": "reads the model's probabilities; the door tells the class and its p",
    "source": "asks the origin of one tree; the door tells findings",
    "topic_metrics": "counts co-occurrence as the product does, for the metric",
    "topics": "takes the model apart at fixed numbers of topics",
    "topics_speed": "times the parts of finding topics",
}
"""Benchmarks that still measure a part below its door -> why. What they import is called by the product all the same;
the list may only shrink."""


def imported(path: Path) -> list[tuple[str, str]]:
    """Module and name of everything of ours that a file imports."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "crisislib":
            found += [_behind_a_name(str(node.module), a.name) for a in node.names]
        if isinstance(node, ast.Import):
            found += [(a.name, "") for a in node.names if a.name.split(".")[0] == "crisislib"]
    return found


def _behind_a_name(module: str, name: str) -> tuple[str, str]:
    """Where a package hands out a module of its own under no name of its door, that module is what is imported."""
    folder = ROOT.joinpath(*module.split("."))
    there = (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()
    exported = getattr(import_module(module), "__all__", []) if folder.is_dir() else []
    return (f"{module}.{name}", "") if there and name not in exported else (module, name)


def behind(module: str) -> bool:
    return module not in DOORS and not any(module == door or module.startswith(f"{door}.") for door in OPEN)


@cache
def used() -> dict[str, set[Path]]:
    """Name -> files of the product that read it; a package's own list of names is no use of them."""
    found: dict[str, set[Path]] = {}
    for path in PACKAGE.rglob("*.py"):
        if path.name == "__init__.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
            if name:
                found.setdefault(name, set()).add(path)
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    found.setdefault(alias.name, set()).add(path)
    return found


@cache
def defined() -> dict[str, set[Path]]:
    """Name -> files that define it at their top."""
    found: dict[str, set[Path]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [t.id for t in targets if isinstance(t, ast.Name)]
            for name in names:
                found.setdefault(name, set()).add(path)
    return found


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda p: p.stem)
def test_a_benchmark_comes_in_by_a_door(path: Path) -> None:
    below = sorted({module for module, _ in imported(path) if behind(module)})
    assert bool(below) == (path.stem in BELOW), below or "it uses doors only now: take it off the list"


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda p: p.stem)
def test_what_a_benchmark_imports_is_there(path: Path) -> None:
    for module, name in imported(path):
        assert not name or hasattr(import_module(module), name), f"{module} has no {name}"


MEASURE_ONLY = {
    ("backtest", "thresholds_for"): "sets thresholds by the function that crisis backtest uses, on another set",
    ("nab", "Frames"): "lazy tables that signals.compute takes; the engine makes them from the lake",
}
"""Names that nothing else imports -> why a benchmark may."""


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda p: p.stem)
def test_a_benchmark_measures_what_the_product_calls(path: Path) -> None:
    alone = [
        name
        for _, name in imported(path)
        if name and name in defined() and not used().get(name, set()) - defined()[name]
        and not _called_inside(name)
    ]  # fmt: skip
    assert not [name for name in alone if (path.stem, name) not in MEASURE_ONLY], alone


def _called_inside(name: str) -> bool:
    """Whether the file that defines a name also reads it: a part of the product's own function."""
    for path in defined()[name]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
                return True
    return False
