"""How the command was called, so that a line that we print can be typed as it stands."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def place_of(path: Path) -> str:
    """A path as it is typed from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else str(path)


def typed(*, anywhere: bool = False) -> str:
    """How the command was called, so that a line that we print can be typed as it stands: here, or in any folder."""
    called = Path(sys.argv[0])
    path = str if anywhere else place_of
    if called.stem != "crisis":
        return f"{shlex.quote(path(Path(sys.executable)))} -m crisislib.cli"
    found = shutil.which("crisis")
    same = found is not None and called.exists() and Path(found).resolve() == called.resolve()
    return "crisis" if same else shlex.quote(path(called.absolute()))
