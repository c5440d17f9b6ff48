"""One filled lake, and one brief made from it, for all tests of the room."""

from __future__ import annotations

import pytest

from crisislib import report
from tests.support.filled import NOW, fill, write_watch
from tests.support.shared import built


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    root = tmp_path_factory.mktemp("home")
    fill(root / "lake")
    write_watch(root / "watches")
    write_watch(root / "watches", "nothing", "en")
    return root


@pytest.fixture(scope="session")
def make(home):
    def _make(notebook="brief", watch="example", **more):
        folders = {"lake_root": home / "lake", "watches_root": home / "watches", "out_root": home / "reports"}
        return report.run(notebook, watch, **{**folders, "now": NOW, **more})

    return _make


@pytest.fixture(scope="session")
def brief(make):
    """The one brief that all tests read, on all workers."""

    def run(folder):
        return make(out_root=folder)

    return built("brief", run)[1]
