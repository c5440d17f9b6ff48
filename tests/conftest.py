"""Options and fixtures that every test may use."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).resolve().parent


# A submission is judged on the same examples each time; at the desk every run looks at new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


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
