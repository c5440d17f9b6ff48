"""`crisis import --ask` through the command: a proposal, changes, a layout of one's own, a command that works."""

# ruff: noqa: F811

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from .test_cli import Ran, crisis, place  # noqa: F401

TABLE = """wann,wer,was,daumen,notiz
2026-01-01 10:00,ann,the cup broke again today,3,a
2026-01-01 11:00,bob,mine too I fear,1,b
"""


@pytest.fixture
def table(place: Path) -> Path:
    export = place / "Odd table.csv"
    export.write_text(TABLE, encoding="utf-8")
    return export


def typed(shown: Ran) -> list[str]:
    """The words of the command that was printed."""
    line = next(line for line in shown.stdout.splitlines() if "Now type: " in line)
    return shlex.split(line.split("Now type: ")[1])[1:]


def test_a_proposal_says_why_and_shows_rows_and_writes_nothing(crisis: Callable[..., Ran], table: Path) -> None:
    shown = crisis("import", str(table), "--watch", "acme", "--ask", "-m", "name=wer")
    assert shown.returncode == 0, shown.stderr
    assert "created = wann" in shown.stdout and "text = was" in shown.stdout and "your choice" in shown.stdout
    assert "not used, kept in extra: daumen, notiz" in shown.stdout
    assert "2 posts of 2 rows" in shown.stdout and "the cup broke again today" in shown.stdout
    assert "Nothing was saved" in shown.stdout


def test_what_is_accepted_becomes_a_layout_and_the_printed_command_works(
    crisis: Callable[..., Ran],
    table: Path,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (place / "crisis.toml").write_text('[folders]\nlayouts = "layouts"\n', encoding="utf-8")
    monkeypatch.chdir(place)
    changes = ("-m", "name=wer", "-m", "likes=daumen", "-m", "platform==forum")
    shown = crisis("import", str(table), "--watch", "acme", "--ask", "--yes", *changes)
    assert shown.returncode == 0, shown.stderr
    assert (place / "layouts" / "own-odd-table.yml").is_file()
    done = crisis(*typed(shown))
    assert done.returncode == 0, done.stderr
    assert "(own-odd-table): 2 posts added" in done.stdout
    again = crisis("import", str(table), "--watch", "acme", "--dry-run")
    assert "(own-odd-table)" in again.stdout and "forum:" in again.stdout and "| 3/–/–/– |" in again.stdout


def test_answers_change_a_proposal_until_it_is_accepted(
    crisis: Callable[..., Ran],
    table: Path,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (place / "crisis.toml").write_text('[folders]\nlayouts = "layouts"\n', encoding="utf-8")
    monkeypatch.chdir(place)
    answers = iter(["text=nowhere", "name=wer", ""])
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(answers))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    shown = crisis("import", str(table), "--watch", "acme", "--ask", "--save", "odd")
    assert shown.returncode == 0, shown.stderr
    assert "no column 'nowhere'" in shown.stdout and "name = wer" in shown.stdout
    assert "name: wer" in (place / "layouts" / "odd.yml").read_text(encoding="utf-8")


def test_what_holds_for_one_file_stands_in_the_command_and_not_in_the_layout(
    crisis: Callable[..., Ran], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "crisis.toml").write_text('[folders]\nlayouts = "layouts"\n', encoding="utf-8")
    monkeypatch.chdir(place)
    for name, text, field in (
        ("undated", "Autor,Nachricht\nann,the cup broke again today\nbob,mine too it seems\n", "created"),
        ("relative", "who,text,when\nann,the cup broke,3小时前\nbob,mine too,昨天 12:00\n", "collected"),
    ):
        export = place / f"{name}.csv"
        export.write_text(text, encoding="utf-8")
        shown = crisis("import", str(export), "--watch", "acme", "--ask", "--yes")
        assert f"{field}=" in " ".join(typed(shown)) and f"-m {field}=…" in shown.stdout
        assert "20" not in (place / "layouts" / f"own-{name}.yml").read_text(encoding="utf-8").split("fingerprint")[1]
        assert "2 posts added" in crisis(*typed(shown)).stdout
        later = crisis("import", str(export), "--watch", "acme", "--dry-run", "--layout", f"own-{name}")
        assert "created=2026-03-01" in later.stderr or "2 rejected" in later.stdout


def test_a_table_without_a_time_says_what_is_missing(crisis: Callable[..., Ran], place: Path) -> None:
    export = place / "timeless.csv"
    export.write_text("number,amount\n1,17\n2,18\n", encoding="utf-8")
    shown = crisis("import", str(export), "--watch", "acme", "--ask", "--yes")
    assert "no column gives `created` yet" in shown.stdout and shown.returncode == 2 and "created" in shown.stderr


@pytest.mark.long
def test_an_import_and_a_run_show_what_the_posts_cover(crisis: Callable[..., Ran], place: Path) -> None:
    export = place / "covered.csv"
    head = "id,created_at,author,text,likes,reposts,replies,device\n"
    rows = (f"{i},2026-01-01 {i:02d}:00:00,ann,the cup broke number {i},3,9,1,phone\n" for i in range(1, 9))
    export.write_text(head + "".join(rows), encoding="utf-8")
    shown = crisis("import", str(export), "--watch", "acme")
    assert shown.returncode == 0, shown.stderr
    assert "Coverage: 8 posts from" in shown.stdout and "8 rows read, 0 rejected, 0 twice" in shown.stdout
    assert "The counters say 72 reposts, 0 are collected" in shown.stdout and "device" in shown.stdout
    run = crisis("run", "--watch", "acme", "--no-report", "--no-notify")
    assert "The counters say 72 reposts, 0 are collected" in run.stdout, run.stderr


def test_relative_times_are_read_once_it_is_known_when_the_file_was_exported(
    crisis: Callable[..., Ran], place: Path
) -> None:
    export = place / "relative.csv"
    export.write_text("who,what,when\nann,the cup broke,昨天 12:00\nbob,mine too,3小时前\n", encoding="utf-8")
    mapped = ("import", str(export), "--watch", "acme", "--dry-run", "-m", "text=what", "-m", "created=when")
    option = "collected=2026-03-01T08:00"
    refused = crisis(*mapped)
    assert "2 rejected" in refused.stdout and f"-m {option}" in refused.stdout
    read = crisis(*mapped, "-m", option)
    assert "2 posts in 2 observations, 0 rejected" in read.stdout, read.stdout + read.stderr
    assert "2026-02-28 12:00:00" in read.stdout and "2026-03-01 05:00:00" in read.stdout


@pytest.mark.parametrize(
    ("table", "said", "row"),
    [
        ("was,n\nthe cup broke again today,7\nmine too I fear,3\n", "the file's own date is taken", "the cup broke"),
        ("q,a,k\nwater?,it tastes odd and bitter,yesterday 10:00\nhelp?,none for three days,Monday 12:00\n",
         "when the file was last written", "tastes odd"),
    ],
    ids=["without times", "relative times"],
)  # fmt: skip
def test_a_file_of_no_known_columns_ends_in_rows_as_they_would_be_read(
    crisis: Callable[..., Ran], place: Path, table: str, said: str, row: str
) -> None:
    export = place / "odd.csv"
    export.write_text(table, encoding="utf-8")
    shown = crisis("import", str(export), "--watch", "acme", "--ask")
    assert shown.returncode == 0, shown.stderr
    assert said in shown.stdout and row in shown.stdout and "2 posts of 2 rows" in shown.stdout


def test_a_saved_layout_takes_no_other_tables_and_keeps_what_says_yes(
    crisis: Callable[..., Ran], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "crisis.toml").write_text('[folders]\nlayouts = "layouts"\n', encoding="utf-8")
    monkeypatch.chdir(place)
    mine, others = place / "舆情.csv", place / "other.csv"
    mine.write_text(
        "时间,内容,是否转发,备注\n2026-01-01 10:00,水有怪味啊,否,a\n2026-01-01 11:00,我也喝到了,是,b\n",
        encoding="utf-8",
    )
    others.write_text("时间,内容,平台\n2026-01-01 10:00,水有怪味啊,微博\n", encoding="utf-8")
    saved = crisis("import", str(mine), "--watch", "acme", "--ask", "--yes")
    assert saved.returncode == 0, saved.stderr
    again = crisis("import", str(mine), "--watch", "acme", "--dry-run")
    assert "(own-table)" in again.stdout and "| repost |" in again.stdout
    other = crisis("import", str(others), "--watch", "acme", "--dry-run")
    assert "(generic)" in other.stdout and "weibo" in other.stdout
