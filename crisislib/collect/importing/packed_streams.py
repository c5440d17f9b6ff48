"""Files packed as one stream (gzip, bzip2, xz, zstd) and tar archives, unpacked within limits."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa

from crisislib.collect.importing.containers import BOMB, MB, MEMBERS, holds_data, unpacked_limit
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_

_GZIP, _BZIP2, _XZ, _ZSTD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"
"""How a stream of each kind begins."""
DEEPEST = 3
"""Layers of packing: a tool makes one, a mail programme and a server may each add one."""
_TAR_AT = 257
"""Where a tar archive states that it is one."""
_PIECE = 1 << 20
"""Bytes that are unpacked at once."""


def is_stream(raw: bytes) -> bool:
    """Whether bytes are a packed stream.

    Parameters
    ----------
    raw : bytes
        A file.
    """
    return raw.startswith((_GZIP, _BZIP2, _XZ, _ZSTD))


def is_tar(raw: bytes) -> bool:
    """Whether bytes are a tar archive.

    Parameters
    ----------
    raw : bytes
        A file.
    """
    return raw[_TAR_AT : _TAR_AT + 5] == b"ustar"


def unpack_stream(raw: bytes, path: Path) -> bytes:
    """The content of a packed stream, of all its members and layers.

    Parameters
    ----------
    raw : bytes
        The file.
    path : Path
        Named in errors.

    Raises
    ------
    InputError
        It is damaged, packed too often, or unpacks to more than an export can be.
    """
    limit = unpacked_limit(len(raw))
    for _ in range(DEEPEST):
        if not is_stream(raw):
            return raw
        try:
            raw = _gunzip(raw, limit) if raw.startswith(_GZIP) else _decompress(raw, limit)
        except (zlib.error, EOFError, OSError, lzma.LZMAError, pa.ArrowException) as fault:
            raise InputError(
                N_("the compressed file is damaged: {fault}"),
                where=str(path),
                do=N_("copy or export it again"),
                facts={"fault": fault},
            ) from fault
        if len(raw) > limit:
            raise InputError(
                N_("the compressed file unpacks to more than {limit} MB"),
                where=str(path),
                do=BOMB,
                facts={"limit": limit // MB},
            )
    if is_stream(raw):
        raise InputError(
            N_("the file is packed more than {deepest} times"), where=str(path), do=BOMB, facts={"deepest": DEEPEST}
        )
    return raw


def _gunzip(raw: bytes, limit: int) -> bytes:
    """All members of a gzip stream, up to one byte more than the limit."""
    parts: list[bytes] = []
    size, rest = 0, raw
    while rest and size <= limit:
        reader = zlib.decompressobj(wbits=31)
        part = reader.decompress(rest, limit - size + 1)
        size += len(part)
        parts.append(part)
        if size > limit:
            break
        if not reader.eof:
            raise zlib.error("it ends too early")
        rest = reader.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _decompress(raw: bytes, limit: int) -> bytes:
    """A stream of another kind, up to a piece more than the limit."""
    parts: list[bytes] = []
    size = 0
    with _opened(raw) as file:
        while size <= limit and (part := file.read(_PIECE)):
            parts.append(part)
            size += len(part)
    return b"".join(parts)


def _opened(raw: bytes) -> Any:
    """A file object over what a stream unpacks to."""
    source = io.BytesIO(raw)
    if raw.startswith(_ZSTD):
        return pa.CompressedInputStream(source, "zstd")
    return bz2.open(source) if raw.startswith(_BZIP2) else lzma.open(source)


def unpack_tar(raw: bytes, path: Path) -> tuple[list[tuple[str, bytes]], list[str]]:
    """The data files in a tar archive, and the names of those left out.

    Parameters
    ----------
    raw : bytes
        The archive, of which nothing is written to disk.
    path : Path
        Named in errors.

    Returns
    -------
    parts : list of (name, bytes)
        Files that hold data, in order of their names.
    left : list of str
        The others, links and devices among them.

    Raises
    ------
    InputError
        It is damaged, holds too many files, or none with data.
    """
    parts: list[tuple[str, bytes]] = []
    left: list[str] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as archive:
            for number, member in enumerate(archive):
                if number >= MEMBERS:
                    raise InputError(
                        N_("the archive holds more than {members} files"),
                        where=str(path),
                        do=BOMB,
                        facts={"members": MEMBERS},
                    )
                file = archive.extractfile(member) if member.isreg() and holds_data(member.name) else None
                if file is None:
                    left += [] if member.isdir() else [Path(member.name).name]
                else:
                    parts.append((member.name, file.read()))
    except (tarfile.TarError, EOFError, OSError) as fault:
        raise InputError(
            N_("the archive cannot be read: {fault}"),
            where=str(path),
            do=N_("copy or pack it again"),
            facts={"fault": fault},
        ) from fault
    if not parts:
        raise InputError(
            N_("there is no data file in the archive"), where=str(path), do=N_("pack a CSV, JSON or XLSX file")
        )
    return sorted(parts), left
