"""The charts' library as one script: three seconds of work for a text that only a new version changes, so it is kept.

It is made in a process of its own while the notebook of a report runs, since it would hold up everything in this one.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import vl_convert

from crisislib.core.atomic_files import replace_file

PATIENCE_S = 60
"""Seconds that a page waits for it: twenty times what it takes; then it is made here."""
_making: dict[Path, subprocess.Popen[bytes]] = {}


def chart_library_file(folder: Path) -> Path:
    """Where the script is kept.

    Parameters
    ----------
    folder : Path
        Of the artifacts of a lake.
    """
    return folder / "pages" / f"charts-{version('vl-convert-python')}.js"


def prepare_chart_library(folder: Path) -> None:
    """Begin to make the script where it is not kept yet.

    Parameters
    ----------
    folder : Path
        Of the artifacts of a lake.
    """
    path = chart_library_file(folder)
    if not path.is_file() and path not in _making:
        _making[path] = subprocess.Popen([sys.executable, "-m", __name__, str(path)], stderr=subprocess.DEVNULL)


def chart_library(folder: Path | None) -> str:
    """The script.

    Parameters
    ----------
    folder : Path or None
        Of the artifacts of a lake, where it is kept; None keeps nothing.
    """
    if folder is None:
        return _bundle()
    path = chart_library_file(folder)
    if making := _making.pop(path, None):
        try:
            making.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            making.kill()
    if not path.is_file():
        _make(path)  # what went wrong in the other process is an error here
    return path.read_text(encoding="utf-8")


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, _bundle().encode())


def _bundle() -> str:
    whole: str = vl_convert.javascript_bundle(None)  # type: ignore[arg-type]  # None: all of it, as a window global
    return whole


if __name__ == "__main__":
    _make(Path(sys.argv[1]))
