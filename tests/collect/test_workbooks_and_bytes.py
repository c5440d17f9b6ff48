"""What stands behind and above the cells of workbooks, and UTF-16 from which bytes were lost."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from .helpers import record, rows
from .test_kinds_of_files import at, column, read, said


def book(rows_: list[list[object]], links: dict[str, str], merged: tuple[str, ...] = ()) -> bytes:
    """A workbook of one sheet."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows_:
        sheet.append(row)
    for place, address in links.items():
        sheet[place].hyperlink = address
    for span in merged:
        sheet.merge_cells(span)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def test_addresses_behind_cells_are_read(tmp_path: Path) -> None:
    head: list[object] = ["标题", "作者", "发布时间"]
    body: list[list[object]] = [["水有怪味，谁管", "甲", "2026-07-05 10:00"], ["客服不理人", "乙", "2026-07-05 10:05"]]
    links = {"A2": "https://weibo.com/11/Aa1", "A3": "https://weibo.com/12/Aa2", "B2": "https://weibo.com/u/11"}
    batch = read(tmp_path, book([head, *body], links), "a.xlsx")
    assert column(batch, "url") == ["https://weibo.com/11/Aa1", "https://weibo.com/12/Aa2"]
    assert column(batch, "post_id") == ["weibo:Aa1", "weibo:Aa2"]
    assert column(batch, "text") == ["水有怪味，谁管", "客服不理人"]


def test_a_cell_that_says_view_is_its_address(tmp_path: Path) -> None:
    address = "https://x.com/ann/status/1900000000000000001"
    table: list[list[object]] = [["Date", "Author", "Text", "Link"], ["2026-07-05 10:00", "ann", "cup broke", "View"]]
    batch = read(tmp_path, book(table, {"D2": f"{address}?a=1&b=2"}), "a.xlsx")
    assert column(batch, "post_id") == ["x:1900000000000000001"]
    table[1][3] = f'=HYPERLINK("{address}","Open")'
    assert column(read(tmp_path, book(table, {}), "b.xlsx"), "url") == [address]


def test_heads_over_several_columns(tmp_path: Path) -> None:
    table: list[list[object]] = [
        ["Listening report"], ["Date", "Author", "Message", "Engagement", None, None],
        [None, None, None, "Likes", "Shares", "Comments"],
        ["2026-07-05 10:00", "ann", "cup broke", 3, 2, 1], ["2026-07-05 10:05", "bob", "mine too", 0, 0, 5],
    ]  # fmt: skip
    batch = read(tmp_path, book(table, {}, ("D2:F2", "A2:A3", "B2:B3")), "a.xlsx", zone="UTC")
    assert column(batch, "n_likes") == [3, 0] and column(batch, "n_replies") == [1, 5]
    assert record(batch)["n_rejected"] == 0 and column(batch, "created_at")[0] == at(2026, 7, 5, 10)


TABLE = "post_id,created_at,author,text\n" + "".join(
    f"{i},2026-07-05 10:{i % 60:02}:00,用户{i},水有怪味，谁来管一管 😡 第{i}条\n" for i in range(1, 301)
)


@pytest.mark.parametrize(("encoding", "mark"), [("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff"), ("utf-16-le", "")])
def test_a_byte_lost_in_utf16_costs_a_row_and_not_the_rest(tmp_path: Path, encoding: str, mark: str) -> None:
    raw = (mark + TABLE).encode(encoding)
    for lost in (len(raw) // 2, len(raw) // 3, 400):
        batch = read(tmp_path, raw[:lost] + raw[lost + 1 :], f"{lost}.csv")
        good = [t for t in column(batch, "text") if "\ufffd" not in t]
        assert batch.posts.num_rows + batch.rejects.num_rows == 300 and len(good) >= 298, rows(batch.rejects)
        assert said(batch, "1 place is no utf-16")
    assert read(tmp_path, raw, "whole.csv").posts.num_rows == 300
