"""Options and fixtures that every test may use."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

HERE = Path(__file__).resolve().parent


# A submission is judged on the same examples each time; at the desk every run looks at new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


FEWER, FEWEST = 4, 3
"""A fast run tries a quarter of the examples that a property asks for, and three at least: each run tries new ones,
and `make test-slow` tries them all."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is a property, and try fewer examples of it unless properties were asked for."""
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
