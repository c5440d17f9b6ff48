"""People as salted hashes from collection on: what is stored, what stays, and that the person is still found."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.engine.home import Home
from tests.journeys.test_platform_journey import contents

WATCH = """watch: tea
title: {en: Aurora Tea}
brand: {names: [Aurora Tea], accounts: ["weibo:9000000001"]}
privacy: {accounts: hashed, retention_days: 30}
"""
ROWS = [
    {"id": "1", "created_at": "2026-08-01T04:00:00Z", "text": "Aurora Tea has glass", "author_id": "7000000007",
     "author": "Annabella Personson", "platform": "weibo", "avatar": "https://i.example/7000000007.png"},
    {"id": "2", "created_at": "2026-08-01T05:00:00Z", "text": "again", "author_id": "7000000007",
     "author": "Annabella Personson", "platform": "weibo", "parent_id": "1"},
    {"id": "3", "created_at": "2026-08-01T06:00:00Z", "text": "sorry", "author_id": "9000000001",
     "author": "Aurora Tea", "platform": "weibo"},
    {"id": "4", "created_at": "no time", "text": "bad", "author_id": "7000000007", "author": "Annabella Personson",
     "platform": "weibo"},
]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "crisis.toml").touch()
    (tmp_path / "data" / "watches").mkdir(parents=True)
    (tmp_path / "data" / "watches" / "tea.yml").write_text(WATCH, "utf-8")
    for name in ("CRISIS_HOME", "CRISIS_LAKE", "CRISIS_WATCHES", "CRISIS_REPORTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Home.here()


def typed(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def imported(home: Home, rows: list[dict[str, Any]] = ROWS) -> None:
    file = home.root / "posts.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    typed("import", str(file), "--watch", "tea")
    file.unlink()


def test_nobody_is_in_any_file_but_the_brand_itself(home: Home) -> None:
    imported(home)
    posts = {p["post_id"]: p for p in home.lake.arrow("POSTS").to_pylist()}
    assert posts["weibo:1"]["account_id"] == posts["weibo:2"]["account_id"] != "weibo:7000000007"
    assert posts["weibo:1"]["account_id"].startswith("weibo:~") and posts["weibo:2"]["parent_id"] == "weibo:1"
    assert posts["weibo:3"]["account_id"] == "weibo:9000000001"
    names = {a["account_id"]: a["name"] for a in home.lake.arrow("ACCOUNTS").to_pylist()}
    assert names["weibo:9000000001"] == "Aurora Tea" and names[posts["weibo:1"]["account_id"]] == "A***n"
    leaks = [f for f, text in contents(home.lake_root).items() if "7000000007" in text or "Annabella" in text]
    assert not leaks


def test_another_lake_has_other_hashes_and_this_one_keeps_its_own(home: Home, tmp_path: Path) -> None:
    imported(home)
    first = {p["account_id"] for p in home.lake.arrow("POSTS").to_pylist()}
    imported(home, [{**ROWS[0], "id": "9", "text": "later"}])
    assert {p["account_id"] for p in home.lake.arrow("POSTS").to_pylist()} == first
    salt = home.lake.artifact("privacy", "salt")
    assert salt.stat().st_mode & 0o077 == 0 and len(salt.read_bytes()) == 32


def test_a_person_is_found_and_erased_by_the_id_that_they_know(home: Home) -> None:
    imported(home)
    assert "nothing is stored" not in typed("person", "weibo:7000000007")
    typed("erase", "weibo:7000000007", "--yes")
    assert {p["account_id"] for p in home.lake.arrow("POSTS").to_pylist()} == {"weibo:9000000001"}


def test_retention_is_a_job_of_the_schedule(home: Home) -> None:
    from crisislib.services import scheduled_jobs, scheduler
    from crisislib.services.jobs import scheduled

    imported(home)
    watch = home.watch("tea")
    assert [job.name for job in scheduled_jobs.jobs(watch)] == ["retention"]
    done = list(scheduler.run_due(home.lake, [watch], scheduled(home), now=lambda: datetime.now(UTC)))
    assert len(done) == 1 and done[0][1].startswith("done"), done
    assert Home.here().lake.arrow("POSTS").num_rows == 0


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("https://www.tiktok.com/@annabella_p/video/733", "https://www.tiktok.com/@/video/733"),
        ("https://www.instagram.com/annabella_p/reel/Ab-C/", "https://www.instagram.com/reel/Ab-C/"),
        ("https://www.instagram.com/p/Ab-C/", "https://www.instagram.com/p/Ab-C/"),
        ("https://www.threads.net/@annabella_p/post/Xy", "https://www.threads.net/t/Xy"),
        ("https://weibo.com/1234567890/OabcDEF12?x=1", "https://m.weibo.cn/status/OabcDEF12?x=1"),
        ("https://news.example/2026/x.com/a", "https://news.example/2026/x.com/a"),
    ],
)
def test_an_address_leads_to_the_post_without_its_writer(home: Home, address: str, stored: str) -> None:
    imported(home, [{**ROWS[0], "id": "77", "author": "annabella_p", "url": address}])
    assert home.lake.arrow("POSTS").column("url").to_pylist() == [stored]


def test_the_address_of_a_post_does_not_name_who_wrote_it(home: Home) -> None:
    row = {
        **ROWS[0],
        "id": "77",
        "platform": "x",
        "author": "annabella_p",
        "url": "https://x.com/annabella_p/status/77",
    }
    imported(home, [row])
    assert home.lake.arrow("POSTS").column("url").to_pylist() == ["https://x.com/i/status/77"]
    assert not [f for f, text in contents(home.lake_root).items() if "annabella_p" in text]


CALLED = (
    "@annabella_p look, Aurora Tea has glass//@张伟明:退钱 @市场监管总局 @auroratea ann@example.com ＠Bo.bsky.social"
)


def test_people_whom_a_text_calls_are_masked_and_those_it_is_about_stay(home: Home) -> None:
    imported(home, [{**ROWS[0], "text": CALLED}, {**ROWS[0], "id": "5", "created_at": "no time", "text": CALLED}])
    (post,) = home.lake.arrow("POSTS").to_pylist()
    assert post["text"] == (
        "@a***p look, Aurora Tea has glass//@张***明:退钱 @市场监管总局 @auroratea ann@example.com ＠B***l"
    )
    stored = contents(home.lake_root)
    assert not [f for f, text in stored.items() if "annabella_p" in text or "张伟明" in text]
    assert any("市场监管总局" in text for f, text in stored.items() if "rejects" in f), "a rejected row says the rest"


def test_a_watch_may_keep_texts_as_they_were_written(home: Home) -> None:
    (home.watches / "tea.yml").write_text(WATCH.replace("accounts: hashed", "accounts: hashed, mentions: plain"))
    imported(home, [{**ROWS[0], "text": CALLED}])
    assert home.lake.arrow("POSTS").column("text").to_pylist() == [CALLED]


def test_cells_without_a_column_and_rejected_rows_do_not_say_who_it_was(home: Home) -> None:
    more = {"uid": "7000000007", "creator": "Annabella", "发布者": "Annabella", "quoted": {"by": "Annabella"},
            "more": ["https://weibo.com/7000000007/OabcDEF12", "@Annabella"],
            "url": "https://weibo.com/7000000007/OabcDEF12"}  # fmt: skip
    imported(home, [{**ROWS[0], **more}, {**ROWS[0], **more, "id": "6", "created_at": "no time"}])
    leaks = [f for f, text in contents(home.lake_root).items() if "7000000007" in text or "Annabella" in text]
    assert not leaks


def test_a_watch_that_does_not_say_what_it_keeps_of_people_is_told(home: Home) -> None:
    assert "people are stored" not in typed("check", "tea")
    (home.watches / "tea.yml").write_text(WATCH.replace("accounts: hashed, ", ""), "utf-8")
    assert "people are stored with their ids and names" in " ".join(typed("check", "tea").split())
