"""Cells of a workbook, read in a process of its own: its reader can abort, which must cost a file and no program."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import datetime

import pyarrow as pa

from crisislib.collect.importing.workbook_links import links_of_book, with_links
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import Phrase

SECONDS = 600
"""Time that one workbook may take: a million rows of 40 columns need about one minute."""
MEMORY = 8 << 30
"""Bytes of address space: the largest sheet that is let in needs about half; more is a file made to harm."""
REMEDY = N_("open it, save the table alone as a new workbook or as CSV in UTF-8, and import that")


def read_sheets(data: bytes, name: str) -> list[tuple[str, pa.Table]]:
    """The filled sheets of a workbook as tables of text without a header.

    Parameters
    ----------
    data : bytes
        The workbook.
    name : str
        Named in errors.

    Returns
    -------
    list of (str, pyarrow.Table)
        Sheet name, and its columns `c0`, `c1`, … from the first row on; its metadata says under `links` which columns
        hold the addresses behind the cells of which others.

    Raises
    ------
    InputError
        The reader ended itself, ran out of its budget, or cannot read the file.
    """
    words = [sys.executable, "-c", f"from {main.__module__} import {main.__name__}; {main.__name__}()"]
    try:
        done = subprocess.run(words, input=data, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as fault:
        raise InputError(
            N_("reading the workbook took more than {seconds} s"), where=name, do=REMEDY, facts={"seconds": SECONDS}
        ) from fault
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        ended = N_("its reader was ended by signal {signal}") if done.returncode < 0 else N_("its reader ended early")
        why = Phrase(ended, {"signal": -done.returncode})
        raise InputError(
            N_("the workbook cannot be read: {lines}"),
            where=name,
            do=REMEDY,
            facts={"lines": lines[-1][:200] if lines else why},
        )
    sheets = []
    rest = io.BytesIO(done.stdout)
    while rest.tell() < len(done.stdout):
        with pa.ipc.open_stream(rest) as stream:
            table = stream.read_all()
        sheets.append(((table.schema.metadata or {}).get(b"sheet", b"").decode("utf-8"), table))
    return sheets


def _written(cell: object) -> str:
    """A workbook's typed cell as text; whole numbers without a decimal point.

    Parameters
    ----------
    cell : object
        Number, text, truth, day or time.
    """
    if isinstance(cell, float) and cell.is_integer():
        return repr(cell).upper() if abs(cell) >= 2**53 else str(int(cell))
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else str(cell)


def main() -> None:
    """Read a workbook from standard input and write its sheets as Arrow streams; run in the child process."""
    import python_calamine

    _limit_memory()
    data = sys.stdin.buffer.read()
    links = links_of_book(data)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    for sheet in book.sheet_names:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        if rows:
            rows, added = with_links(rows, links.get(sheet, {}))
            columns = [pa.array(map(_written, column), pa.string()) for column in zip(*rows, strict=True)]
            names = [f"c{i}" for i in range(len(columns))]
            table = pa.table(columns, names=names).replace_schema_metadata({"sheet": sheet, "links": json.dumps(added)})
            with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
                stream.write_table(table)
    sys.stdout.buffer.flush()


def _limit_memory() -> None:
    """A bound on the address space, where the system has one."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
