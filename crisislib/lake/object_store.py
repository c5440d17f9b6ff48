"""A lake on an object store: its address, its credentials, and the small files that lie beside its tables.

Everything goes through the store layer of Delta itself, so that one set of variables in the environment serves tables
and files: `AWS_*` for S3 and what speaks like it, `GOOGLE_*` for `gs://`, `AZURE_*` for `abfss://`.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.fs import DeltaStorageHandler
from pyarrow.fs import FileSelector, FileType, PyFileSystem

from crisislib.core.atomic_files import replace_file
from crisislib.core.i18n import N_
from crisislib.lake.open_files import CountedFiles

_ADDRESS = re.compile(r"(s3a?|gs|az|abfss?):/+(?P<rest>[^/].*)")
"""A path object takes one of the two slashes: `Path("s3://a/b")` is `s3:/a/b`."""
POINTER = "lake.address"
"""File of a local folder that says on which store its tables are."""
CREDENTIALS = N_(
    "check the network, and in the environment the address and credentials of the store (AWS_ENDPOINT_URL …)"
)


def address_of(place: str | Path) -> str:
    """The address of a lake on an object store, written one way; empty for a folder.

    Parameters
    ----------
    place : str or Path
        What `--lake`, `CRISIS_LAKE` or `crisis.toml` says.

    Returns
    -------
    str
        Such as `s3://bucket/path`, without a slash at its end.
    """
    result = _ADDRESS.fullmatch(str(place))
    return f"{result[1]}://{result['rest'].rstrip('/')}" if result else ""


def point_to(folder: Path, address: str) -> None:
    """Let a local folder stand for a lake on a store: locks, caches and logs lie in it, the tables there.

    Parameters
    ----------
    folder : Path
        Of this machine; made where it is not there.
    address : str
        Of :func:`address_of`.
    """
    file = folder / POINTER
    if not file.is_file() or file.read_text(encoding="utf-8").strip() != address:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(file, f"{address}\n")


def pointed_to(folder: Path) -> str:
    """The address that a local folder stands for; empty where it is itself the lake.

    Parameters
    ----------
    folder : Path
        Of this machine; it need not exist.

    Returns
    -------
    str
        As :func:`point_to` was given it.
    """
    try:
        return (folder / POINTER).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def options() -> dict[str, str]:
    """Storage options beyond those that are read from the environment anyway.

    Returns
    -------
    dict of str to str
        Leave to speak plain HTTP where the address that was given does.
    """
    plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    return {"allow_http": "true"} if plain else {}


def dataset(table: str, sizes: Mapping[str, int], schema: pa.Schema) -> ds.Dataset:
    """Some data files of a table, for DuckDB: columns and conditions are taken to the files.

    Parameters
    ----------
    table : str
        Address of the table.
    sizes : Mapping of str to int
        File, relative to the table -> bytes, as the log has them: so nobody must ask for them.
    schema : pyarrow.Schema
        Columns; one that a file lacks is null in its rows.

    Returns
    -------
    pyarrow.dataset.Dataset
        Nothing is read yet.
    """
    files = PyFileSystem(CountedFiles(table, options(), dict(sizes)))
    return ds.dataset(list(sizes), schema=schema, filesystem=files, format="parquet")


class ObjectFiles:
    """Small files on the store, each replaced as a whole.

    Parameters
    ----------
    address : str
        Of the lake.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._handler = DeltaStorageHandler(address, options())
        self._files = PyFileSystem(self._handler)

    def read(self, name: str) -> bytes | None:
        """What a file holds, None where there is none.

        Parameters
        ----------
        name : str
            Relative to the lake, with slashes.
        """
        if self._files.get_file_info(name).type != FileType.File:
            return None
        with self._files.open_input_stream(name) as stream:
            return bytes(stream.read())

    def write(self, name: str, data: bytes, *, durable: bool = False) -> None:
        """Put a file there, in place of one of that name; whole or not at all.

        Parameters
        ----------
        name : str
            Relative to the lake, with slashes.
        data : bytes
            All of it.
        durable : bool, default False
            A store keeps what it has taken in any case.
        """
        # Not through the file system: pyarrow hands its own buffers on, and the store takes bytes only.
        stream = self._handler._handler.open_output_stream(name, None)
        stream.write(data)
        stream.close()

    def write_once(self, name: str, data: bytes) -> bytes:
        """Put a file there unless there is one, and return what it holds: of several machines the first counts.

        A store replaces files without asking; only the first commit of a table is refused where there is one. So this
        is the description of a table without rows.

        Parameters
        ----------
        name : str
            Relative to the lake, with slashes.
        data : bytes
            Some hundred at most.
        """
        found = self.read_once(name)
        if found is not None:
            return found
        place, schema = f"{self._address}/{name}", pa.schema([("unused", pa.bool_())])
        with contextlib.suppress(DeltaError):  # another machine was first
            DeltaTable.create(place, schema, mode="error", description=data.hex(), storage_options=options())
        return self.read_once(name) or data

    def read_once(self, name: str) -> bytes | None:
        """What :meth:`write_once` has put there, None where it has not.

        Parameters
        ----------
        name : str
            Relative to the lake, with slashes.
        """
        try:
            found = DeltaTable(f"{self._address}/{name}", storage_options=options())
        except TableNotFoundError:
            return None
        return bytes.fromhex(found.metadata().description)

    def remove(self, name: str) -> None:
        """Take a file away; nothing happens where there is none.

        Parameters
        ----------
        name : str
            Relative to the lake, with slashes.
        """
        self._files.delete_file(name)

    def names(self, folder: str) -> list[str]:
        """The files below a folder, sorted.

        Parameters
        ----------
        folder : str
            Relative to the lake; it need not exist.
        """
        found = self._files.get_file_info(FileSelector(folder, recursive=True, allow_not_found=True))
        return sorted(one.path for one in found if one.type == FileType.File)
