"""From a path to text: hash, decompression and encoding of an export file."""

from __future__ import annotations

import codecs
import hashlib
import re
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from crisislib.collect.import_batch import Message
from crisislib.collect.importing.chat_text import is_chat
from crisislib.collect.importing.containers import SQLITE, is_workbook, unpack_gzip, unpack_zip
from crisislib.collect.importing.markup_tables import is_markup
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_

LEFT_OUT = N_("{file}: no data files, left out: {files}")
UNREADABLE = N_("{file} was left out: {why}")
DAMAGED = N_(
    "{file}: {n} {n:place is|places are} no {encoding} and {n:was|were} replaced by �, in the lines (rows) {lines}"
)
LOST = "\ufffd"
"""Stands for what could not be decoded."""
DAMAGE = 0.02
"""Share of damaged characters up to which a file is still in an encoding: text in another one is damaged throughout."""
UTF8_DAMAGE = 0.25
"""The same for UTF-8: its characters of several bytes do not come about by chance; a short text may lack more."""
SHOWN = 10
"""Lines or files that a message names; a reader looks at a few and takes the rest from the count."""
_HEAD_BYTES = 1 << 16
"""Bytes that tell what a file is."""

_JSON = re.compile(rb'\s*(?:window\.[\w.]+\s*=\s*)?(\{\s*"|\[\s*[{\[\]])')
_HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_MAGIC = {SQLITE: "sqlite", b"PK\x03\x04": "xlsx", b"PAR1": "parquet", b"\xd0\xcf\x11\xe0": "xls"}


@dataclass(frozen=True)
class Opened:
    """A file as read: what form it has, its bytes (text forms as UTF-8), and its digest."""

    path: Path
    form: str
    """`text`, `json`, `chat`, `markup`, `sqlite`, `xlsx`, `xls` or `parquet`, by content."""
    data: bytes
    sha256: str
    encoding: str


def open_files(path: Path) -> tuple[list[Opened], list[Message]]:
    """Read one file or the files in a zip, undo gzip, and bring text to UTF-8.

    Parameters
    ----------
    path : Path
        A file.

    Returns
    -------
    files : list of Opened
        One, or the data files of a zip.
    messages : list of Message
        What was left out or is damaged.

    Raises
    ------
    InputError
        The file is absent, unreadable, empty, or nothing that can hold an export.
    """
    mark, raw = _read(path)
    with ThreadPoolExecutor(1) as beside:  # the hash takes as long as looking for the encoding does
        digest = beside.submit(_digest, mark, raw).result
        if not mark and raw[:2] == b"\x1f\x8b":
            raw = unpack_gzip(raw, path)
        if not mark and raw.startswith(b"PK\x03\x04") and not is_workbook(raw):
            return _unzipped(raw, path)
        return _opened(path, raw, digest, bool(mark))


def _digest(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return whole.hexdigest()


def _unzipped(raw: bytes, path: Path) -> tuple[list[Opened], list[Message]]:
    """The files of a zip; one that cannot be read is messages and left out, unless it is the only one."""
    parts, left = unpack_zip(raw, path)
    files: list[Opened] = []
    messages: list[Message] = [(LEFT_OUT, {"file": path.name, "files": ", ".join(left[:SHOWN])})] if left else []
    for name, data in parts:
        inside = path.parent / path.name / name
        try:
            content = unpack_gzip(data, inside) if data[:2] == b"\x1f\x8b" else data
            some, more = _opened(inside, content, partial(_digest, data), False)
        except InputError as fault:
            if len(parts) == 1:
                raise
            messages.append((UNREADABLE, {"file": name, "why": fault.what}))
            continue
        files += some
        messages += more
    if not files:
        raise InputError("no file in the zip can be read", where=str(path), do="unpack it, and look at its files")
    return files, messages


def _opened(path: Path, raw: bytes, digest: Callable[[], str], marked: bool) -> tuple[list[Opened], list[Message]]:
    if _blank(raw):
        raise InputError("the file is empty", where=str(path), do="export it again and look at it before importing")
    form = next((name for magic, name in _MAGIC.items() if not marked and raw.startswith(magic)), "text")
    if form != "text":
        return [Opened(path, form, raw, digest(), "")], []
    encoding, whole = text_encoding(codecs.BOM_UTF8 + raw if marked else raw)
    if encoding is None:
        raise InputError(
            "this is neither text in a known encoding nor a workbook, JSON, SQLite or Parquet file",
            where=str(path),
            do="export it as CSV in UTF-8, or as XLSX",
        )
    messages: list[Message] = []
    if encoding == "utf-8" and whole:
        data = raw
    else:
        text = (joined_halves(raw) if encoding == "utf-8" else raw).decode(encoding, "replace")
        lost = text.count(LOST) - raw.count(LOST.encode()) * (encoding == "utf-8")
        if lost > 0:
            rows = [n for n, line in enumerate(text.split("\n"), 1) if LOST in line]
            shown = ", ".join(map(str, rows[:SHOWN])) + (", …" if len(rows) > SHOWN else "")
            messages.append((DAMAGED, {"file": path.name, "n": lost, "lines": shown, "encoding": encoding}))
        data = text.encode("utf-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    if _blank(data):
        raise InputError("the file is empty", where=str(path), do="export it again and look at it before importing")
    return [Opened(path, _form(data), data, digest(), encoding)], messages


def _form(data: bytes) -> str:
    """JSON, a page with tables, a saved chat, or a table."""
    if _JSON.match(data):
        return "json"
    if is_markup(data[:_HEAD_BYTES]):
        return "markup"
    return "chat" if is_chat(data[:_HEAD_BYTES].decode("utf-8", "ignore")) else "text"


def _read(path: Path) -> tuple[bytes, bytes]:
    """The mark of UTF-8 if the file begins with it, and what follows; apart, so that nothing is copied later."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError("this is no regular file", where=str(path), do="give a file, or a folder of files")
        with path.open("rb", buffering=0) as file:  # a buffer would be joined to the rest by a copy
            mark = file.read(len(codecs.BOM_UTF8))
            if mark != codecs.BOM_UTF8:
                mark = b""
                file.seek(0)
            return mark, file.read()
    except OSError as fault:
        raise InputError(
            f"cannot be read: {fault.strerror}", where=str(path), do="check the path and the rights"
        ) from fault


def _blank(data: bytes) -> bool:
    """Whether there is nothing but space; looks at the beginning first, so that a large file is not copied."""
    return not data[:4096].strip() and not data.strip()


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes on disk, read in pieces.

    Parameters
    ----------
    path : Path
        A file.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_encoding(raw: bytes) -> tuple[str | None, bool]:
    """The encoding of some text bytes, decided on all of them; None for what is no text.

    Parameters
    ----------
    raw : bytes
        A whole file.

    Returns
    -------
    encoding : str or None
        Of several in which most of the text is whole, in this order: byte-order marks, UTF-8, UTF-16 by its zero
        bytes, GB 18030 where high bytes come in pairs as in Chinese, Windows-1252, Latin-1. UTF-8 and GB 18030 are
        named also where some places are damaged.
    whole : bool
        Whether no place is damaged, where the encoding is UTF-8; looked at once, since files are large.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16" if _mostly(raw, "utf-16", DAMAGE) else None), False
    head = raw[:_HEAD_BYTES]
    zeros = head.count(0)
    if zeros > len(head) // 10:
        wide = "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
        text = raw[:_HEAD_BYTES].decode(wide, "replace")
        controls = sum(c < " " and c not in "\t\r\n" for c in text)
        return (wide if _mostly(raw, wide, DAMAGE) and controls <= len(text) // 100 else None), False
    if _decodes(raw, "utf-8"):
        return "utf-8", True
    if zeros:
        return None, False
    if _mostly(joined_halves(raw), "utf-8", UTF8_DAMAGE):
        return "utf-8", False
    if _paired(head) and _mostly(raw, "gb18030", DAMAGE):
        return "gb18030", False
    return ("cp1252" if _decodes(raw, "cp1252") else "latin-1"), False


def joined_halves(raw: bytes) -> bytes:
    """UTF-8 in which a character was written as its two halves (CESU-8, as old databases do), whole again.

    Parameters
    ----------
    raw : bytes
        UTF-8. A half without its other half becomes one mark of a lost character.
    """
    if not _HALF.search(raw):
        return raw
    paired = _HALVES.sub(
        lambda m: m[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode(), raw
    )
    return _HALF.sub(LOST.encode(), paired)


def _mostly(raw: bytes, encoding: str, damage: float) -> bool:
    """Whether nearly all that is not plain ASCII is whole in an encoding."""
    if _decodes(raw, encoding):
        return True
    text = raw.decode(encoding, "replace")
    lost = text.count(LOST)
    whole = len(text) - lost if encoding.startswith("utf-16") else sum(1 for c in text if c > "\x7f") - lost
    return lost <= damage * whole


def _decodes(raw: bytes, encoding: str) -> bool:
    if encoding == "utf-8":  # three times as fast as decoding, and nothing is copied
        ends = pa.py_buffer(np.array([0, len(raw)], dtype=np.int64))
        try:
            pa.Array.from_buffers(pa.large_utf8(), 1, [None, ends, pa.py_buffer(raw)]).validate(full=True)
        except pa.ArrowInvalid:
            return False
        return True
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _paired(head: bytes) -> bool:
    """Whether runs of high bytes are of even length, as two-byte Chinese characters make them."""
    even = odd = run = 0
    for byte in head:
        if byte >= 0x80:
            run += 1
            continue
        even, odd = even + (run > 0 and run % 2 == 0), odd + run % 2
        run = 0
    return even > 3 * odd
