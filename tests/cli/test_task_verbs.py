"""Tasks in hand through the command line: who has them, by when, what is noted, and that two at once lose nothing."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing import get_context
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from crisislib.cli import common
from crisislib.cli.app import app
from crisislib.cli.common import instant
from crisislib.core.errors import InputError
from crisislib.engine import Home, team_tasks
from crisislib.engine.team_change import TeamChange
from crisislib.services import scheduled
from crisislib.services.scheduler import run_due
from crisislib.workbench.pages.address import Address
from crisislib.workbench.pages.page_views import Pages
from crisislib.workbench.pages.visitor import Visitor
from tests.cli.test_team import OPENED, WATCH, crisis, home, present, refused, told

__all__ = ["crisis", "home"]
Crisis = Callable[..., Result]
LI = Visitor("responder", named=True)
WATCH_ZONE = ZoneInfo("Asia/Shanghai")
VERBS = ["assign", "start", "due", "add", "comment", "calendar", "digest"]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_teaches(verb: str) -> None:
    result = CliRunner().invoke(app, ["task", verb, "--help"])
    assert result.exit_code == 0 and len(result.output) > 300


@pytest.mark.long
def test_a_step_is_assigned_started_and_done_and_every_change_is_on_record(crisis: Crisis, home: Home) -> None:
    assert "Li Na" in told(crisis("task", "assign", "verify", "--to", "Li Na", "--by", "Wu", "--note", "on site"))
    assert "duty manager (Li Na)" in told(crisis("task", "list"))
    assert "in progress" in told(crisis("task", "start", "review", "--by", "Chen"))
    assert "in progress" in told(crisis("task", "list"))
    assert present(home).loc["review", "person"] == "Chen", "whoever starts a step has it"
    told(crisis("task", "done", "verify", "--by", "Li Na", "--at", "2026-03-01T10:10"))
    changes = home.lake.read("ACTIONS", watch="acme", present=False).query("step == 'verify'").sort_values("at")
    assert changes["by"].fillna("").tolist() == ["", "Wu", "Li Na"]
    assert changes["person"].fillna("").tolist() == ["", "Li Na", "Li Na"]
    refused(crisis("task", "assign", "verify", "--to", "Bo"), "settled")
    assert "overdue" in told(crisis("task", "reopen", "verify", "--by", "Wu"))


def test_a_step_in_progress_is_still_to_be_done_on_the_page_and_in_the_list(crisis: Crisis, home: Home) -> None:
    def page() -> str:
        found = Pages(lambda: home).view(Address.parse("response", {"watch": "acme", "language": "en"}), visitor=LI)
        assert found.status == 200
        return found.html

    told(crisis("task", "due", "review", "--at", "2999-03-01", "--why", "not late"))
    before = page()
    told(crisis("task", "start", "review", "verify", "--by", "Chen"))
    after = page()
    assert "in progress" in after and 'value="reopen"' not in after, "nothing is done"
    assert after.count('value="done"') == before.count('value="done"') == len(present(home))
    counts = [re.findall(r"(\d+) steps open, ", html) for html in (before, after)]
    assert counts[0] == counts[1] != []
    assert told(crisis("task", "list")).count("in progress") == 2


def test_a_step_is_reopened_for_a_reason_that_is_kept(crisis: Crisis, home: Home) -> None:
    told(crisis("task", "done", "verify", "--by", "Li"))
    told(crisis("task", "reopen", "verify", "--why", "the supplier was wrong", "--by", "Wu"))
    assert present(home).loc["verify", ["by", "note"]].tolist() == ["Wu", "the supplier was wrong"]
    assert "the supplier was wrong" in told(crisis("task", "list"))


def test_a_comment_changes_no_state(crisis: Crisis, home: Home) -> None:
    before = present(home).loc["verify"].to_dict()
    told(crisis("task", "comment", "verify", "lab answers [bold]at six[/bold]", "--by", "Wu"))
    pd.testing.assert_series_equal(present(home).loc["verify"], pd.Series(before, name="verify"))
    assert "verify (Wu): lab answers [bold]at six" in told(crisis("task", "list"))
    refused(crisis("task", "comment", "verify", " "), "needs words")


def test_a_step_that_follows_another_is_due_from_when_that_is_done(crisis: Crisis, home: Home) -> None:
    told(crisis("task", "due", "press", "--after", "verify", "--minutes", "30", "--why", "facts first", "--by", "Wu"))
    assert present(home).loc["press", "due_at"] == OPENED + timedelta(minutes=45), "15 minutes for the first, then 30"
    told(crisis("task", "done", "verify", "--by", "Li", "--at", "2026-03-01T10:40"))
    assert present(home).loc["press", "due_at"] == OPENED + timedelta(minutes=70)
    refused(crisis("task", "due", "press", "--after", "press", "--why", "x"), "waits for that step itself")
    refused(crisis("task", "due", "press", "--after", "nothing", "--why", "x"), "no step 'nothing'")
    refused(crisis("task", "due", "press", "--at", "2999-03-01T12:00", "--why", " "), "without a reason")
    refused(crisis("task", "due", "press", "--why", "x"), "by the clock or after another")
    refused(crisis("task", "due", "press", "--at", "2026-03-01T12:00", "--why", "x"), "2026-03-01 12:00 is past")
    refused(crisis("task", "add", "x", "--due", "2026-03-01T12:00"), "2026-03-01 12:00 is past")


def test_slips_of_the_pen_are_refused(crisis: Crisis, home: Home) -> None:
    """A time to come, a year that is wrong, a step that somebody else has done meanwhile, one that is open."""
    refused(crisis("task", "done", "verify", "--at", "2999-01-01"), "2999-01-01 00:00 is in the future")
    refused(crisis("task", "done", "verify", "--at", "2025-03-01"), "before incident")
    told(crisis("task", "done", "verify", "--by", "Li", "--at", "2026-03-01T10:10"))
    refused(crisis("task", "done", "verify", "--by", "Wu"), "settled by Li")
    refused(crisis("task", "na", "verify", "--by", "Wu", "--why", "x"), "settled by Li")
    assert present(home).loc["verify", "by"] == "Li"
    refused(crisis("task", "reopen", "press", "--by", "Wu"), "press is open already")


@pytest.mark.long
def test_a_deadline_that_a_person_set_outlives_a_new_plan(crisis: Crisis, home: Home) -> None:
    told(crisis("task", "due", "press", "--at", "2999-03-02T09:00", "--why", "the press asked", "--by", "Wu"))
    told(crisis("task", "assign", "partners", "--to", "Bo", "--by", "Wu"))
    told(crisis("task", "add", "Call the landlord", "--due", "2999-03-01T15:00", "--to", "Bo", "--by", "Wu"))
    told(crisis("incident", "retype", "data_breach", "--why", "a list leaked", "--by", "Wu"))
    rows = home.lake.read("ACTIONS", watch="acme")
    own = rows[rows["playbook"] == "team"].iloc[0]
    assert own["status"] == "open" and own["person"] == "Bo", "what the team added is no playbook's to take back"
    assert "Call the landlord" in told(crisis("task", "list"))
    refused(crisis("task", "add", " ", "--due", "2999-03-01T15:00"), "needs a title")
    refused(crisis("task", "add", "x", "--due", "2999-03-01T15:00", "--owner", "king"), "no role 'king'")
    moved = rows[rows["step"] == "press"].iloc[0]
    assert moved["due_at"] == datetime(2999, 3, 2, 1, tzinfo=UTC)


def test_deadlines_are_an_icalendar_file(crisis: Crisis, home: Home, tmp_path: Path) -> None:
    file = tmp_path / "plan.ics"
    told(crisis("task", "start", "verify", "--by", "Wu"))
    told(crisis("task", "calendar", "--to", str(file), "--language", "zh"))
    raw = file.read_bytes()
    assert raw.startswith(b"BEGIN:VCALENDAR\r\n") and raw.endswith(b"END:VCALENDAR\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    text = raw.decode().replace("\r\n ", "")
    todos = [dict(line.split(":", 1) for line in one.split("\r\n") if ":" in line) for one in text.split("BEGIN:VTODO")]
    mine = next(one for one in todos if one.get("UID", "").startswith("inc-1/rumour/verify"))
    assert mine["DUE"] == "20260301T021500Z" and mine["STATUS"] == "IN-PROCESS" and "核实事实" in mine["SUMMARY"]
    told(crisis("task", "calendar", "--to", str(file), "--events", "--language", "en"))
    text = file.read_bytes().decode().replace("\r\n ", "")
    assert "VTODO" not in text and text.count("BEGIN:VEVENT") == text.count("TRANSP:TRANSPARENT") == len(todos) - 1
    assert "DTSTART:20260301T021500Z\r\nDTEND:20260301T021500Z" in text and "X-WR-CALNAME:Acme: [bold]rumour" in text
    told(crisis("task", "calendar", "--to", str(file), "--owner", "Ms Wu"))
    assert b"preserve" in file.read_bytes() and b"holding@" not in file.read_bytes()
    refused(crisis("task", "calendar", "--to", str(file), "--owner", "Nobody"), "'Nobody' has no step")


class _Inbox(BaseHTTPRequestHandler):
    taken: list[dict[str, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.mark.long
def test_owners_hear_what_is_due_and_deputies_take_over(crisis: Crisis, home: Home) -> None:
    inbox = type("Inbox", (_Inbox,), {"taken": []})
    server = HTTPServer(("127.0.0.1", 0), inbox)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"json://127.0.0.1:{server.server_address[1]}/"
    (home.watches / "acme.yml").write_text(
        WATCH.replace("spokesperson: Ann Lee", "spokesperson: Ann Lee, deputies: {duty_manager: Mr Gao}")
        + f"notify:\n  - {{name: duty, url: '{address}', owners: [duty_manager]}}\n"
        + f"  - {{name: all, url: '{address}'}}\nschedule: {{tasks_every_minutes: 10}}\n",
        encoding="utf-8",
    )
    told(crisis("task", "start", "preserve", "--by", "Wu"))
    watch, now = home.watch("acme"), OPENED + timedelta(minutes=50)
    ran = list(run_due(home.lake, [watch], scheduled(home), now=lambda: now))
    server.shutdown()
    server.server_close()
    assert [title.split("@")[0] for title, _ in ran] == ["acme/tasks"] and "done" in ran[0][1]
    rows = present(home)
    assert rows.loc["verify", ["person", "by"]].tolist() == ["Mr Gao", "escalation"], "35 minutes late, not begun"
    assert rows.loc["preserve", "person"] == "Wu", "somebody is at work on it"
    assert pd.isna(rows.loc["holding", "person"]), "its owner has no deputy"
    sent = home.lake.read("DELIVERIES", watch="acme", present=False)
    assert sent["ok"].all() and set(sent["channel"]) == {"duty", "all"}
    bodies = [one["message"] for one in inbox.taken]
    assert any("Mr Gao" in body and "overdue since" in body for body in bodies)
    assert sum("Publish the holding statement" in body for body in bodies) == 1, "the duty channel hears of its own"
    listed = told(crisis("task", "list", "--language", "zh"))
    assert (
        "超时转交" in listed and "由值班经理" in listed and "escalation" not in listed and "duty_manager" not in listed
    )
    again = team_tasks.escalate(home, watch, now=now + timedelta(hours=9))
    assert "verify" not in set(again["step"]), "handed on once"


def test_the_digest_says_who_owes_what_and_what_it_sent(crisis: Crisis) -> None:
    said = told(crisis("task", "digest", "--owner", "duty_manager"))
    assert "duty manager (Ms Wu), on “Acme: [bold]rumour[/bold]”" in said and "overdue" in said
    assert "spokesperson" not in said
    assert "has no channel" in told(crisis("task", "digest", "--send"))
    assert "已超时" in told(crisis("task", "digest", "--language", "zh"))


def _assign(root: str, step: str, person: str) -> None:
    place = Home.here(lake=Path(root) / "lake", watches=Path(root) / "watches", reports=Path(root) / "reports")
    now = OPENED + timedelta(minutes=3)  # the same moment for all: a clock that stands still
    team_tasks.assign(TeamChange(place, place.watch("acme"), person, now), [step], person)
    team_tasks.comment(TeamChange(place, place.watch("acme"), person, now), step, f"mine, says {person}")


@pytest.mark.long
def test_writers_at_once_lose_nothing(home: Home, tmp_path: Path) -> None:
    """Eight people write in the same moment, four of them to the same step."""
    steps = ["verify"] * 4 + ["preserve", "war_room", "pause", "holding"]
    # Each writer is a process; what all of them import is imported once, before they part.
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__, "crisislib.engine.team_tasks"])
    writers = [context.Process(target=_assign, args=(str(tmp_path), s, f"P{i}")) for i, s in enumerate(steps)]
    for one in writers:
        one.start()
    for one in writers:
        one.join(120)
    assert [one.exitcode for one in writers] == [0] * 8
    changes = home.lake.read("ACTIONS", watch="acme", present=False).dropna(subset=["person"])
    assert sorted(changes["person"]) == [f"P{i}" for i in range(8)], "each change is a row of its own"
    assert changes.groupby("step")["at"].nunique().to_dict()["verify"] == 4
    assert len(home.lake.read("LOGBOOK", watch="acme")) == 8


def test_no_deadline_counts_from_a_step_that_was_taken_back(crisis: Crisis, home: Home) -> None:
    """A step of the former kind of crisis is done by nobody: what waited for it would wait for ever."""
    former = set(present(home).index)
    told(crisis("incident", "retype", "labour", "--why", "a strike", "--by", "Wu"))
    board = home.lake.read("ACTIONS", watch="acme")
    pending = set(board.loc[board["status"] != "replaced", "step"])
    gone = sorted(former - pending)
    assert gone
    refused(
        crisis("task", "due", "review", "--after", gone[0], "--minutes", "30", "--why", "x", "--by", "Wu"), "no step"
    )


def test_a_time_of_day_is_the_next_for_a_deadline_and_the_last_for_what_was_done(home: Home) -> None:
    watch, now = home.watch("acme"), datetime(2026, 3, 1, 2, 30, tzinfo=UTC)  # 10:30 in the watch's zone
    later = partial(instant, watch=watch, option="--due", after=now)
    assert later("11:00") == now + timedelta(minutes=30)
    assert later("9:05") == datetime(2026, 3, 2, 1, 5, tzinfo=UTC), "that hour has passed today"
    earlier = partial(instant, watch=watch, option="--at", before=now)
    assert earlier("9:05") == datetime(2026, 3, 1, 1, 5, tzinfo=UTC)
    assert earlier("23:00") == datetime(2026, 2, 28, 15, 0, tzinfo=UTC), "it has not come yet today"
    assert later("2026-03-05T08:00") == datetime(2026, 3, 5, 0, 0, tzinfo=UTC)
    for wrong in ("25:00", "10:75", "ten"):
        with pytest.raises(InputError, match="no time"):
            later(wrong)


def test_a_task_due_at_a_time_of_day_is_due_within_a_day(crisis: Crisis, home: Home) -> None:
    began = datetime.now(UTC)
    told(crisis("task", "add", "Call the laboratory", "--due", "10:00", "--by", "Wu"))
    due = home.lake.read("ACTIONS", watch="acme").query("playbook == 'team'")["due_at"].iloc[0]
    assert began < due <= began + timedelta(days=1, minutes=1) and f"{due.astimezone(WATCH_ZONE):%H:%M}" == "10:00"


def test_a_list_fits_a_narrow_terminal_with_whole_ids(crisis: Crisis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(common.out, "width", 80)
    shown = told(crisis("task", "list")).splitlines()
    assert any(line.startswith("report_platform ") for line in shown) and max(map(len, shown[2:20])) <= 80
    assert "confirmed, open, refuted" not in "\n".join(shown)
    assert "confirmed, open, refuted" in told(crisis("task", "list", "--why"))
    assert any(line.startswith("inc-1 ") for line in told(crisis("incident", "list")).splitlines())


def test_the_environment_names_the_watch(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LAKE": home.lake_root, "WATCHES": home.watches, "WATCH": "acme"}.items():
        monkeypatch.setenv(f"CRISIS_{name}", str(value))
    assert "Acme: [bold]rumour" in told(CliRunner().invoke(app, ["task", "list"]))
