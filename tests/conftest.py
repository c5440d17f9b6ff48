"""Options and fixtures that every test may use."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

from tests.support import shared

HERE = Path(__file__).resolve().parent
# One thread of BLAS and OpenMP a worker, set before NumPy is loaded: workers on few cores slow each other down.
for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(pool, "1")


# No test fails for its time: machines are shared. A submission is judged on the same examples each time; at the desk
# every run looks at new ones.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


FEWER, FEWEST = 4, 3
"""A fast run tries a quarter of the examples that a property asks for, and three at least: each run tries new ones,
and `make test-slow` tries them all."""


LONGEST = (
    "engine/test_one_truth.py",
    "engine/test_brief.py",
    "report/test_forms.py",
    "lake/test_personal_data.py",
    "monitor/test_memory.py",
    "journeys/test_open_doors.py",
    "walk/test_walk.py",
    "monitor/test_silence.py",
    "report/test_periods.py",
)
"""Files that take longest begin first, so that no worker is left alone with one at the end. Two that share something
built, such as the demonstration of `tests/support/filled.py`, are kept apart: the second would wait for the first."""


def _place(item: pytest.Item) -> int:
    """Where an item's file stands among the longest; after them all for every other file."""
    file = item.path.relative_to(HERE).as_posix() if item.path.is_relative_to(HERE) else ""
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest files first; mark what is a property, and try fewer examples unless properties were asked for."""
    items.sort(key=_place)
    thorough = "property" in config.option.markexpr
    for item in items:
        test = getattr(item, "obj", None)
        if not is_hypothesis_test(test):
            continue
        item.add_marker("property")
        asked = test._hypothesis_internal_use_settings
        if not thorough and item.get_closest_marker("slow") is None and not hasattr(test, "fewer"):
            fewer = max(FEWEST, asked.max_examples // FEWER)
            test._hypothesis_internal_use_settings = settings(asked, max_examples=min(fewer, asked.max_examples))
            test.fewer = True


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--data", default=str(HERE.parent.parent / "shared" / "data"), help="folder of the public data sets"
    )


@pytest.fixture(scope="session")
def data_dir(request: pytest.FixtureRequest) -> Path:
    """The folder of real public data; the test is skipped, with the reason, where it is absent."""
    folder = Path(request.config.getoption("--data"))
    if not folder.is_dir():
        pytest.skip(f"no public data at {folder} (give --data DIR)")
    return folder


@pytest.fixture(scope="session", autouse=True)
def shared_root(tmp_path_factory: pytest.TempPathFactory):
    """The folder that all workers of a run have in common; pytest removes it some runs later."""
    own = tmp_path_factory.getbasetemp()
    shared.ROOT[:] = [(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"]
    shared.ROOT[0].mkdir(exist_ok=True)


@pytest.fixture(autouse=True)
def logging_restored(monkeypatch: pytest.MonkeyPatch):
    """Log handlers and levels that a test sets up, as every command does, are gone after it."""
    for name in ("CRISIS_LOG_LEVEL", "CRISIS_LOG_FORMAT", "CRISIS_LOG_FILE"):
        monkeypatch.delenv(name, raising=False)
    root, ours = logging.getLogger(), logging.getLogger("crisislib")
    before = ([*root.handlers], [*ours.handlers], ours.level, ours.propagate)
    yield
    for logger, kept in ((root, before[0]), (ours, before[1])):
        for handler in [h for h in logger.handlers if h not in kept and type(h).__module__.startswith("crisislib")]:
            logger.removeHandler(handler)
            handler.close()
    ours.setLevel(before[2])
    ours.propagate = before[3]


@pytest.fixture
def lake(tmp_path: Path):
    """An empty lake of its own."""
    from crisislib.lake import Lake

    return Lake(tmp_path / "lake")
