"""How far the cells of a workbook reach, read before its reader makes room for all between them."""

from __future__ import annotations

import io
import re
import zipfile

from crisislib.collect.importing.containers import MB
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_

LARGEST = 64_000_000
"""Cells that a sheet may span: a million rows of 64 columns, more than an export has."""
UNPACKED = 2048 * MB
"""Bytes of one sheet; a million rows of 40 columns are about half of it."""
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,9})"')
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,9})"')
_PIECE = 1 << 22
"""Bytes read at once: few calls, little memory."""
_OVERLAP = 256
"""Bytes read again with the next piece: the start of a cell is shorter."""


def check_extent(data: bytes, name: str) -> None:
    """Refuse a workbook whose sheet spans more cells than memory holds.

    Parameters
    ----------
    data : bytes
        The workbook.
    name : str
        Named in the error.

    Raises
    ------
    InputError
        A sheet has a cell far from the others, or unpacks to more than a sheet can be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", member.filename):
                    if member.file_size > UNPACKED:
                        raise InputError(
                            N_("its sheet unpacks to {file_size} MB"),
                            where=name,
                            do=N_("export it as CSV"),
                            facts={"file_size": member.file_size // MB},
                        )
                    _check_worksheet(archive, member, name)
    except zipfile.BadZipFile:
        return  # the reader says what is wrong


def _check_worksheet(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    row, column, tail = 0, 0, b""
    with archive.open(member) as file:
        while piece := file.read(_PIECE):
            text = tail + piece
            row = max([row, *(int(n) for n in _ROW.findall(text))])
            widest = max((n for n, _ in set(_CELL.findall(text))), key=lambda n: (len(n), n), default=b"")
            column = max(column, _number(widest))
            tail = text[-_OVERLAP:]
    if row * column > LARGEST:
        raise InputError(
            N_(
                "a cell stands so far from the others that the sheet has {row} {row:row|rows} and "
                "{column} {column:column|columns}"
            ),
            where=name,
            do=N_("delete the cells beside and below the table and save it, or export it as CSV"),
            facts={"row": row, "column": column},
        )


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
