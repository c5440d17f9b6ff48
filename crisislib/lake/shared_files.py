"""Small files that every machine of a lake must see: where a monitor and its sources stand, what was sent, the salt.

Beside the tables: below `artifacts` of a folder, or below the address on an object store.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Protocol

from crisislib.core.atomic_files import replace_file
from crisislib.lake.object_store import ObjectFiles

FOLDER = "artifacts"
SALT = "privacy/salt"
"""Written once: with what the lake hashes people."""


class SharedFiles(Protocol):
    """What a folder and an object store can both do with small files; names are relative, with slashes."""

    def read(self, name: str) -> bytes | None:
        """What a file holds, None where there is none."""

    def write(self, name: str, data: bytes, *, durable: bool = False) -> None:
        """Put a file there, in place of one of that name; whole or not at all, and on the disk itself if `durable`."""

    def write_once(self, name: str, data: bytes) -> bytes:
        """Put a file there unless there is one, and return what it holds: of several writers the first counts."""

    def read_once(self, name: str) -> bytes | None:
        """What :meth:`write_once` has put there, None where it has not."""

    def remove(self, name: str) -> None:
        """Take a file away; nothing happens where there is none."""

    def names(self, folder: str) -> list[str]:
        """The files below a folder, sorted; it need not exist."""


class FolderFiles:
    """Small files in a folder of this machine.

    Parameters
    ----------
    root : Path
        The folder; made when the first file is written.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, name: str) -> bytes | None:
        """As of :class:`SharedFiles`."""
        path = self._root / name
        return path.read_bytes() if path.is_file() else None

    def write(self, name: str, data: bytes, *, durable: bool = False) -> None:
        """As of :class:`SharedFiles`."""
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, data, durable=durable)

    def write_once(self, name: str, data: bytes) -> bytes:
        """As of :class:`SharedFiles`; only its owner may read it."""
        path = self._root / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
            part.write_bytes(data)
            part.chmod(0o600)
            with contextlib.suppress(FileExistsError):
                os.link(part, path)
            part.unlink()
        return path.read_bytes()

    def read_once(self, name: str) -> bytes | None:
        """As of :class:`SharedFiles`."""
        return self.read(name)

    def remove(self, name: str) -> None:
        """As of :class:`SharedFiles`."""
        (self._root / name).unlink(missing_ok=True)

    def names(self, folder: str) -> list[str]:
        """As of :class:`SharedFiles`."""
        return sorted(p.relative_to(self._root).as_posix() for p in (self._root / folder).rglob("*") if p.is_file())


def shared_files(root: Path, address: str) -> SharedFiles:
    """The small files of a lake.

    Parameters
    ----------
    root : Path
        Its folder on this machine.
    address : str
        Where its tables are, if on an object store; else empty.

    Returns
    -------
    SharedFiles
        Nothing is read or made yet.
    """
    return ObjectFiles(f"{address}/{FOLDER}") if address else FolderFiles(root / FOLDER)
