"""Logs, isolation and lazy names: what is shown of an error, and that it stays where it happened."""

from __future__ import annotations

import json
import logging
import threading
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisislib.core import log_handlers, logs
from crisislib.core.errors import CrisisError, InputError, SourceError
from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.lazy import preload
from crisislib.core.log_handlers import LogFile, log_context
from crisislib.core.sanitize import escape_controls, mask_secrets, one_line

logger = logging.getLogger("crisislib.tests")
SECRET = "hunter2-4711"


@pytest.mark.parametrize(
    "text",
    [
        f"http://ann:{SECRET}@feeds.example/rss",
        f"https://ann:a@b{SECRET}@feeds.example/rss",
        f"GET https://x.example/a?limit=40&access_token={SECRET}&page=2 failed",
        f"https://x.example/a?api_key={SECRET}",
        f"https://x.example/a?key={SECRET}#top",
        f"https://x.example/cb#token={SECRET}",
        f"wecombot://{SECRET}",
        f"mailtos://user:{SECRET}@host?to=a@b",
        f"tgram://{SECRET}/12345",
        f"Authorization: Bearer {SECRET}abcdef",
        f"logging in with password={SECRET}",
        f"{{'api_key': '{SECRET}', 'page': 2}}",
        f"Cookie: SUB={SECRET}; other=1",
    ],
)
def test_secrets_of_addresses_are_masked(text: str) -> None:
    masked = mask_secrets(text)
    assert SECRET not in masked and "***" in masked
    assert mask_secrets(masked) == masked


def test_marks_of_the_sentence_around_an_address_stay() -> None:
    assert mask_secrets(f"https://x.example/a?token={SECRET}: 404 (?key={SECRET}).").endswith("=***: 404 (?key=***).")


@pytest.mark.parametrize(
    "text",
    [
        "https://x.example/a?limit=40&page=2#part",
        "at://did:plc:1/app.bsky.feed.post/2",
        "basic research on tokens: keynote=1, http://127.0.0.1:9377/health",
        "file:///home/ann/watches/acme.yml, line 3",
        "check the token: it is wrong or has expired",
        "write token=${X_TOKEN}, or give the option token",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask_secrets(text) == text


@given(st.text())
def test_no_control_character_gets_through(text: str) -> None:
    shown = escape_controls(text)
    assert all(c in "\t\n" or not (ord(c) < 32 or 127 <= ord(c) < 160 or 0xD800 <= ord(c) < 0xE000) for c in shown)
    assert "\u202e" not in shown and "\n" not in one_line(text)
    shown.encode("utf-8")


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_a_log_line_cannot_be_forged_and_holds_no_escape(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()
    logger.warning("post says %s", "\x1b[2J\n2026-01-01T00:00:00.000Z ERROR engine: all is lost\u202e")
    first, *rest = lines(capsys)
    assert first.endswith(r"post says \x1b[2J") and "WARNING tests" in first
    assert rest and all(line.startswith("    ") for line in rest)


def test_json_lines_have_all_that_a_machine_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(as_json=True)
    with log_context(watch="acme", run_id="r1", source="feed"):
        run_isolated("work", lambda: {}["gone"], on_error=lambda _: None, logger=logger)
    (line,) = lines(capsys)
    row = json.loads(line)
    assert {"time", "level", "logger", "message", "watch", "run_id", "source", "traceback"} <= row.keys()
    assert (row["watch"], row["run_id"], row["source"], row["level"]) == ("acme", "r1", "feed", "ERROR")
    assert "KeyError: 'gone'" in row["traceback"] and row["logger"] == "crisislib.tests"


def test_the_environment_chooses_and_nonsense_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRISIS_LOG_LEVEL", "debug")
    monkeypatch.setenv("CRISIS_LOG_FORMAT", "json")
    assert logs.set_up().environment() == {"CRISIS_LOG_LEVEL": "DEBUG", "CRISIS_LOG_FORMAT": "json"}
    logger.debug("fine")
    assert json.loads(lines(capsys)[0])["message"] == "fine"
    with pytest.raises(InputError, match="log level"):
        logs.set_up(level="loud")
    monkeypatch.setenv("CRISIS_LOG_FORMAT", "xml")
    with pytest.raises(InputError, match="log format"):
        logs.set_up()


def test_an_error_that_says_what_to_do_shows_no_traceback_on_the_terminal_but_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up()

    def work() -> None:
        raise SourceError("no answer", where=f"http://ann:{SECRET}@feed.example", do="wait")

    with logs.log_file(tmp_path / "logs" / "a.log") as file:
        run_isolated("source feed", work, on_error=lambda _: None, logger=logger, watch="acme")
    shown, written = capsys.readouterr().err, file.path.read_text(encoding="utf-8")
    assert "Traceback" not in shown and "What to do: wait" in shown and "watch=acme" in shown
    assert "Traceback" in written and file.fault == ""
    assert SECRET not in shown + written


def test_the_same_warning_is_not_repeated_but_counted(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()
    console = next(h for h in logging.getLogger().handlers if isinstance(h, log_handlers.Console))

    def said(at: float) -> None:
        record = logger.makeRecord(logger.name, logging.WARNING, "f", 1, "no answer", (), None)
        record.created = at
        console.handle(record)

    for at in (0.0, 1.0, 2.0, log_handlers.REPEAT_S + 1):
        said(at)
    first, last = lines(capsys)
    assert "more like it" not in first and "2 more like it" in last


def test_a_log_that_cannot_be_written_says_so_and_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    with logs.log_file(tmp_path / "logs" / "a.log") as file:
        logger.warning("lost")
        assert file.fault and file.written is None
        (tmp_path / "logs").unlink()
        logger.warning("kept")
        assert file.fault == "" and file.written is not None
    assert "kept" in file.path.read_text()


def test_a_thread_that_dies_says_so_in_the_log(tmp_path: Path) -> None:
    with logs.log_file(tmp_path / "a.log") as file:
        thread = threading.Thread(target=lambda: 1 / 0, name="answers")
        thread.start()
        thread.join()
    assert "thread answers ended" in file.path.read_text() and "ZeroDivisionError" in file.path.read_text()


def fill(path: Path, name: str, n: int) -> None:
    handler = LogFile(path)
    for i in range(n):
        record = logging.LogRecord(name, logging.INFO, "f", 1, f"line {name} {i}", (), None)
        handler.handle(record)
    handler.close()


def test_several_processes_share_a_file_that_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_handlers, "MAX_BYTES", 20_000)
    path, context = tmp_path / "shared.log", get_context("fork")
    writers = [context.Process(target=fill, args=(path, name, 400)) for name in ("a", "b", "c")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    files = [p for p in tmp_path.iterdir() if not p.name.endswith(".lock")]
    assert len(files) > 1 and len(files) <= log_handlers.BACKUPS + 1
    assert all(p.stat().st_size < 25_000 for p in files)
    written = sorted(line.split(": ")[1] for p in files for line in p.read_text().splitlines())
    assert written == sorted(f"line {name} {i}" for name in "abc" for i in range(400)), "whole lines, none lost"


def test_what_fails_is_handed_on_with_an_id_that_the_log_has(caplog: pytest.LogCaptureFixture) -> None:
    found: list[Failure] = []

    def work() -> str:
        raise KeyError(f"http://ann:{SECRET}@x/\x1b[2J")

    for _ in range(2):
        result = run_isolated("watch acme", work, on_error=lambda f: found.append(f) or "instead", logger=logger)
        assert result == "instead"
    first, again = found
    assert first.kind == "KeyError" and first.error_id == again.error_id, "the same error is found by the same id"
    assert first.error_id in first.text and SECRET not in first.text and "\x1b" not in first.text
    record = caplog.records[0]
    assert record.error_id == first.error_id and record.exc_info and record.levelno == logging.ERROR
    assert run_isolated("fine", lambda: 3, on_error=lambda _: 0, logger=logger) == 3


def test_isolation_keeps_no_stop_and_hides_no_fault_of_the_record() -> None:
    with pytest.raises(KeyboardInterrupt):
        run_isolated("work", lambda: (_ for _ in ()).throw(KeyboardInterrupt()), on_error=lambda _: None, logger=logger)

    def unrecorded(_: Failure) -> None:
        raise CrisisError("the ledger is full")

    with pytest.raises(CrisisError, match="ledger"):
        run_isolated("work", lambda: 1 / 0, on_error=unrecorded, logger=logger)  # type: ignore[arg-type]


def test_preloading_resolves_every_name() -> None:
    preload("crisislib.lake")
    import crisislib.lake as room

    assert set(room.__all__) <= set(vars(room))
