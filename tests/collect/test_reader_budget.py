"""A reader that aborts, hangs or grows costs its file, is named, and takes nothing else with it."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from crisislib.collect import read_export
from crisislib.collect.importing import workbook_cells
from crisislib.core.errors import InputError

from .helpers import NOW, record, watch


def workbook(folder: Path) -> Path:
    """A workbook with two posts."""
    book = openpyxl.Workbook()
    book.active.append(["time", "author", "text"])
    book.active.append(["2026-07-05 10:00:00", "ann", "the cup broke"])
    book.active.append(["2026-07-05 10:01:00", "bob", "mine too"])
    path = folder / "posts.xlsx"
    book.save(path)
    return path


def test_an_aborting_reader_costs_its_file_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path)
    table = tmp_path / "posts.csv"
    table.write_text("time,author,text\n2026-07-05 10:00:00,cy,the plate broke\n", encoding="utf-8")
    monkeypatch.setattr(workbook_cells.main, "__module__", "os")  # the child runs `from os import main`, which fails
    with pytest.raises(InputError, match="workbook") as fault:
        read_export(path, watch(), now=NOW)
    assert "posts.xlsx" in str(fault.value.where)
    both = read_export([path, table], watch(), now=NOW)
    assert record(both)["n_kept"] == 1 and any("posts.xlsx" in line for line in both.warnings)


def test_a_signal_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ended:
        returncode, stdout, stderr = -6, b"", b""

    monkeypatch.setattr("subprocess.run", lambda *_, **__: Ended())
    with pytest.raises(InputError, match="signal 6"):
        workbook_cells.read_sheets(b"PK", "a.xlsx")


def test_a_hanging_reader_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_cells, "SECONDS", 0.01)
    with pytest.raises(InputError, match=r"more than 0\.01 s"):
        workbook_cells.read_sheets(b"PK", "a.xlsx")


def test_sheets_come_back_as_they_are(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "One"
    book.active.append(["id", "n", "yes"])
    book.active.append([1234567890123456789, 2.5, True])
    book.create_sheet("Two").append(["only"])
    book.create_sheet("Empty")
    data = io.BytesIO()
    book.save(data)
    sheets = dict(workbook_cells.read_sheets(data.getvalue(), "a.xlsx"))
    assert set(sheets) == {"One", "Two"}
    assert sheets["One"].to_pylist()[1] == {"c0": "1.234567890123457E+18", "c1": "2.5", "c2": "true"}
