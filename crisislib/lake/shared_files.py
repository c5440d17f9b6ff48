"""Small files that every machine of a lake must see: where a monitor and its sources stand, what was sent, the salt.

Beside the tables: below `artifacts` of a folder, or below the address on an object store.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from crisislib.core.atomic_files import replace_file
from crisislib.lake.object_store import ObjectFiles

FOLDER = "artifacts"
SALT = "privacy/salt"
"""Written once: with what the lake hashes people."""


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
        """What a file holds, None where there is none.

        Parameters
        ----------
        name : str
            Relative to the folder, with slashes.
        """
        path = self._root / name
        return path.read_bytes() if path.is_file() else None

    def write(self, name: str, data: bytes, *, durable: bool = False) -> None:
        """Put a file there, in place of one of that name; whole or not at all.

        Parameters
        ----------
        name : str
            Relative to the folder, with slashes.
        data : bytes
            All of it.
        durable : bool, default False
            Whether it is on the disk itself when this returns.
        """
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, data, durable=durable)

    def write_once(self, name: str, data: bytes) -> bytes:
        """Put a file there unless there is one, and return what it holds: of several writers the first counts.

        Parameters
        ----------
        name : str
            Relative to the folder, with slashes.
        data : bytes
            All of it; only its owner may read it.
        """
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
        """What :meth:`write_once` has put there, None where it has not.

        Parameters
        ----------
        name : str
            Relative to the folder, with slashes.
        """
        return self.read(name)

    def remove(self, name: str) -> None:
        """Take a file away; nothing happens where there is none.

        Parameters
        ----------
        name : str
            Relative to the folder, with slashes.
        """
        (self._root / name).unlink(missing_ok=True)

    def names(self, folder: str) -> list[str]:
        """The files below a folder, sorted.

        Parameters
        ----------
        folder : str
            Relative, with slashes; it need not exist.
        """
        return sorted(p.relative_to(self._root).as_posix() for p in (self._root / folder).rglob("*") if p.is_file())


SharedFiles = FolderFiles | ObjectFiles
"""Both do the same."""


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
