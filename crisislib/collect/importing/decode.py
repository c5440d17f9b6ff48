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

from crisislib.collect.import_batch import Message
from crisislib.collect.importing.chat_text import is_chat
from crisislib.collect.importing.containers import SQLITE, is_workbook, unpack_zip
from crisislib.collect.importing.discord_page import is_discord_page, is_discord_text
from crisislib.collect.importing.markup_tables import is_markup
from crisislib.collect.importing.packed_streams import DEEPEST, is_stream, is_tar, unpack_stream, unpack_tar
from crisislib.collect.importing.telegram_page import is_telegram_page
from crisislib.collect.importing.text_encoding import decoded, text_encoding
from crisislib.collect.importing.wide_text import LOST
from crisislib.collect.importing.xml_records import is_xml
from crisislib.collect.importing.yaml_records import is_yaml
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_

LEFT_OUT = N_("{file}: no data files, left out: {files}")
UNREADABLE = N_("{file} was left out: {why}")
DAMAGED = N_(
    "{file}: {n} {n:place is|places are} no {encoding} and {n:was|were} replaced by �, in the lines (rows) {lines}"
)
ENCODING = N_("{file}: nothing states the encoding; by its characters the text was read as {encoding}")
MIXED = N_(
    "{file}: {n} {n:line is|lines are} not in UTF-8 like the others and {n:was|were} read as {encoding}: {lines}"
)
SHOWN = 10
"""Lines or files that a message names; a reader looks at a few and takes the rest from the count."""
_HEAD_BYTES = 1 << 16
"""Bytes that tell what a file is."""

_JSON = re.compile(rb'\s*(?:(?:(?:var|let|const)\s+)?[A-Za-z_$][\w.$]*\s*[=(]\s*)?(\{\s*"|\[\s*[{\[\]])')
_MAGIC = {SQLITE: "sqlite", b"PK\x03\x04": "xlsx", b"PAR1": "parquet", b"ARROW1": "parquet", b"\xd0\xcf\x11\xe0": "xls"}


@dataclass(frozen=True)
class Opened:
    """A file as read: what form it has, its bytes (text forms as UTF-8), and its digest."""

    path: Path
    form: str
    """By content: `text`, `json`, `xml`, `yaml`, `chat`, `telegram`, `discord`, `discord text`, `markup`, `sqlite`,
    `xlsx`, `xls` or `parquet`."""
    data: bytes
    sha256: str
    encoding: str
    given: str = ""
    """The file, archive or folder that the user gave."""


def open_files(path: Path) -> tuple[list[Opened], list[Message]]:
    """Read one file or the files in an archive, undo compression, and bring text to UTF-8.

    Parameters
    ----------
    path : Path
        A file.

    Returns
    -------
    files : list of Opened
        One, or the data files of an archive.
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
        return _opened(path, raw, digest, True) if mark else _unpacked(path, raw, digest, 0)


def _digest(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return whole.hexdigest()


def _unpacked(path: Path, raw: bytes, digest: Callable[[], str], depth: int) -> tuple[list[Opened], list[Message]]:
    """A file as it is, or the files in it where it is packed; an archive may hold another."""
    if is_stream(raw):
        raw = unpack_stream(raw, path)
    if is_tar(raw):
        parts, left = unpack_tar(raw, path)
    elif raw.startswith(b"PK\x03\x04") and not is_workbook(raw):
        parts, left = unpack_zip(raw, path)
    else:
        return _opened(path, raw, digest, False)
    if depth == DEEPEST:
        raise InputError(
            N_("archives stand in archives without end"), where=str(path), do=N_("unpack it, and give the files")
        )
    files: list[Opened] = []
    messages: list[Message] = [(LEFT_OUT, {"file": path.name, "files": ", ".join(left[:SHOWN])})] if left else []
    for name, data in parts:
        try:
            some, more = _unpacked(path.parent / path.name / name, data, partial(_digest, data), depth + 1)
        except InputError as fault:
            if len(parts) == 1:
                raise
            messages.append((UNREADABLE, {"file": name, "why": fault.wrong}))
            continue
        files += some
        messages += more
    if not files:
        raise InputError(
            N_("no file in the archive can be read"), where=str(path), do=N_("unpack it, and look at its files")
        )
    return files, messages


def _opened(path: Path, raw: bytes, digest: Callable[[], str], marked: bool) -> tuple[list[Opened], list[Message]]:
    if _blank(raw):
        raise InputError(
            N_("the file is empty"), where=str(path), do=N_("export it again and look at it before importing")
        )
    form = next((name for magic, name in _MAGIC.items() if not marked and raw.startswith(magic)), "text")
    if form != "text":
        return [Opened(path, form, raw, digest(), "")], []
    encoding, whole = text_encoding(codecs.BOM_UTF8 + raw if marked else raw)
    if encoding is None:
        raise InputError(
            N_("this is neither text in a known encoding nor a workbook, JSON, SQLite or Parquet file"),
            where=str(path),
            do=N_("export it as CSV in UTF-8, or as XLSX"),
        )
    messages: list[Message] = []
    if encoding == "utf-8" and whole:
        data = raw
    else:
        text, strange = decoded(raw, encoding)
        messages += _about_encoding(path.name, encoding, strange)
        lost = text.count(LOST) - raw.count(LOST.encode()) * (encoding == "utf-8")
        if lost > 0:
            rows = [n for n, line in enumerate(text.split("\n"), 1) if LOST in line]
            shown = ", ".join(map(str, rows[:SHOWN])) + (", …" if len(rows) > SHOWN else "")
            messages.append((DAMAGED, {"file": path.name, "n": lost, "lines": shown, "encoding": encoding}))
        data = text.encode("utf-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    if _blank(data):
        raise InputError(
            N_("the file is empty"), where=str(path), do=N_("export it again and look at it before importing")
        )
    return [Opened(path, _form(data), data, digest(), encoding)], messages


def _about_encoding(name: str, encoding: str, strange: list[int]) -> list[Message]:
    """What was assumed of the encoding."""
    second = encoding.partition("+")[2]
    if second:
        lines = ", ".join(map(str, strange[:SHOWN])) + (", …" if len(strange) > SHOWN else "")
        return [(MIXED, {"file": name, "n": len(strange), "encoding": second, "lines": lines})]
    return [] if encoding.startswith("utf-") else [(ENCODING, {"file": name, "encoding": encoding})]


def _form(data: bytes) -> str:
    """JSON, a page with tables, a saved chat, or a table."""
    if _JSON.match(data):
        return "json"
    if is_markup(data[:_HEAD_BYTES]):
        return "telegram" if is_telegram_page(data) else "discord" if is_discord_page(data) else "markup"
    if is_xml(data[:_HEAD_BYTES]):
        return "xml"
    head = data[:_HEAD_BYTES].decode("utf-8", "ignore")
    if is_discord_text(head):
        return "discord text"
    return "chat" if is_chat(head) else "yaml" if is_yaml(head) else "text"


def _read(path: Path) -> tuple[bytes, bytes]:
    """The mark of UTF-8 if the file begins with it, and what follows; apart, so that nothing is copied later."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(N_("this is no regular file"), where=str(path), do=N_("give a file, or a folder of files"))
        with path.open("rb", buffering=0) as file:  # a buffer would be joined to the rest by a copy
            mark = file.read(len(codecs.BOM_UTF8))
            if mark != codecs.BOM_UTF8:
                mark = b""
                file.seek(0)
            return mark, file.read()
    except OSError as fault:
        raise InputError(
            N_("cannot be read: {strerror}"),
            where=str(path),
            do=N_("check the path and the rights"),
            facts={"strerror": fault.strerror},
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
