"""The bridge to crawlers: what is new in their output, a command under supervision, and the word that it stopped."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.collect import fetch
from crisislib.collect.sources import crawler_process, output_database, output_files
from crisislib.core.errors import SourceError
from crisislib.core.watch_sections import SourceUse

from .helpers import record, rows, watch


def use(output: Path, **options: Any) -> SourceUse:
    given_ = {"output": str(output), "state_folder": str(output.parent / "state"), **options}
    return SourceUse(source="crawler", name="the crawler", options=given_)


def read(source: SourceUse, state: dict[str, Any] | None = None, *, later: float = 0, **of: Any) -> Any:
    """One fetch; the state goes through JSON, as it does between two."""
    now = datetime.now(UTC) + timedelta(minutes=later)
    batch, after = fetch(source, watch(**of), state=json.loads(json.dumps(state or {})), now=now)
    return batch, json.loads(json.dumps(after))


def note(n: int, **more: Any) -> dict[str, Any]:
    """A post as MediaCrawler writes it since July 2026."""
    return {
        "note_id": f"51111111111111{n:05d}",
        "content": f"星河奶茶 {n}",
        "create_time": 1785558600 + n,
        "create_date_time": f"2026-08-01 12:30:{n % 60:02d}",
        "liked_count": "1.2万",
        "comments_count": "3",
        "shared_count": "0",
        "last_modify_ts": 1785567600000 + n,
        "note_url": f"https://m.weibo.example/detail/{n}",
        "creator_hash": f"ab{n}",
        "nickname": "张***三",
        "source_keyword": "星河奶茶",
    } | more


def lines(*numbers: int) -> str:
    return "".join(json.dumps(note(n), ensure_ascii=False) + "\n" for n in numbers)


def texts(batch: Any) -> list[str]:
    return sorted(p["text"] for p in rows(batch.posts))


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Where MediaCrawler appends the posts of a day."""
    file = tmp_path / "data" / "weibo" / "jsonl" / "search_contents_2026-08-01.jsonl"
    file.parent.mkdir(parents=True)
    return file


def test_lines_that_were_added_are_read_once_and_an_unfinished_one_waits(notes: Path, tmp_path: Path) -> None:
    notes.write_text(lines(1, 2) + lines(3)[:40], "utf-8")
    source = use(tmp_path / "data")
    first, state = read(source)
    assert texts(first) == ["星河奶茶 1", "星河奶茶 2"]
    (post,) = [p for p in rows(first.posts) if p["text"].endswith(" 1")]
    assert (post["platform"], post["n_likes"], post["source"]) == ("weibo", 12000, "the crawler")
    with notes.open("a", encoding="utf-8") as file:
        file.write(lines(3)[40:] + lines(4))
    second, state = read(source, state)
    assert texts(second) == ["星河奶茶 3", "星河奶茶 4"]
    assert record(second)["n_rejected"] == 0
    third, _ = read(source, state)
    assert (record(third)["n_read"], record(third)["ok"], third.warnings) == (0, True, [])


def test_after_a_crash_the_same_lines_are_the_same_batch(notes: Path, tmp_path: Path) -> None:
    """The posts were stored, the state was not: their batch is known again, so that the lake adds nothing."""
    notes.write_text(lines(1, 2), "utf-8")
    first, _ = read(use(tmp_path / "data"))
    again, _ = read(use(tmp_path / "data"))
    assert {p["batch_id"] for p in rows(first.posts)} == {p["batch_id"] for p in rows(again.posts)}


def test_a_file_that_was_replaced_is_read_from_its_beginning(notes: Path, tmp_path: Path) -> None:
    notes.write_text(lines(1, 2, 3), "utf-8")
    _, state = read(use(tmp_path / "data"))
    notes.write_text(lines(7, 8, 9, 10), "utf-8")
    batch, _ = read(use(tmp_path / "data"), state)
    assert len(texts(batch)) == 4


def test_a_csv_row_with_line_breaks_is_never_cut(tmp_path: Path) -> None:
    """weibo-search appends rows; a post may hold line breaks and quotes, and a write may end in the middle of it."""
    head = [
        "id",
        "bid",
        "user_id",
        "用户昵称",
        "微博正文",
        "话题",
        "转发数",
        "评论数",
        "点赞数",
        "发布时间",
        "retweet_id",
    ]
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(head)
    for n in range(4):
        out.writerow(
            [f"511111111111111111{n}", f"Oa{n}", 1, "小明", f'星河\n"奶茶", {n}\n', "", 1, 2, 3, "2026-08-01 12:30", ""]
        )
    whole = ("\ufeff" + text.getvalue()).encode()
    file = tmp_path / "结果文件" / "星河" / "星河.csv"
    file.parent.mkdir(parents=True)
    state: dict[str, Any] = {}
    came: list[str] = []
    for end in range(0, len(whole) + 30, 30):
        file.write_bytes(whole[:end])
        batch, state = read(use(tmp_path / "结果文件"), state)
        came += [p["text"] for p in rows(batch.posts)]
        assert record(batch)["n_rejected"] == 0
    assert sorted(" ".join(text.split()) for text in came) == [f'星河 "奶茶", {n}' for n in range(4)]


@settings(max_examples=60)
@given(st.lists(st.text('ab",\n\r', max_size=12), min_size=1, max_size=8), st.integers(1, 40))
def test_pieces_of_a_csv_are_its_rows(tmp_path_factory: pytest.TempPathFactory, cells: list[str], step: int) -> None:
    """Whatever stands in the cells and wherever a write ends: the pieces together hold every row once."""
    text = io.StringIO()
    csv.writer(text).writerows([["id", "text"], *([str(n), cell] for n, cell in enumerate(cells))])
    whole = text.getvalue().encode()
    file = tmp_path_factory.mktemp("piece") / "a.csv"
    mark: dict[str, object] = {}
    came: list[list[str]] = []
    for end in [*range(step, len(whole), step), len(whole)]:
        with file.open("ab") as out:
            out.write(whole[file.stat().st_size if file.exists() else 0 : end])
        piece = output_files.new_piece("a.csv", file, mark, now=datetime.now(UTC), settle_s=0)
        if piece is not None:
            begun = "at" in mark
            mark = json.loads(json.dumps(piece.mark))
            got = list(csv.reader(io.StringIO(piece.data.decode(), newline="")))
            assert not begun or got[0] == ["id", "text"]
            came += got[1:]
    assert came == [[str(n), cell] for n, cell in enumerate(cells)]


def test_a_list_that_is_written_anew_is_read_when_it_rests(notes: Path, tmp_path: Path) -> None:
    """MediaCrawler's json option reads the file, adds one post and writes all of it."""
    file = notes.with_suffix(".json")
    file.write_text(json.dumps([note(1)], ensure_ascii=False, indent=4), "utf-8")
    source = use(tmp_path / "data", settle_s=30.0)
    batch, state = read(source)
    assert texts(batch) == []
    batch, state = read(source, state, later=1)
    assert texts(batch) == ["星河奶茶 1"]
    file.write_text(json.dumps([note(1), note(2)], ensure_ascii=False, indent=4), "utf-8")
    batch, state = read(source, state, later=2)
    assert texts(batch) == ["星河奶茶 1", "星河奶茶 2"]
    batch, _ = read(source, state, later=3)
    assert record(batch)["n_read"] == 0


def database(path: Path, *statements: tuple[str, tuple[Any, ...]]) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement, values in statements:
            db.execute(statement, values)
        db.commit()


NOTE_TABLE = (
    "CREATE TABLE weibo_note (id INTEGER PRIMARY KEY, creator_hash VARCHAR(64), nickname TEXT, add_ts BIGINT, "
    "last_modify_ts BIGINT, note_id BIGINT, content TEXT, create_time BIGINT, create_date_time VARCHAR(255), "
    "liked_count TEXT, comments_count TEXT, shared_count TEXT, note_url TEXT, source_keyword TEXT)"
)


def insert(n: int, **more: Any) -> tuple[str, tuple[Any, ...]]:
    row = note(n, **more)
    names = ", ".join(row)
    return f"INSERT INTO weibo_note ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())


def test_rows_that_are_new_or_written_again_come_out_of_a_database(tmp_path: Path) -> None:
    file = tmp_path / "database" / "sqlite_tables.db"
    file.parent.mkdir()
    same = {"last_modify_ts": 1785567600000}  # two in one millisecond
    database(file, (NOTE_TABLE, ()), insert(1, **same), insert(2, **same))
    source = use(file)
    batch, state = read(source)
    assert texts(batch) == ["星河奶茶 1", "星河奶茶 2"]
    assert record(read(source, state)[0])["n_read"] == 0
    database(file, insert(3, **same))
    batch, state = read(source, state)
    assert texts(batch) == ["星河奶茶 3"], "a third row of that millisecond, and not the other two again"
    database(file, ("UPDATE weibo_note SET liked_count = '5万', last_modify_ts = 1785567700000 WHERE id = 1", ()))
    batch, state = read(source, state)
    (post,) = rows(batch.posts)
    assert (post["text"], post["n_likes"]) == ("星河奶茶 1", 50000)
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("SELECT count(*) FROM weibo_note").fetchone() == (3,), "read only"


def test_a_database_that_is_being_written_is_read_as_far_as_it_is_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sqlite_tables.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(NOTE_TABLE)
        db.execute(*insert(1))
        db.commit()
        db.execute(*insert(2))
        batch, state = read(use(file))
        assert texts(batch) == ["星河奶茶 1"] and batch.warnings == []
        db.commit()
        batch, state = read(use(file), state)
        assert texts(batch) == ["星河奶茶 2"]
    monkeypatch.setattr(output_database, "WAIT_S", 0.1)
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=DELETE")
        db.execute("BEGIN EXCLUSIVE")
        batch, _ = read(use(file), state)
        assert not record(batch)["ok"] and "locked" in batch.warnings[0]


WEIBO_TABLE = (
    "CREATE TABLE weibo (id varchar(20) NOT NULL, bid varchar(12), user_id varchar(20), screen_name varchar(30), "
    "text varchar(2000), article_url varchar(100), topics varchar(200), at_users varchar(1000), pics varchar(3000), "
    "video_url varchar(1000), live_photo_url varchar(1000), location varchar(100), created_at DATETIME, "
    "source varchar(30), attitudes_count INT, comments_count INT, reposts_count INT, retweet_id varchar(20), "
    "edited BOOLEAN DEFAULT 0, PRIMARY KEY (id))"
)


def weibo(n: int, likes: int) -> tuple[str, tuple[Any, ...]]:
    named = {"id": f"511111111111111111{n}", "bid": f"Oa{n}", "user_id": "7", "screen_name": "小明",
             "text": f"星河奶茶 {n}", "created_at": f"2026-08-01 12:3{n}:00", "attitudes_count": likes,
             "comments_count": 1, "reposts_count": 2}  # fmt: skip
    return (
        f"INSERT OR REPLACE INTO weibo ({', '.join(named)}) VALUES ({', '.join('?' * len(named))})",
        tuple(named.values()),
    )


def test_replaced_rows_come_again_also_the_last_one(tmp_path: Path) -> None:
    """weibo-crawler replaces rows: each gets a new number, but the last one gets its old number again."""
    file = tmp_path / "weibodata.db"
    database(file, (WEIBO_TABLE, ()), weibo(1, 1), weibo(2, 1))
    batch, state = read(use(file))
    assert texts(batch) == ["星河奶茶 1", "星河奶茶 2"]
    database(file, weibo(2, 9))
    batch, state = read(use(file), state)
    assert [(p["text"], p["n_likes"]) for p in rows(batch.posts)] == [("星河奶茶 2", 9)]
    database(file, weibo(1, 8))
    batch, state = read(use(file), state)
    assert [(p["text"], p["n_likes"]) for p in rows(batch.posts)] == [("星河奶茶 1", 8)]
    file.unlink()
    database(file, (WEIBO_TABLE, ()), weibo(3, 1))
    batch, _ = read(use(file), state)
    assert texts(batch) == ["星河奶茶 3"], "a new database under the old name is read from its beginning"


def test_what_is_no_export_is_named_and_what_is_damaged_is_tried_again(notes: Path, tmp_path: Path) -> None:
    notes.write_text(lines(1), "utf-8")
    words = tmp_path / "data" / "weibo" / "words" / "search_comments_2026-08-01.csv"
    words.parent.mkdir()
    words.write_text("词,频\n奶茶,3\n", "utf-8")
    broken = tmp_path / "data" / "sqlite_tables.db"
    broken.write_bytes(b"SQLite format 3\x00" + b"\x00" * 200)
    batch, state = read(use(tmp_path / "data"))
    assert texts(batch) == ["星河奶茶 1"]
    assert [w for w in batch.warnings if "words" in w and "left out" in w]
    assert [w for w in batch.warnings if "sqlite_tables.db" in w and "tried again" in w] and not record(batch)["ok"]
    batch, state = read(use(tmp_path / "data"), state)
    assert not [w for w in batch.warnings if "words" in w], "named once"
    broken.unlink()
    batch, _ = read(use(tmp_path / "data"), state)
    assert record(batch)["ok"]


def test_an_output_that_nobody_writes_any_more_is_said(notes: Path, tmp_path: Path) -> None:
    notes.write_text(lines(1), "utf-8")
    source = use(tmp_path / "data", idle_minutes=60.0)
    _, state = read(source)
    calm, state = read(source, state, later=50)
    assert record(calm)["ok"]
    stopped, state = read(source, state, later=70, language="zh")
    row = record(stopped)
    assert not row["ok"] and "可能已停止" in row["warnings"]
    assert row["until"] - row["since"] >= timedelta(minutes=19), "since it was well last, nothing was collected"
    with notes.open("a", encoding="utf-8") as file:
        file.write(lines(2))
    assert record(read(source, state, later=80)[0])["ok"]


def test_without_output_and_command_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read(use(tmp_path / "nowhere"))


# A command under supervision.


def script(tmp_path: Path, body: str) -> list[str]:
    """A crawler of a few lines."""
    file = tmp_path / "crawl.py"
    file.write_text(f"import json, os, subprocess, sys, time\n{body}", "utf-8")
    return [sys.executable, str(file)]


def ended(folder: Path) -> crawler_process.Run:
    """The run, once it has ended; it is not waited for longer than a slow machine needs."""
    for _ in range(400):
        run = crawler_process.last_run(folder)
        if run is not None and run.ended:
            return run
        time.sleep(0.05)
    raise AssertionError("the command did not end")


def test_a_command_is_started_and_what_it_writes_is_read(
    notes: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    body = f"print('secret \\x1b[31m')\nopen({str(notes)!r}, 'a', encoding='utf-8').write({lines(1)!r})\n"
    source = use(tmp_path / "data", command=script(tmp_path, body), pause_minutes=30.0)
    first, state = read(source)
    assert record(first)["ok"]
    run = ended(tmp_path / "state")
    assert (run.code, run.why, run.last_lines) == (0, "ended", ["secret \\x1b[31m"])
    second, state = read(source, state)
    assert texts(second) == ["星河奶茶 1"] and record(second)["ok"]
    assert crawler_process.last_run(tmp_path / "state") == run, "not before its pause is over"
    third, _ = read(source, state, later=31)
    assert record(third)["ok"] and ended(tmp_path / "state").started != run.started
    assert capfd.readouterr() == ("", ""), "nothing of it reaches a terminal"


def test_a_command_that_fails_is_said_and_started_again_more_and_more_rarely(notes: Path, tmp_path: Path) -> None:
    command = script(tmp_path, "sys.exit('登录已失效 Bearer abcdefghijklmnopqrstuvwx')\n")
    source = use(tmp_path / "data", command=command)
    _, state = read(source)
    for failures, pause in ((1, 1), (2, 2), (3, 4)):
        run = ended(tmp_path / "state")
        batch, state = read(source, state, language="zh")
        row = record(batch)
        assert not row["ok"] and "登录已失效" in row["warnings"] and "abcdefgh" not in row["warnings"]
        assert state["failures"] == failures
        read(source, state, later=pause - 0.5)
        assert ended(tmp_path / "state").started == run.started, "it is left in peace"
        batch, state = read(source, state, later=pause + 0.1)
        assert ended(tmp_path / "state").started != run.started


@pytest.mark.long
def test_a_command_that_never_ends_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    body = "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    body += "print(p.pid, flush=True)\ntime.sleep(600)\n"
    source = use(tmp_path / "data", command=script(tmp_path, body), run_minutes=0.02)
    _, state = read(source)
    run = ended(tmp_path / "state")
    assert run.why == "late" and run.failed
    child = int(run.last_lines[0])
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
    batch, _ = read(source, state)
    assert not record(batch)["ok"] and "longer than 0.02 minutes" in record(batch)["warnings"]


def test_a_command_sees_the_variables_that_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAWLER_COOKIE", "its own")
    monkeypatch.setenv("OUR_TOKEN", "ours")
    body = "print([os.environ.get(n) for n in ('CRAWLER_COOKIE', 'OUR_TOKEN')], bool(os.environ.get('PATH')))\n"
    read(use(tmp_path / "data", command=script(tmp_path, body), environment=["CRAWLER_COOKIE"]))
    assert ended(tmp_path / "state").last_lines == ["['***', None] True"]


def test_what_a_command_prints_of_its_secrets_is_stored_nowhere(notes: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("CRAWLER_COOKIE", "SUB_planted-cookie-value")
    notes.write_text(lines(1), "utf-8")
    body = (
        "import os, sys; print('with', os.environ['CRAWLER_COOKIE'], 'password=planted-pass', "
        "'{\"token\": \"planted-token\"}'); print('Cookie: a=planted-header; b=2'); sys.exit(3)"
    )
    source = use(tmp_path / "data", command=script(tmp_path, body), environment=["CRAWLER_COOKIE"])
    read(source)
    ended(tmp_path / "state")
    batch, _ = read(source)
    assert "code 3" in batch.warnings[-1] and "with *** password=***" in batch.warnings[-1]
    stored = "".join(p.read_text("utf-8", "replace") for p in (tmp_path / "state").rglob("*") if p.is_file())
    assert "planted" not in stored + "".join(batch.warnings)


def test_a_command_that_is_not_there_is_said(tmp_path: Path) -> None:
    source = use(tmp_path / "data", command=[str(tmp_path / "no-such-program")])
    _, state = read(source)
    ended(tmp_path / "state")
    batch, _ = read(source, state)
    assert not record(batch)["ok"] and "could not be started" in record(batch)["warnings"]


def test_a_supervisor_that_was_killed_counts_as_stopped(tmp_path: Path) -> None:
    """The bound is kept by a process of ours; where somebody kills it, the run is over and started again."""
    source = use(tmp_path / "data", command=script(tmp_path, "time.sleep(600)\n"), run_minutes=0.2)
    _, state = read(source)
    run = crawler_process.last_run(tmp_path / "state")
    assert run is not None and run.running
    children = psutil.Process(run.supervisor).children(recursive=True)
    os.kill(run.supervisor, 9)
    for child in children:
        child.kill()
    for _ in range(100):
        if not run.running:
            break
        time.sleep(0.05)
    batch, state = read(source, state)
    assert not record(batch)["ok"] and "ended from outside" in record(batch)["warnings"]
    again, _ = read(source, state, later=2)
    now = crawler_process.last_run(tmp_path / "state")
    assert now is not None and now.started != run.started
    assert not record(again)["ok"] and "has not written anything yet" in record(again)["warnings"]
    os.kill(now.supervisor, 15)
    assert ended(tmp_path / "state").why == "stopped"
