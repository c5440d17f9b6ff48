"""Every part has a door: what is public is reached from the command line, a notebook, a dashboard or the public API.

`ALLOWED` names what is not, with the reason; the lists must be exact, so that they shrink when a door is made.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

from crisislib.core.watch import Watch
from tests.support.reach import Package, never_given, reached_from_faces

ROOT = Path(__file__).parents[2]
FILE = "a maker's test gives a file just written, a broken one and a newer one; the product reads the shipped one"
TEST = "a test gives it: a clock, arguments, a kernel of its own, one indicator alone"
BENCH = "the benchmark sets thresholds on one public set and judges the product's rules on another"
ANALYST = "an analyst gives it in a notebook"

ALLOWED: dict[str, str] = {
    "crisislib.services.dashboards_app.KnownHost.check_host": "the server calls it before every answer",
    "crisislib.workbench.pages.pages_app.PagesApp.listen": "Voila calls it once everything is loaded",
    "crisislib.warn.backtest.replay.thresholds_for": BENCH,
}
"""Module or symbol that nothing reaches -> why it may stay."""
NOT_GIVEN: dict[str, str] = {
    "crisislib.engine.home.Home.here(root)": TEST,
    "crisislib.warn.backtest.replay.run_backtest(thresholds)": BENCH,
    "crisislib.report.notebook_run.run(engine)": TEST,
    "crisislib.services.monitor.emergency_brief.main(argv)": TEST,
    "crisislib.services.monitor.process.serve(clock)": TEST,
    "crisislib.warn.onset.onset_model.load(path)": FILE,
    "crisislib.workbench.page_charts.Charts.around(signal)": ANALYST,
    "crisislib.workbench.page_charts.Charts.volume(signal)": ANALYST,
}
"""Input that no caller gives -> why it may stay."""


@cache
def package() -> Package:
    return reached_from_faces(ROOT)


def test_every_public_symbol_is_reached() -> None:
    found = {m: [f"{m}.{name}" for name in names] for m, names in package().unreached().items()}
    left = {symbol for m, symbols in found.items() if m not in ALLOWED for symbol in symbols}
    assert left == {name for name in ALLOWED if name not in package().modules}, "make a door, or delete it"
    assert not [m for m in ALLOWED if m in package().modules and m not in found], "these are reached now"


def test_what_a_function_may_be_given_is_given_by_somebody() -> None:
    assert set(never_given(package())) == set(NOT_GIVEN), "pass it, or delete the parameter"


def keys(model: type[BaseModel]) -> set[str]:
    """Every key of a watch file, whatever its depth."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(name)
        for kind in _models(field.annotation):
            found |= keys(kind)
    return found


def _models(annotation: object) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {kind for part in getattr(annotation, "__args__", ()) for kind in _models(part)}


@cache
def read_attributes() -> frozenset[str]:
    """Names of attributes that reached lines read; of the watch's own room, those of its methods only."""
    found: set[str] = set()
    for module, name in package().reached:
        here = package().modules[module]
        if module == "crisislib.core.watch" and not name.startswith("Watch."):
            continue  # validation alone changes nothing
        for node in here.body if not name else here.defs.get(name, []):
            found |= {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
    return frozenset(found)


@pytest.mark.parametrize("key", sorted(keys(Watch)))
def test_every_key_of_a_watch_has_a_reader(key: str) -> None:
    assert key in read_attributes(), f"{key} is read by nothing"
