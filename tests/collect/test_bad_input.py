"""Bad input: a clear error, or a rejected row with its reason; the counts always add up."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisislib.collect import Batch, read_export, read_exports, write_rejects
from crisislib.core.errors import CrisisError, InputError, LayoutError

from .helpers import NOW, record, rows, sample, watch

GOOD = (
    "id,created_at,author,text,likes\n1,2026-08-01 10:00:00,ann,glass in tea,3\n2,2026-08-01 11:00:00,bob,fine tea,4\n"
)


def put(folder: Path, text: str | bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(folder: Path, text: str | bytes, name: str = "a.csv", query: str = "", **more: Any) -> Batch:
    return read_export(put(folder, text, name), watch(query=query), now=NOW, **more)


def reasons(batch: Batch) -> list[tuple[int, str, str]]:
    return [(r["row_no"], r["column"], r["reason"]) for r in rows(batch.rejects)]


def adds_up(batch: Batch, unasked: int = 0) -> bool:
    r = record(batch)
    return bool(r["n_read"] == r["n_kept"] + r["n_rejected"] + r["n_duplicate"] + unasked)


@pytest.mark.parametrize("content", [b"", b"   \n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_an_empty_file_says_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match="empty"):
        read(tmp_path, content)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_export(tmp_path / "none.csv", watch(), now=NOW)
    with pytest.raises(InputError, match="no export file"):
        read_export(tmp_path, watch(), now=NOW)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x00\x01\x02\xff\xfe\x00\x03" * 40, "a.csv"),
        (b"\x1f\x8b\x08\x00broken", "a.csv.gz"),
        (b"PK\x03\x04 no workbook", "a.xlsx"),
        (b"PAR1 no parquet PAR1", "a.parquet"),
        (b'[{"text": "a", ', "a.json"),
    ],
)
def test_a_damaged_file_is_an_input_error_that_names_it(tmp_path: Path, content: bytes, name: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, content, name)
    assert name in str(caught.value)
    assert "What to do" in str(caught.value)


def test_a_renamed_column_is_named_and_a_mapping_mends_it(tmp_path: Path) -> None:
    text = sample("weibo-search").read_text(encoding="utf-8-sig").replace("微博正文", "文本框")
    unaided = read(tmp_path, text)
    assert record(unaided)["n_kept"] == 2
    assert any("weibo-search" in line and "微博正文" in line for line in unaided.warnings)
    batch = read_export(tmp_path / "a.csv", watch(), layout="weibo-search", mapping={"text": "文本框"}, now=NOW)
    assert record(batch)["n_kept"] == 2
    assert "玻璃" in rows(batch.posts)[0]["text"]


def test_a_needed_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    text = sample("weibo-search").read_text(encoding="utf-8-sig").replace("发布时间", "何时")
    with pytest.raises(LayoutError, match=r"created.*发布时间"):
        read(tmp_path, text)


def test_moved_columns_do_not_matter(tmp_path: Path) -> None:
    table = list(csv.reader(io.StringIO(GOOD)))
    moved = io.StringIO()
    csv.writer(moved).writerows([row[::-1] for row in table])
    one, two = read(tmp_path, GOOD), read(tmp_path, moved.getvalue(), "b.csv")
    drop = ["batch_id"]
    assert one.posts.drop_columns(drop).equals(two.posts.drop_columns(drop))


@pytest.mark.parametrize(
    ("mapping", "match"),
    [({"txt": "text"}, "no field 'txt'"), ({"text": "body"}, "no column 'body'"), ({"platform": "weibo"}, "=weibo")],
)
def test_a_wrong_mapping_says_what_there_is(tmp_path: Path, mapping: dict[str, str], match: str) -> None:
    with pytest.raises(LayoutError, match=match):
        read(tmp_path, GOOD, mapping=mapping)


def test_an_unknown_layout_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="weibo-search"):
        read(tmp_path, GOOD, layout="weibo")


def test_bad_rows_are_kept_apart_with_row_column_and_reason(tmp_path: Path) -> None:
    later = (NOW + timedelta(days=3)).isoformat()
    text = GOOD + f"3,2026-02-30 10:00,ann,impossible,1\n4,{later},ann,early,1\n"
    text += "5,,ann,timeless,1\n6,2026-08-01,ann\n7,1970-01-01,ann,old,1\n,2026-08-01,ann,,1\n"
    batch = read(tmp_path, text)
    found = reasons(batch)
    assert [(row, column) for row, column, _ in found] == [
        (4, "created_at"), (5, "created_at"), (6, "created_at"), (7, None), (8, "created_at"), (9, "text"),
    ]  # fmt: skip
    assert "possible date" in found[0][2]
    assert "future" in found[1][2]
    assert "no time" in found[2][2]
    assert "number of cells" in found[3][2]
    assert record(batch)["n_kept"] == 2
    assert adds_up(batch)
    assert json.loads(rows(batch.rejects)[0]["cells"])["text"] == "impossible"


def test_reasons_are_said_in_the_watchs_language(tmp_path: Path) -> None:
    path = put(tmp_path, GOOD + "3,2026-02-30 10:00,ann,impossible,1\n")
    reason = rows(read_export(path, watch(language="zh"), now=NOW).rejects)[0]["reason"]
    assert any("\u4e00" <= c <= "\u9fff" for c in reason)


def test_a_day_ahead_is_a_zone_and_not_an_error(tmp_path: Path) -> None:
    batch = read(tmp_path, GOOD + f"3,{(NOW + timedelta(hours=20)).isoformat()},ann,x,1\n")
    assert record(batch)["n_rejected"] == 0


def test_zero_matching_posts_is_said(tmp_path: Path) -> None:
    batch = read(tmp_path, GOOD, query="nothing-like-this")
    assert record(batch)["n_kept"] == 0
    assert record(batch)["ok"] is False
    assert any("none of the rows that could be read (2)" in line for line in batch.warnings)
    assert adds_up(batch, unasked=2)


def test_replies_follow_the_post_that_the_query_chose(tmp_path: Path) -> None:
    text = "id,created_at,text,parent_id\n1,2026-08-01 10:00,glass in tea,\n"
    text += "2,2026-08-01 10:01,me too,1\n3,2026-08-01 10:02,weather,\n"
    batch = read(tmp_path, text, query="glass")
    assert [p["post_id"] for p in rows(batch.posts)] == ["web:1", "web:2"]
    assert any("1 row does not match" in line for line in batch.warnings)


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    paths = [put(tmp_path, GOOD), put(tmp_path, GOOD, "copy.csv")]
    batch = read_export(paths, watch(), now=NOW)
    assert record(batch)["n_read"] == 2
    assert any("same content" in line for line in batch.warnings)


def test_rows_given_twice_count_as_duplicates(tmp_path: Path) -> None:
    batch = read(tmp_path, GOOD + GOOD.split("\n", 1)[1])
    assert (record(batch)["n_kept"], record(batch)["n_duplicate"]) == (2, 2)
    assert adds_up(batch)


def test_the_batch_id_is_of_watch_content_and_settings(tmp_path: Path) -> None:
    one = record(read(tmp_path, GOOD))["batch_id"]
    assert record(read(tmp_path, GOOD, "other-name.csv"))["batch_id"] == one
    assert record(read(tmp_path, GOOD + "9,2026-08-02,x,y,1\n"))["batch_id"] != one
    path = put(tmp_path, GOOD)
    assert record(read_export(path, watch(), now=NOW))["batch_id"] == one
    others = [watch(watch="other"), watch(query="tea"), watch(timezone="Asia/Tokyo")]
    assert all(record(read_export(path, other, now=NOW))["batch_id"] != one for other in others)
    assert record(read_export(path, watch(), mapping={"text": "author"}, now=NOW))["batch_id"] != one


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_and_delimiters_are_told_apart(tmp_path: Path, encoding: str, delimiter: str) -> None:
    out = io.StringIO()
    table = [["时间", "内容", "作者"], ["2026-08-01 10:00", "奶茶里有玻璃，\n要求处理；", "小明"]]
    csv.writer(out, delimiter=delimiter).writerows(table)
    post = rows(read(tmp_path, out.getvalue().encode(encoding)).posts)[0]
    assert (post["text"], post["account_id"]) == ("奶茶里有玻璃，\n要求处理；", "web:@小明")


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    post = rows(read(tmp_path, "date,text\n2026-08-01,café très déçu à l'été\n".encode("cp1252")).posts)[0]
    assert post["text"] == "café très déçu à l'été"


def test_a_column_that_stands_twice_is_said_and_both_are_kept(tmp_path: Path) -> None:
    batch = read(tmp_path, "date,text,note,note\n2026-08-01,hello,one,two\n")
    assert any("note" in line and "more than once" in line for line in batch.warnings)
    assert json.loads(rows(batch.posts)[0]["extra"]) == {"note": "one", "note (2)": "two"}


def test_ids_that_a_spreadsheet_rounded_are_not_believed(tmp_path: Path) -> None:
    batch = read(tmp_path, "id,date,text\n4.9E+18,2026-08-01,one\n4.9E+18,2026-08-01,two\n")
    ids = {p["post_id"] for p in rows(batch.posts)}
    assert len(ids) == 2
    assert not any("E+18" in i for i in ids)
    assert any("2 ids were rounded" in line for line in batch.warnings)


def test_an_open_quote_does_not_swallow_the_file_in_silence(tmp_path: Path) -> None:
    batch = read(tmp_path, GOOD + '3,2026-08-01,ann,"open,1\n4,2026-08-01,bob,next,2\n')
    assert record(batch)["n_kept"] == 3
    assert reasons(batch)[0][0] == 4
    assert "quote" in reasons(batch)[0][2]


def test_numeric_dates_are_read_by_what_the_file_shows(tmp_path: Path) -> None:
    months = {}
    for name, dates in {
        "dmy": ("03/04/2026", "25/04/2026"),
        "mdy": ("03/04/2026", "04/25/2026"),
        "either": ("03/04/2026",),
    }.items():
        batch = read(tmp_path, "date,text\n" + "".join(f"{d},x{i}\n" for i, d in enumerate(dates)), f"{name}.csv")
        months[name] = rows(batch.posts)[0]["created_at"].month
        assert any("ambiguous" in line for line in batch.warnings) == (name == "either")
    assert months == {"dmy": 4, "mdy": 3, "either": 3}
    assert rows(read(tmp_path, "date,text\n03/04/2026,x\n", mapping={"dates": "dmy"}).posts)[0]["created_at"].month == 4


def test_workbook_parquet_and_json_give_the_same_posts(tmp_path: Path) -> None:
    header, *body = list(csv.reader(io.StringIO(GOOD)))
    book = openpyxl.Workbook()
    for row in [["Report: made up"], [], header, *body]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    pq.write_table(pa.table({h: [r[i] for r in body] for i, h in enumerate(header)}), tmp_path / "a.parquet")
    objects = [dict(zip(header, r, strict=True)) for r in body]
    put(tmp_path, json.dumps(objects), "a.json")
    put(tmp_path, json.dumps({"meta": {"n": 2}, "data": objects}, indent=1), "b.json")
    put(tmp_path, "\n".join(map(json.dumps, objects)) + "\nnot json\n", "a.jsonl")
    wanted = read(tmp_path, GOOD).posts.drop_columns(["batch_id", "row_no"])
    for name in ("a.xlsx", "a.parquet", "a.json", "b.json", "a.jsonl"):
        batch = read_export(tmp_path / name, watch(), now=NOW)
        assert batch.posts.drop_columns(["batch_id", "row_no"]).equals(wanted), name
        assert record(batch)["n_rejected"] == (name == "a.jsonl")


def test_rejects_are_written_without_formulas(tmp_path: Path) -> None:
    batch = read(tmp_path, "id,date,text\n1,=HYPERLINK(A1),x\n2,2026-08-01,fine\n")
    path = write_rejects(batch, tmp_path / "rejects")
    assert path is not None
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert table[0] == ["row_no", "column", "reason", "cells"]
    assert table[1][0] == "2"
    assert not any(cell[:1] in ("=", "+", "-", "@") for row in table for cell in row)
    assert write_rejects(read(tmp_path, GOOD), tmp_path / "rejects") is None


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    (tmp_path / "a.csv").write_text(GOOD, encoding="utf-8")
    read_exports(tmp_path / "a.csv", watch(), now=NOW, progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 2)
    assert seen[-1] == (2, 2)


CELL = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "2026-08-01 10:00",
            "2026-02-30",
            "1785558600",
            "=1+1",
            "nan",
            "4.9E+18",
            '"',
            "\n",
            "1.2万",
            "12%",
            "-1",
            "99999999999999999999",
        ]
    ),
)


TABLE = st.lists(st.tuples(CELL, CELL, CELL, CELL, CELL), min_size=1, max_size=8)
QUERY = st.sampled_from(["", "a OR 1"])


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=TABLE, query=QUERY)
def test_any_table_of_strings_becomes_posts_or_rejects(
    tmp_path: Path, table: list[tuple[str, ...]], query: str
) -> None:
    whatever_it_is_it_is_accounted_for(tmp_path, table, query)


@pytest.mark.slow
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=TABLE, query=QUERY)
def test_many_tables_of_strings_become_posts_or_rejects(
    tmp_path: Path, table: list[tuple[str, ...]], query: str
) -> None:
    whatever_it_is_it_is_accounted_for(tmp_path, table, query)


def whatever_it_is_it_is_accounted_for(tmp_path: Path, table: list[tuple[str, ...]], query: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "created_at", "author", "text", "likes"])
    writer.writerows(table)
    path = put(tmp_path, out.getvalue().encode("utf-8", errors="replace"))
    try:
        one = read_export(path, watch(query=query), now=NOW)
    except CrisisError:
        return
    r = record(one)
    unasked = r["n_read"] - r["n_kept"] - r["n_rejected"] - r["n_duplicate"]
    assert 0 <= unasked <= r["n_read"] <= len(table)
    assert query or unasked == 0
    assert r["n_kept"] == one.posts.num_rows
    assert r["n_rejected"] == one.rejects.num_rows
    for post in rows(one.posts):
        json.loads(post["extra"])
        assert post["created_at"] <= NOW + timedelta(days=1)
    assert read_export(path, watch(query=query), now=NOW).posts.equals(one.posts)
