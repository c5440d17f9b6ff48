"""Files of an object store that Arrow reads on threads of its own, and the end of the process, which waits for them.

A scan that ends early, as a look for known rows does, leaves reads under way. They hold Python objects; a thread that
lets go of one while the interpreter ends is stopped inside C++, and the whole process aborts, its work long done.
"""

from __future__ import annotations

import atexit
import gc
import time
from functools import cache
from typing import Any
from weakref import WeakSet

import pyarrow as pa
from deltalake.fs import DeltaStorageHandler

PATIENCE_S = 5.0
"""Seconds that the end of the process waits at most: far longer than a read that is under way takes."""
LOOK_EVERY_S = 0.01
"""Seconds between two looks, and after the last file: its scan is let go of just after it."""


class OpenFile:
    """A file of the store that can be told from others while it is open.

    Parameters
    ----------
    file : Any
        What Delta's store layer has opened.
    """

    def __init__(self, file: Any) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


_OPEN: WeakSet[OpenFile] = WeakSet()


@cache
def _wait_at_the_end() -> None:
    """Once a process, and only in one that reads from a store."""
    atexit.register(wait_for_reads)


class CountedFiles(DeltaStorageHandler):  # type: ignore[misc] # deltalake.fs has no types
    """The files of a table, each known as long as a scan holds it."""

    def open_input_file(self, path: str) -> pa.PythonFile:
        """Open a file for reading at any place.

        Parameters
        ----------
        path : str
            Relative to the table.
        """
        _wait_at_the_end()
        file = OpenFile(self._handler.open_input_file(path))
        _OPEN.add(file)
        return pa.PythonFile(file, mode="r")


def wait_for_reads() -> None:
    """Wait until no scan holds a file any more, at most :data:`PATIENCE_S`."""
    until = time.monotonic() + PATIENCE_S
    gc.collect()
    while len(_OPEN) and time.monotonic() < until:
        time.sleep(LOOK_EVERY_S)
    time.sleep(LOOK_EVERY_S)
