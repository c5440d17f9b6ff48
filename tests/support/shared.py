"""What takes seconds to build is built once in a run of the tests, whichever worker asks first, and read or copied."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

T = TypeVar("T")
ROOT: list[Path] = []
"""The folder of this run of the tests, which all workers share; `tests/conftest.py` puts it here."""


def built(name: str, build: Callable[[Path], T]) -> tuple[Path, T]:
    """A folder and what `build` returned, made at the first call of any worker; to be read only.

    It lives as long as the run, so that it can never be older than the code. The return value is pickled.
    """
    (root,) = ROOT
    stored = root / name
    with FileLock(root / f"{name}.lock"):
        result = stored / "result.pickle"
        if not result.exists():
            shutil.rmtree(stored, ignore_errors=True)  # of a build that failed
            (stored / "files").mkdir(parents=True)
            answer = build(stored / "files")
            result.write_bytes(pickle.dumps(answer))
        return stored / "files", pickle.loads(result.read_bytes())


def copied(name: str, build: Callable[[Path], T], to: Path) -> T:
    """The same, copied into a folder of one's own, to be changed at will."""
    files, result = built(name, build)
    shutil.copytree(files, to, dirs_exist_ok=True)
    return result
