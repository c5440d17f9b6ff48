"""Files that hold other files or tables: zip and SQLite, opened within limits."""

from __future__ import annotations

import io
import sqlite3
import zipfile
import zlib
from contextlib import closing
from pathlib import Path, PurePosixPath

import pyarrow as pa

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_

MB = 1 << 20
"""Bytes of a mebibyte."""
LARGEST = 4096 * MB
"""Bytes that one export may unpack to: what fits into the memory of an analyst's machine with room to work."""
SMALL = 64 * MB
"""Bytes that anything may unpack to."""
RATIO = 200
"""An export packs to a twentieth or so; what unpacks to this many times its size is a bomb."""
MEMBERS = 1000
"""Files in one zip."""
ENDINGS = (
    ".csv",
    ".tsv",
    ".txt",
    ".json",
    ".jsonl",
    ".ndjson",
    ".xlsx",
    ".xls",
    ".parquet",
    ".db",
    ".sqlite",
    ".sqlite3",
    ".html",
    ".htm",
    ".xml",
    ".yml",
    ".yaml",
    ".feather",
    ".arrow",
)
"""Names of files that hold data."""
PACKED = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst")
"""Names of files that hold such files."""
_CHATS = ("_chat.txt", "whatsapp")
SQLITE = b"SQLite format 3\x00"
"""How a SQLite file begins."""
_UNPACK = N_("unpack it, and give the files")
BOMB = N_("keep the part that you need, and pack it again")
"""What to do about a file that unpacks to too much."""


def unpacked_limit(packed: int) -> int:
    """Bytes that a packed file may unpack to.

    Parameters
    ----------
    packed : int
        Bytes that it has.
    """
    return min(LARGEST, max(SMALL, RATIO * packed))


def is_workbook(raw: bytes) -> bool:
    """Whether a zip is a workbook.

    Parameters
    ----------
    raw : bytes
        The file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return True  # the workbook reader says what is wrong
    return "[Content_Types].xml" in names or any(n.startswith("xl/") for n in names) or "content.xml" in names


def unpack_zip(raw: bytes, path: Path) -> tuple[list[tuple[str, bytes]], list[str]]:
    """The data files in a zip, and the names of those left out.

    Parameters
    ----------
    raw : bytes
        The file.
    path : Path
        Named in errors.

    Returns
    -------
    parts : list of (name, bytes)
        Files that hold data, in order of their names.
    left : list of str
        The others.

    Raises
    ------
    InputError
        It is damaged, locked, unpacks to more than an export can be, or holds a path that leads out of it.
    """
    parts: list[tuple[str, bytes]] = []
    left: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = sorted((m for m in archive.infolist() if not m.is_dir()), key=lambda m: m.filename)
            _check(members, len(raw), path)
            for member in members:
                inside = PurePosixPath(member.filename)
                if not holds_data(member.filename):
                    left.append(inside.name if "__MACOSX" not in inside.parts else str(inside))
                    continue
                with archive.open(member) as file:
                    data = file.read(member.file_size + 1)
                if len(data) > member.file_size:
                    raise InputError(
                        N_("{filename} is larger than it claims to be"),
                        where=str(path),
                        do=BOMB,
                        facts={"filename": member.filename},
                    )
                parts.append((member.filename, data))
    except (zipfile.BadZipFile, zlib.error, OSError) as fault:
        raise InputError(
            N_("the zip cannot be read: {fault}"), where=str(path), do=_UNPACK, facts={"fault": fault}
        ) from fault
    if not parts:
        raise InputError(
            N_("there is no data file in the zip"), where=str(path), do=N_("pack a CSV, JSON, XLSX or SQLite file")
        )
    return parts, left


def _check(members: list[zipfile.ZipInfo], packed: int, path: Path) -> None:
    size = sum(m.file_size for m in members)
    if size > unpacked_limit(packed) or len(members) > MEMBERS:
        raise InputError(
            N_("the zip unpacks to {size} MB in {members} files"),
            where=str(path),
            do=BOMB,
            facts={"size": size // MB, "members": len(members)},
        )
    known = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    for member in members:
        if member.flag_bits & 1 or member.compress_type not in known:
            raise InputError(
                N_("the zip is locked or packed in a way that cannot be read"), where=str(path), do=_UNPACK
            )
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts:
            raise InputError(
                N_("the zip holds a path that leads out of it: {filename!r}"),
                where=str(path),
                do=BOMB,
                facts={"filename": member.filename},
            )


def holds_data(name: str) -> bool:
    """Whether a file in an archive holds data, by its name.

    Parameters
    ----------
    name : str
        Its path inside.
    """
    inside = PurePosixPath(name)
    lower = inside.name.casefold()
    if "__MACOSX" in inside.parts or lower.startswith((".", "readme", "license")):
        return False
    return lower.endswith((*ENDINGS, *PACKED)) or any(word in lower for word in _CHATS)


def read_sqlite(raw: bytes, name: str) -> list[tuple[str, list[str], pa.Table]]:
    """The filled tables of a SQLite file.

    Parameters
    ----------
    raw : bytes
        The file.
    name : str
        Of the file.

    Returns
    -------
    list of (title, header, table)
        `c0`, … as strings; empty tables are passed over.

    Raises
    ------
    InputError
        It is damaged or has no filled table.
    """
    found = []
    try:
        with closing(sqlite3.connect(":memory:")) as db:
            db.deserialize(raw)
            db.text_factory = lambda b: b.decode("utf-8", "replace")
            names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
            for table in (n for n in names if not n.startswith("sqlite_")):
                quoted = table.replace('"', '""')
                cursor = db.execute(f'SELECT * FROM "{quoted}"')
                header = [str(d[0]) for d in cursor.description]
                rows = cursor.fetchall()
                if rows:
                    columns = [pa.array([_cell(v) for v in column], pa.string()) for column in zip(*rows, strict=True)]
                    titles = [f"c{i}" for i in range(len(header))]
                    found.append((f"{name} [{table}]", header, pa.table(columns, names=titles)))
    except sqlite3.Error as fault:
        raise InputError(
            N_("the database is damaged: {fault}"),
            where=name,
            do=N_("copy it again while its tool is closed"),
            facts={"fault": fault},
        ) from fault
    if not found:
        raise InputError(
            N_("the database has no filled table"), where=name, do=N_("let its tool collect something first")
        )
    return found


def _cell(value: object) -> str:
    if value is None or isinstance(value, bytes):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else str(value)
