"""Cells of a download, whatever strangers wrote: nothing runs, nothing is lost, and the importer reads them back."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

import crisislib
from crisislib.workbench.pages.evidence_model import web_address
from crisislib.workbench.pages.posts_model import COLUMNS, neutral

FORMULA = "=+-@＝＋－＠\t\r\n"
SIGNS = "=+-@'\"<>&,;|\t\r\n \u00a0\u3000＝＠\x1b\x00\u202e\u2028\ufffe"
hostile = st.text(st.one_of(st.sampled_from(SIGNS), st.characters()), max_size=40)
ADDRESSES = ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", "HTTPS://a.example/x",
             "https://a.example/?q=1&b=2", " http://a.example ", "ftp://a.example"]  # fmt: skip


@settings(max_examples=150)
@given(hostile)
@example("\ufffe=1")
@example(" \u3000＝cmd|' /C calc'!A0")
def test_no_cell_is_a_formula_and_every_table_can_be_written(text: str) -> None:
    cell = neutral(text)
    assert not cell.lstrip(" \u00a0\u3000").startswith(tuple(FORMULA))
    assert not any(ord(c) < 32 and c not in "\t\n" for c in cell), "no control character"
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([cell, "next"])
    assert next(csv.reader(io.StringIO(line.getvalue(), newline=""))) == [cell, "next"]
    book, made = Workbook(write_only=True), io.BytesIO()
    book.create_sheet("posts").append([cell, "next"])
    book.save(made)
    sheet = load_workbook(io.BytesIO(made.getvalue())).active
    assert sheet is not None
    shown = sheet["A1"]
    assert shown.data_type != "f" and (shown.value or "").strip() == cell.strip()
    assert b"<f>" not in ZipFile(made).read("xl/worksheets/sheet1.xml")


@settings(max_examples=60)
@given(st.one_of(hostile, st.sampled_from(ADDRESSES)))
def test_only_an_address_of_the_web_becomes_a_link(address: str) -> None:
    link = web_address(address)
    assert link == "" or link.lower().startswith(("http://", "https://"))


words = st.text(st.characters(categories=["L", "N", "P", "S"], include_characters=" "), min_size=1, max_size=60).filter(
    lambda text: text.strip() == text and any(c.isalpha() for c in text) and "<" not in text and "&" not in text
)


@settings(max_examples=12)
@given(st.lists(words, min_size=1, max_size=8))
@example(["=1+1 是公式", "@Aurora when?", "-- no"])
def test_what_was_made_harmless_is_read_back_as_it_was_written(texts: list[str]) -> None:
    day, who = "2026-03-01 10:00:00+0800", "王***a"
    ids = [f"weibo:50000000000000{i:02d}" for i in range(len(texts))]
    rows = [[day, "weibo", who, neutral(t), 1, 2, "neutral", own, ""] for t, own in zip(texts, ids, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "posts.csv"
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            csv.writer(out, lineterminator="\r\n").writerows([COLUMNS, *rows])
        export = crisislib.read_export(file)
    assert export.layout == "workbench-posts" and len(export.posts) == len(texts)
    back = export.posts.set_index("post_id")["text"]
    assert [back[own] for own in ids] == texts


@pytest.mark.parametrize("cell", ["\ud800", None, 7])
def test_what_is_no_text_is_an_empty_or_a_visible_cell(cell: object) -> None:
    assert neutral(cell) in ("", "\\ud800")
