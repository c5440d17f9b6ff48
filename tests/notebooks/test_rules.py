"""Notebooks ask and show; the library answers."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest

from crisislib.report import declared
from crisislib.workbench import Workbench
from crisislib.workbench.page_charts import Charts
from crisislib.workbench.page_text import SECTIONS, TITLES

ROOT = Path(__file__).parents[2] / "notebooks"
BOOKS = sorted(ROOT.glob("*.ipynb"))
DASHBOARDS = sorted((ROOT / "dashboards").glob("*.ipynb"))
NAMES = {"collection", "topics", "spread", "warning", "risk", "response", "brief", "backtest", "labelling",
         "delta", "period", "incident", "aftermath"}  # fmt: skip
REPORTS = {"brief", "delta", "period", "incident", "aftermath"}
"""Reports for those who decide: the executive page first, data health right after it."""


def name(path: Path) -> str:
    return path.stem


def codes(path: Path) -> list[str]:
    return [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code"]


def test_all_are_there():
    assert {p.stem for p in BOOKS} == NAMES


@pytest.mark.parametrize("path", [*BOOKS, *DASHBOARDS], ids=name)
def test_no_outputs_no_logic_nothing_deep(path):
    book = nbformat.read(path, 4)
    nbformat.validate(book)
    for cell in book.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None
    banned = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Try, ast.If, ast.Lambda, ast.ListComp, ast.With)
    for source in codes(path):
        for node in ast.walk(ast.parse(source)):
            assert not isinstance(node, banned), source
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert getattr(node, "module", None) == "crisislib.workbench"


@pytest.mark.parametrize("path", BOOKS, ids=name)
def test_parameters_are_typed_and_explained(path):
    found = declared(path)
    assert {"watch", "since", "until", "as_of", "language"} <= set(found)
    assert all(p.kind in {"str", "int", "float", "bool"} and p.help for p in found.values())


@pytest.mark.parametrize("path", BOOKS, ids=name)
def test_health_comes_first_and_the_manifest_last(path):
    cells = codes(path)
    assert f'bench.heading("{path.stem}"' in cells[1] and path.stem in TITLES
    first = [c for c in cells[2:] if not c.startswith("bench.section")]
    if path.stem in REPORTS:
        assert first.pop(0).startswith("bench.executive(")
    assert first[0] == "bench.health()"
    assert cells[-1] == "bench.manifest()"


@pytest.mark.parametrize("path", BOOKS, ids=name)
def test_cells_only_ask_the_workbench(path):
    for source in codes(path)[2:]:
        (asked,) = ast.parse(source).body
        assert isinstance(asked, ast.Expr) and isinstance(asked.value, ast.Call)
        parts = ast.unparse(asked.value.func).split(".")
        assert parts[0] == "bench"
        assert hasattr(Charts if parts[1] == "charts" else Workbench, parts[-1])
        if parts[1] == "say":
            assert ast.literal_eval(asked.value.args[0]) in SECTIONS


@pytest.mark.parametrize("path", BOOKS, ids=name)
def test_prose_stands_in_the_library_so_that_the_language_parameter_changes_it(path):
    book = nbformat.read(path, 4)
    assert all("lab" in c.metadata.get("tags", []) for c in book.cells if c.cell_type == "markdown")
