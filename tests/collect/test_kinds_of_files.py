"""Kinds of real exports, each made here: what an analyst has is opened unaided, and what it lacks is said."""

from __future__ import annotations

import gzip
import io
import json
import os
import sqlite3
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crisislib.collect import Batch, read_export
from crisislib.core.errors import InputError

from .helpers import NOW, record, rows, sample, watch


def read(folder: Path, content: str | bytes, name: str = "a.csv", zone: str = "Asia/Shanghai", **more: Any) -> Batch:
    """One file as read for a watch of a zone."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_export(path, watch(timezone=zone), now=NOW, **more)


def column(batch: Batch, name: str) -> list[Any]:
    """A column of the posts."""
    return list(batch.posts[name].to_pylist())


def said(batch: Batch, *words: str) -> bool:
    """Whether one warning has all of some words."""
    return any(all(w in line for w in words) for line in batch.warnings)


def at(*parts: int) -> datetime:
    """An instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def test_date_and_clock_apart(tmp_path: Path) -> None:
    text = (
        'Fecha,Hora,Usuario,Texto,Me gusta\n05/07/2026,3:10 PM,ana,taza rota,"1,2K"\n25/07/2026,9:05 AM,luis,igual,12\n'
    )
    batch = read(tmp_path, text, zone="UTC")
    assert column(batch, "created_at") == [at(2026, 7, 5, 15, 10), at(2026, 7, 25, 9, 5)]
    assert column(batch, "created_precision_s") == [60, 60] and column(batch, "n_likes") == [1200, 12]


def test_columns_are_known_by_their_cells_where_their_names_say_nothing(tmp_path: Path) -> None:
    batch = read(tmp_path, "wann,wer_,was,x1\n2026-07-05 10:00,ann,the cup broke again today,3\n")
    assert column(batch, "created_at") == [at(2026, 7, 5, 2)] and column(batch, "text") == ["the cup broke again today"]
    assert said(batch, "created=wann", "text=was") and said(batch, "wer_", "x1")


def test_relative_times_are_read_against_their_column_or_rejected(tmp_path: Path) -> None:
    lines = [
        "作者,正文,发布时间,采集时间",
        "甲,杯子碎了,3小时前,2026-07-05 12:00",
        "乙,我也是,昨天 23:50,2026-07-05 12:00",
    ]
    batch = read(tmp_path, "\n".join(lines))
    assert column(batch, "created_at") == [at(2026, 7, 5, 1), at(2026, 7, 4, 15, 50)]
    assert column(batch, "created_precision_s") == [3600, 60]
    bare = "\n".join(line.rsplit(",", 1)[0] for line in lines)
    lost = read(tmp_path, bare, "b.csv")
    assert lost.posts.num_rows == 0 and all("relative" in r["reason"] for r in rows(lost.rejects))
    known = read(tmp_path, bare, "b.csv", mapping={"collected": "2026-07-05 12:00"})
    assert known.posts.num_rows == 2 and column(known, "collected_at") == [at(2026, 7, 5, 4)] * 2


def test_the_address_says_platform_id_and_account(tmp_path: Path) -> None:
    addresses = {
        "https://x.com/ann/status/1900000000000000001": ("x:1900000000000000001", "x:@a"),
        "https://old.reddit.com/r/tea/comments/1abcde/title_here/": ("reddit:1abcde", "reddit:@a"),
        "https://weibo.com/123456/NqKxY1Z2a?refer=x": ("weibo:4963754580472946", "weibo:123456"),
        "https://www.tiktok.com/@ann/video/7330000000000000009": ("tiktok:7330000000000000009", "tiktok:@a"),
        "https://www.youtube.com/watch?v=abcdefghijk&t=3": ("youtube:abcdefghijk", "youtube:@a"),
        "https://www.bilibili.com/video/BV1xx411c7mD/": ("bilibili:BV1xx411c7mD", "bilibili:@a"),
        "https://www.xiaohongshu.com/explore/64a0b1c2000000001f00abcd": ("xhs:64a0b1c2000000001f00abcd", "xhs:@a"),
        "https://m.example/@ann/116000000000000001": ("mastodon:116000000000000001", "mastodon:@a"),
        "https://t.me/town/12": ("telegram:town/12", "telegram:@a"),
        "https://www.facebook.com/1001/posts/345": ("facebook:345", "facebook:1001"),
    }
    body = "".join(f"2026-07-05 10:0{i},a,hello {i},{url}\n" for i, url in enumerate(addresses))
    batch = read(tmp_path, "date,author,text,link\n" + body)
    assert [(p["post_id"], p["account_id"]) for p in rows(batch.posts)] == list(addresses.values())


def test_one_post_from_two_tools_is_one(tmp_path: Path) -> None:
    url = "https://twitter.com/ann/status/1900000000000000001"
    one = read(tmp_path, f"Date,Author,Text,Likes,URL\n2026-07-05 10:00,ann,cup broke,3,{url}\n")
    two = read(tmp_path, "created_at,tweet_id,username,text\n2026-07-05T02:00:09Z,1900000000000000001,ann,cup broke\n",
               "b.csv", mapping={"platform": "=x"})  # fmt: skip
    assert column(one, "post_id") == column(two, "post_id")


def test_an_export_again_is_the_same_posts_and_an_edit_is_an_edit(tmp_path: Path) -> None:
    forms = [
        "date,author,text,url,reach\n2026-02-02 10:00:00,b,seat was dirty,https://forum.example/t/1,10\n",
        "date,author,text,url,reach\n02 Feb 2026 10:00,b,seat was dirty,http://www.forum.example/t/1/?utm_source=x,11.0\n",
        "date,author,text,url,reach\n2026-02-02 10:00:00,b,[deleted],https://forum.example/t/1,10\n",
    ]
    ids = [column(read(tmp_path, text, f"{i}.csv"), "post_id")[0] for i, text in enumerate(forms)]
    assert len(set(ids)) == 1
    bare = [
        "date,author,text,reach\n2026-02-02 10:00:00,b,seat was dirty,10\n",
        "date,author,text,reach\n2026/2/2 10:00,b,seat  was dirty,12\n",
    ]
    assert len({column(read(tmp_path, text, f"n{i}.csv"), "post_id")[0] for i, text in enumerate(bare)}) == 1


def test_an_id_that_stands_on_different_posts_is_none(tmp_path: Path) -> None:
    rounded = "1234570000000000000"
    text = f"id,author,text,created_at\n{rounded},a,one,2026-07-05 10:00\n{rounded},b,two,2026-07-05 10:05\n"
    assert read(tmp_path, text).posts.num_rows == 2
    batch = read(tmp_path, text.replace("1234570000000000000", "7"), "b.csv")
    assert batch.posts.num_rows == 2 and said(batch, "different posts")


def test_the_same_post_twice_in_a_file_is_one_with_the_larger_counts(tmp_path: Path) -> None:
    batch = read(tmp_path, "id,text,date,likes\n1,x y,2026-07-05,12\n1,x y,2026-07-05,30\nid,text,date,likes\n")
    assert column(batch, "n_likes") == [30] and record(batch)["n_duplicate"] == 1 and record(batch)["n_rejected"] == 0
    assert said(batch, "repeat the column names")


def test_a_row_that_names_itself_as_parent_has_none(tmp_path: Path) -> None:
    batch = read(tmp_path, "id,text,date,parent_id\n1,x y,2026-07-05,1\n2,me too,2026-07-05,1\n")
    assert column(batch, "parent_id") == [None, "web:1"]


def test_what_an_unknown_table_lacks_is_said(tmp_path: Path) -> None:
    batch = read(tmp_path, "text,date,mood\nx y,2026-07-05,blue\n")
    assert said(batch, "who wrote") and said(batch, "time of day") and said(batch, "no counts") and said(batch, "mood")


def test_stars_are_no_sentiment(tmp_path: Path) -> None:
    batch = read(tmp_path, "text,date,sentiment\nx y,2026-07-05,5\nz,2026-07-05,1\n")
    assert column(batch, "sentiment_given") == [None, None]
    batch = read(tmp_path, "text,date,sentiment\nx y,2026-07-05,-0.8\nz,2026-07-05,0.4\n", "b.csv")
    assert column(batch, "sentiment_given") == ["negative", "positive"]


POSTS = [
    {"id": "1", "text": "水有怪味", "created_at": "2026-07-05T10:00:00Z"},
    {"id": "2", "text": "我也是", "created_at": "2026-07-05T10:01:00Z"},
]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(POSTS),
        json.dumps([[POSTS[0]], [POSTS[1]]]),
        "\n".join(json.dumps([p]) for p in POSTS),
        json.dumps({"code": 0, "data": {"total": 2, "cards": {"list": POSTS}}}, indent=2),
        "\n".join(json.dumps({"data": [p], "meta": {"n": 1}}) for p in POSTS),
        json.dumps({"data": {"children": [{"kind": "t3", "data": p} for p in POSTS]}}),
        "\n".join(json.dumps(p, indent=1) for p in POSTS),
        json.dumps({"a1": POSTS[0], "b2": POSTS[1]}),
    ],
    ids=["array", "arrays", "array a line", "deep", "page a line", "wrapped", "one after another", "by key"],
)  # fmt: skip
def test_json_of_any_depth(tmp_path: Path, text: str) -> None:
    assert column(read(tmp_path, text, "a.json"), "post_id") == ["web:1", "web:2"]


def test_of_several_posts_in_a_line_only_the_bad_one_is_rejected(tmp_path: Path) -> None:
    good = '{{"id": "{0}", "text": "Cup {0} broke", "created_at": "2026-03-01T0{0}:00:00Z"}}'
    lines = [f'[{good.format(1)}, {{"id": "2", "text": "no time"}}, {good.format(3)}]', f"[{good.format(4)}]"]
    batch = read(tmp_path, "\n".join(lines), "a.jsonl")
    assert column(batch, "text") == ["Cup 1 broke", "Cup 3 broke", "Cup 4 broke"]
    assert batch.rejects["row_no"].to_pylist() == [2] and "no time" in batch.rejects["cells"][0].as_py()


def test_json_that_is_damaged_costs_its_record(tmp_path: Path) -> None:
    deep = '{"id":"3","text":"x","created_at":"2026-07-05T10:00:00Z","x":' + "[" * 100_000 + "]" * 100_000 + "}"
    half = '{"id":"4","text":"cut \\ud83d","created_at":"2026-07-05T10:00:00Z"}'
    batch = read(tmp_path, "\n".join([json.dumps(POSTS[0]), deep, half]), "a.jsonl")
    assert column(batch, "text") == ["水有怪味", "cut \ufffd"] and record(batch)["n_rejected"] == 1


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of some files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_zip_of_parts(tmp_path: Path) -> None:
    parts = {f"导出/{i}.jsonl": json.dumps(p).encode() for i, p in enumerate(POSTS)}
    batch = read(tmp_path, zipped({**parts, "readme.txt": b"made by a tool", "__MACOSX/._0.jsonl": b"x"}), "a.zip")
    assert column(batch, "post_id") == ["web:1", "web:2"] and said(batch, "readme.txt")


@pytest.mark.parametrize(
    ("content", "name", "match"),
    [
        (zipped({"../out.csv": b"date,text\n2026-07-05,x\n"}), "a.zip", "leads out"),
        (zipped({"a.csv": b"\0" * 300_000_000}), "a.zip", "unpacks to"),
        (gzip.compress(b"\0" * 300_000_000), "a.csv.gz", "unpacks to"),
        (zipped({"readme.txt": b"x"}), "a.zip", "no data file"),
    ],
)
def test_bombs_and_ways_out_are_refused(tmp_path: Path, content: bytes, name: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        read(tmp_path, content, name)


def test_a_database_of_a_crawler(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as db:
        db.execute("CREATE TABLE posts (id INTEGER, text TEXT, created_at TEXT, likes INTEGER)")
        db.execute("INSERT INTO posts VALUES (1900000000000000001, 'cup broke', '2026-07-05 10:00:00', NULL)")
        db.execute("CREATE TABLE empty (id INTEGER)")
    db.close()
    batch = read_export(tmp_path / "a.db", watch(), now=NOW)
    assert column(batch, "post_id") == ["web:1900000000000000001"]


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(InputError, match="regular file"):
        read_export(tmp_path / "a.csv", watch(), now=NOW)


def test_a_far_cell_does_not_take_the_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["date", "text"])
    book.active.append(["2026-07-05", "x"])
    book.active["XFD1048576"] = "far"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match="1,048,576 rows"):
        read_export(tmp_path / "a.xlsx", watch(), now=NOW)


def table(n: int) -> list[str]:
    """Lines of a table of `n` posts."""
    return [
        "id,created_at,author,text",
        *(f"{i},2026-07-05T10:{i % 60:02d}:00Z,用户{i},杯子里有玻璃 {i}" for i in range(n)),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_one_bad_byte_costs_one_character(tmp_path: Path, encoding: str) -> None:
    data = "\n".join(table(80)).encode(encoding)
    place = data.index("用户40".encode(encoding))
    batch = read(tmp_path, data[:place] + b"\xff" + data[place:])
    assert batch.posts.num_rows == 80 and all("玻璃" in t for t in column(batch, "text"))
    assert said(batch, "\ufffd", "42")


@pytest.mark.parametrize("place", [1, 40, 79])
def test_an_open_quote_costs_one_row(tmp_path: Path, place: int) -> None:
    lines = table(80)
    lines[place] = lines[place].replace("杯子", '"杯子')
    batch = read(tmp_path, "\n".join(lines) + "\n")
    assert batch.posts.num_rows == 79
    assert [(r["row_no"], "quote" in r["reason"]) for r in rows(batch.rejects)] == [(place + 1, True)]


def test_texts_over_several_lines_stay_whole(tmp_path: Path) -> None:
    lines = table(5)
    lines[2] = '1,2026-07-05T10:01:00Z,b,"one, two\nthree ""four""\nfive, six, seven, eight"'
    batch = read(tmp_path, "\n".join(lines) + "\n")
    assert batch.posts.num_rows == 5
    assert column(batch, "text")[1] == 'one, two\nthree "four"\nfive, six, seven, eight'


def test_columns_that_differ_in_case_are_kept_apart(tmp_path: Path) -> None:
    batch = read(tmp_path, "id,text,date,Score,score\n1,x y,2026-07-05,a,b\n2,z,,c,d\n")
    assert json.loads(column(batch, "extra")[0]) == {"Score": "a", "score": "b"} or column(batch, "n_likes") == [None]
    assert json.loads(rows(batch.rejects)[0]["cells"])["score"] == "d"


def test_an_empty_table_is_an_error_or_empty(tmp_path: Path) -> None:
    for i, text in enumerate(["\n" * 14, "a\n\n\n", "date,text\n", "date,text\n\n\n,\n"]):
        try:
            assert read(tmp_path, text, f"{i}.csv").posts.num_rows == 0
        except InputError as fault:
            assert fault.do


def test_files_given_by_name_are_read_also_beside_a_known_export(tmp_path: Path) -> None:
    known, other = sample("talkwalker"), tmp_path / "own.csv"
    other.write_text("Datum,Autor,Text,Follower\n2026-03-11,Jo,the cup broke again,407\n", encoding="utf-8")
    both = read_export([known, other], watch(), now=NOW)
    alone = read_export(known, watch(), now=NOW)
    assert both.posts.num_rows == alone.posts.num_rows + 1 and "the cup broke again" in column(both, "text")
    assert 407 in both.accounts["n_followers"].to_pylist(), "the German word for followers"
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / known.name).write_bytes(known.read_bytes())
    (folder / other.name).write_bytes(other.read_bytes())
    beside = read_export(folder, watch(), now=NOW)
    assert beside.posts.num_rows == alone.posts.num_rows and said(beside, "own.csv"), (
        "in a folder it may be a side table, and is named"
    )


def test_what_of_a_folder_is_no_data_is_named(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "a.csv").write_text("id,created_at,text\n1,2026-07-05T10:00:00Z,the cup broke\n")
    (tmp_path / "more" / "c.csv").write_text("id,created_at,text\n2,2026-07-05T10:01:00Z,mine too\n")
    (tmp_path / "notes.docx").write_bytes(b"no data")
    os.mkfifo(tmp_path / "b.csv")
    batch = read_export(tmp_path, watch(), now=NOW)
    assert batch.posts.num_rows == 2
    assert any("left out: b.csv, notes.docx" in line for line in batch.warnings)
