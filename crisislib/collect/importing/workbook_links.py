"""Addresses behind the cells of a workbook, which its reader does not hand on: links set on cells, and HYPERLINK()."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from posixpath import join, normpath
from typing import Any

PIECE = 1 << 22
"""Bytes read at once: few calls, little memory."""
OVERLAP = 1 << 13
"""Bytes read again with the next piece: an address has at most two thousand characters."""
_LINK = re.compile(rb"<(?:\w+:)?hyperlink\b[^>]*>")
_FORMULA = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<(?:\w+:)?f[^>]*>\s*HYPERLINK\((?:&quot;|")(https?:.*?)(?:&quot;|")'
)
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+\.(?:com|cn|net|org)(?:/\S*)?")
_MAIN = "xl/workbook.xml"

Links = dict[tuple[int, int], str]
"""(row, column), both from 0 -> address."""


def links_of_book(data: bytes) -> dict[str, Links]:
    """Addresses behind the cells of each sheet.

    Parameters
    ----------
    data : bytes
        The workbook; of any other form than XLSX there are none.
    """
    found: dict[str, Links] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            targets = _targets(book, "xl/_rels/workbook.xml.rels", "xl")
            main = book.read(_MAIN).decode("utf-8", "replace") if _MAIN in book.NameToInfo else ""
            for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", main):
                stated = dict(_ATTRIBUTE.findall(tag))
                path = targets.get(next((v for k, v in stated.items() if k.endswith(":id")), ""), "")
                if path in book.NameToInfo:
                    found[unescape(stated.get("name", ""))] = dict(_links(book, path))
    except (zipfile.BadZipFile, OSError):
        return {}  # no workbook of this form; the reader says what is wrong
    return {name: links for name, links in found.items() if links}


def _targets(book: zipfile.ZipFile, path: str, folder: str) -> dict[str, str]:
    """Id -> what it stands for, of the relations of a part."""
    if path not in book.NameToInfo:
        return {}
    tags = re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", book.read(path).decode("utf-8", "replace"))
    stated = [dict(_ATTRIBUTE.findall(tag)) for tag in tags]
    return {
        s.get("Id", ""): unescape(s["Target"])
        if s.get("TargetMode") == "External"
        else normpath(join(folder, s["Target"])).lstrip("/")
        for s in stated
        if "Target" in s
    }


def _links(book: zipfile.ZipFile, path: str) -> Iterator[tuple[tuple[int, int], str]]:
    folder, _, name = path.rpartition("/")
    targets = _targets(book, f"{folder}/_rels/{name}.rels", folder)
    tail = b""
    with book.open(path) as file:
        while piece := file.read(PIECE):
            text = tail + piece
            for tag in _LINK.findall(text) if b"hyperlink" in text else ():
                stated = dict(_ATTRIBUTE.findall(tag.decode("utf-8", "replace")))
                address = targets.get(next((v for k, v in stated.items() if k.endswith(":id")), ""), "")
                if address.startswith("http") and (place := _PLACE.match(stated.get("ref", ""))):
                    yield _at(place), address
            for cell, address in _FORMULA.findall(text) if b"HYPERLINK(" in text else ():
                if place := _PLACE.match(cell.decode()):
                    yield _at(place), unescape(address.decode("utf-8", "replace"))
            tail = text[-OVERLAP:]


def _at(place: re.Match[str]) -> tuple[int, int]:
    column = 0
    for letter in place[1]:
        column = column * 26 + ord(letter) - 64
    return int(place[2]) - 1, column - 1


def with_links(rows: list[list[Any]], links: Links) -> tuple[list[list[Any]], dict[int, int]]:
    """Rows with the addresses behind their cells.

    Parameters
    ----------
    rows : list of list
        Cells of a sheet.
    links : dict
        Of :func:`links_of_book`.

    Returns
    -------
    rows : list of list
        A cell that says "View", or shows its address cut, becomes the address; beside cells with words of their own
        stands a column with the addresses.
    added : dict of int to int
        Place of an added column -> place of the column whose cells have these addresses.
    """
    by_column: dict[int, Links] = {}
    for (row, column), address in links.items():
        if row < len(rows) and column < len(rows[row]):
            by_column.setdefault(column, {})[row, column] = address
    added: dict[int, int] = {}
    for column, some in sorted(by_column.items()):
        words = {str(rows[row][column]).strip() for row, _ in some}
        label = len(words) == 1 and (len(some) > 1 or _is_label(next(iter(words))))
        if label or all(_ADDRESS.match(word) for word in words):
            for (row, _), address in some.items():
                rows[row][column] = address
            continue
        added[len(rows[0])] = column
        for number, cells in enumerate(rows):
            cells.append(some.get((number, column), ""))
    return rows, added


def _is_label(word: str) -> bool:
    """Whether a cell is one word, as the text of a link is where only one row has it."""
    return len(word.split()) <= 1 and len(word) <= len("Permalink")
