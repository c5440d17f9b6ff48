"""The graph of references on a made-up package: what it must find, and what it must not."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.reach import Package, never_given, reached_from_faces

FILES = {
    "__init__.py": "",
    "cli/__init__.py": "from crisislib.cli.app import main",
    "cli/app.py": """
        import crisislib.stage as stage
        from crisislib import lazy
        def main():
            stage.used(1, way='x')
            lazy.door()
            table()
        def table():
            for one in stage.TABLE.values():
                one(deep=1)
        """,
    "stage/__init__.py": """
        from crisislib.stage.work import TABLE, dead, used
        __all__ = ['TABLE', 'dead', 'used']
        """,
    "stage/work.py": """
        LIMIT = 3
        UNREAD = 4
        OFFLINE = 'offline'
        def used(n, way='a', other=None, engine=OFFLINE, seed=0):
            return Thing().grow(n) + LIMIT
        def dead():
            return helper()
        def helper():
            return 1
        def shadow():
            return 1
        def caller(shadow):
            return shadow
        class Thing:
            def grow(self, n):
                return n
            def shrink(self):
                return 0
            def __len__(self):
                return 0
        def in_table(deep=None):
            return caller(1)
        TABLE = {'one': in_table}
        """,
    "lazy/__init__.py": """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from crisislib.lazy.inner import door
        """,
    "lazy/inner.py": """
        def door():
            return noted
        def noted():
            return 'crisislib.lazy.program'
        """,
    "lazy/program.py": "def main(argv=None): return 0",
    "lazy/page.py": """
        def shown(): return 0
        def hidden(): return 0
        """,
}


@pytest.fixture
def package(tmp_path: Path) -> Package:
    for name, text in FILES.items():
        file = tmp_path / "crisislib" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
    for folder in ("notebooks", "notebooks/dashboards"):
        (tmp_path / folder).mkdir()
    cells = [{"cell_type": "code", "source": ["from crisislib.lazy import page\n"]},
             {"cell_type": "code", "source": ["page.shown()\n"]}]  # fmt: skip
    (tmp_path / "notebooks" / "one.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (tmp_path / "notebooks" / "dashboards" / "one.ipynb").write_text(json.dumps({"cells": []}), encoding="utf-8")
    return reached_from_faces(tmp_path)


def test_what_nothing_reaches_is_found(package: Package) -> None:
    assert {m: set(names) for m, names in package.unreached().items()} == {
        "crisislib.stage.work": {"UNREAD", "dead", "helper", "shadow", "Thing.shrink"},
        "crisislib.lazy.page": {"hidden"},
    }


def test_inputs_that_nobody_gives_are_found(package: Package) -> None:
    # `seed` is a setting, `way` is given, `deep` is given to whatever the table holds.
    work = "crisislib.stage.work.used"
    assert never_given(package) == ["crisislib.lazy.program.main(argv)", f"{work}(engine)", f"{work}(other)"]
