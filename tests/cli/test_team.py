"""The response team's commands over a lake on disk: what they print, and what is on record afterwards."""

import json
import re
import shlex
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from crisislib.cli import common
from crisislib.cli.app import app
from crisislib.core.errors import CrisisError
from crisislib.core.tables import conform
from crisislib.engine import Home
from crisislib.engine.response_plan import playbooks
from crisislib.respond import plan

OPENED = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
WATCH = """watch: acme
title: {en: Acme, zh: 艾克美}
language: en
timezone: Asia/Shanghai
brand: {names: [Acme]}
risk: {currency: CNY}
respond: {owners: {duty_manager: Ms Wu}, reputation: good, spokesperson: Ann Lee}
"""
Crisis = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A watch with an orange incident and its plan."""
    (tmp_path / "watches").mkdir()
    (tmp_path / "watches" / "acme.yml").write_text(WATCH, encoding="utf-8")
    found = Home.here(lake=tmp_path / "lake", watches=tmp_path / "watches", reports=tmp_path / "reports")
    row = {
        "incident_id": "inc-1", "at": OPENED, "watch": "acme", "title": "Acme: [bold]rumour[/bold]", "kind": "rumour",
        "level": "orange", "status": "open", "opened_at": OPENED, "index": 80.0, "by": "warn",
    }  # fmt: skip
    found.lake.append("INCIDENTS", conform(pd.DataFrame([row]), "INCIDENTS"))
    books = playbooks(found)
    found.lake.append("ACTIONS", plan(row, found.watch("acme"), books.for_kind("rumour"), books.words, now=OPENED))
    return found


@pytest.fixture
def crisis(home: Home, monkeypatch: pytest.MonkeyPatch) -> Crisis:
    monkeypatch.setenv("CRISIS_LAKE", str(home.lake_root))
    monkeypatch.setenv("CRISIS_WATCHES", str(home.watches))
    for console in (common.out, common.err):
        monkeypatch.setattr(console, "width", 240)

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--watch", "acme"])

    return run


def told(result: Result) -> str:
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.output


def refused(result: Result, what: str) -> CrisisError:
    assert isinstance(result.exception, CrisisError), result.output
    assert what in str(result.exception) and result.exception.do
    return result.exception


def present(home: Home) -> pd.DataFrame:
    return home.lake.read("ACTIONS", watch="acme").set_index("step")


@pytest.mark.parametrize("command", ["list", "done", "na", "reopen"])
def test_every_command_of_the_board_teaches(command: str) -> None:
    result = CliRunner().invoke(app, ["task", command, "--help"])
    assert result.exit_code == 0 and len(result.output) > 300


def test_the_board_lists_open_steps_with_owner_and_due_time(crisis: Crisis) -> None:
    board = told(crisis("task", "list"))
    assert "Establish the facts" in board and "duty manager (Ms Wu)" in board
    assert "03-01 10:15" in board, "in the watch's zone: fifteen minutes after 10:00 in Shanghai"
    assert "overdue" in board and "Close it when" in board and "Watch for" in board and "[bold]rumour" in board
    assert board.index("Establish the facts") < board.index("Review")
    chinese = told(crisis("task", "list", "--language", "zh"))
    assert "核实事实" in chinese and "值班经理（Ms Wu）" in chinese and "已超时" in chinese


def test_an_incident_without_a_title_is_called_by_brand_kind_and_begin(crisis: Crisis, home: Home) -> None:
    rows = home.lake.read("INCIDENTS", watch="acme")
    home.lake.append("INCIDENTS", rows.assign(at=rows["at"] + timedelta(hours=1), title=None))
    assert "Acme: rumour, since 2026-03-01 10:00" in told(crisis("task", "list"))
    assert "Acme: rumour, since 2026-03-01 10:00" in told(crisis("ack", "--by", "Wu"))
    refused(crisis("ack", "--by", "Li"), "acknowledged already, by Wu")


@pytest.mark.long
def test_a_step_is_ticked_off_by_whom_and_when_and_late_is_late(crisis: Crisis, home: Home) -> None:
    said = told(crisis("task", "done", "verify", "--by", "Wu", "--at", "2026-03-01T10:10", "--note", "one page"))
    assert "Establish the facts" in said and "done, 2026-03-01 10:10, by Wu" in said
    assert "done late" in told(crisis("task", "done", "war_room", "--by", "Lin"))
    rows = present(home)
    assert rows.loc["verify", ["status", "by", "note"]].tolist() == ["done", "Wu", "one page"]
    assert rows.loc["verify", "done_at"] == OPENED + timedelta(minutes=10)
    board = told(crisis("task", "list"))
    assert "Establish the facts" not in board
    assert "done (Wu)" in told(crisis("task", "list", "--all"))
    assert "overdue" in told(crisis("task", "reopen", "verify", "--by", "Lin"))
    assert "Establish the facts" in told(crisis("task", "list"))
    changes = home.lake.read("ACTIONS", watch="acme", present=False)
    mine = changes[changes["step"] == "verify"].sort_values("at")
    assert mine["by"].fillna("").tolist() == ["", "Wu", "Lin"], "every change is on record"


def test_the_begin_of_the_event_and_the_alert_are_both_shown(crisis: Crisis, home: Home) -> None:
    rows = home.lake.read("INCIDENTS", watch="acme")
    begin = OPENED - timedelta(hours=1)
    home.lake.append("INCIDENTS", rows.assign(at=OPENED + timedelta(hours=1), opened_at=begin))
    assert "Began 2026-03-01 09:00; the alert was decided 2026-03-01 10:00" in told(crisis("task", "list"))
    told(crisis("respond", "--kind", "holding", "--by", "Ann", "--text", "x", "--at", "2026-03-01T10:20"))
    assert "first public word after 20 min." in told(crisis("score", "--by", "Wu"))


def test_a_response_logged_late_corrects_a_late_tick(crisis: Crisis, home: Home) -> None:
    answer = ("respond", "--kind", "holding", "--by", "Ann", "--text", "We know.", "--at")
    told(crisis(*answer, "2026-03-01T14:00"))
    assert present(home).loc["holding", "status"] == "done late"
    assert "done with it: Publish the holding statement" in told(crisis(*answer, "2026-03-01T10:40"))
    assert present(home).loc["holding", ["status", "done_at"]].tolist() == ["done", OPENED + timedelta(minutes=40)]
    assert "done (Ann)" in told(crisis("task", "list", "--all"))
    changes = home.lake.read("ACTIONS", watch="acme", present=False).query("step == 'holding'").sort_values("at")
    assert changes["status"].tolist() == ["open", "done late", "done"]


def test_a_step_is_left_out_with_a_reason(crisis: Crisis, home: Home) -> None:
    told(crisis("task", "na", "partners", "--why", "no partner is concerned", "--by", "Wu"))
    assert present(home).loc["partners", ["status", "note"]].tolist() == ["na", "no partner is concerned"]
    refused(crisis("task", "na", "press", "--why", " ", "--by", "Wu"), "without a reason")
    refused(crisis("task", "done", "verfy", "--by", "Wu"), "no step 'verfy'")
    refused(crisis("task", "done", "verify", "--by", "Wu", "--at", "2999-01-01"), "in the future")
    refused(crisis("task", "done", "verify", "--incident", "inc-2"), "no incident 'inc-2'")


def test_a_logged_response_ticks_its_step_off(crisis: Crisis, home: Home) -> None:
    said = told(crisis("respond", "--kind", "holding", "--by", "Ann", "--text", "We know.", "--at", "2026-03-01T10:40"))
    assert "done with it: Publish the holding statement" in said
    assert present(home).loc["holding", ["status", "by"]].tolist() == ["done", "Ann"]
    late = told(crisis("respond", "--kind", "statement", "--by", "Ann", "--text", "All.", "--incident", "inc-1"))
    assert "Full statement" in late and present(home).loc["full_statement", "status"] == "done late"
    assert "done with it" not in told(crisis("respond", "--kind", "other", "--by", "Ann", "--text", "x"))
    refused(crisis("respond", "--kind", "other", "--by", "Ann", "--text", "x", "--incident", "gone"), "gone")
    refused(crisis("respond", "--kind", "other", "--by", "Ann", "--text", "@gone.txt"), "gone.txt cannot be read")
    early = ("--at", "2025-03-01T10:40", "--incident", "inc-1")
    refused(crisis("respond", "--kind", "holding", "--by", "Ann", "--text", "x", *early), "before incident inc-1")
    refused(crisis("respond", "--kind", "holding", "--by", "Ann", "--url", "data:x"), "no web address")


def test_where_no_response_is_logged_the_effect_names_a_command_that_works(crisis: Crisis, home: Home) -> None:
    """Nothing to judge is no error: exit code 0, and what is printed can be typed as it stands."""
    typed = shlex.split(told(crisis("effect")).split("then ask again: ")[1])
    words = typed[typed.index("respond") :]
    place = words.index("--watch")
    assert words[place + 1] == "acme"
    told(crisis(*words[:place], *words[place + 2 :]))
    assert home.lake.read("RESPONSES")["by"].tolist() == ["NAME"]
    assert "No response has been logged" not in told(crisis("effect"))


def test_the_effect_is_told_with_its_limits_or_why_there_is_none(crisis: Crisis, home: Home) -> None:
    said = told(crisis("effect"))
    assert "No response has been logged for Acme" in said and "no effect to estimate" in said
    told(crisis("respond", "--kind", "holding", "--by", "Ann", "--text", "x", "--at", "2026-03-01T10:40"))
    said = told(crisis("effect"))
    assert said.count("Too little data") == 1, "one sentence for all signals"
    assert "the holding statement at 03-01 10:40 (volume, the negative-sentiment index: 0 between, 0 after)" in said


def test_a_statement_is_filled_from_facts_and_shows_what_is_not_established(crisis: Crisis, home: Home) -> None:
    first = crisis("statement", "holding", "-f", "what_happened=The film is from 2024.", "--by", "Ann")
    assert "The film is from 2024" in told(first) and "1 March 2026" in first.output and "[TO FILL:" in first.output
    assert "not established yet" in first.output
    assert "2026年3月1日" in told(crisis("statement", "holding", "--language", "zh"))
    refused(crisis("statement", "holding", "--final"), "what_we_do")
    assert "`what_happened`" in refused(crisis("statement", "holding", "-f", "what_hapened=x"), "what_hapened").do
    refused(crisis("statement", "poem"), "no draft 'poem'")
    assert "`rumour`" in refused(crisis("statement", "holding", "--playbook", "rumor"), "no playbook 'rumor'").do
    runs = home.lake.read("RUNS", watch="acme").sort_values("at")
    assert set(runs["job"]) == {"statement"} and runs["level"].isna().all()
    asked = json.loads(runs["parameters"].iloc[0])
    assert asked["by"] == "Ann" and asked["facts"]["what_happened"] == "The film is from 2024."
    stored = home.lake.read("FINDINGS", watch="acme")
    assert set(stored["key"]) == {"statement.draft"} and stored["detail"].str.contains("2024").any()


def test_a_final_statement_has_no_mark_left(crisis: Crisis) -> None:
    names = ("what_happened", "what_we_do", "what_you_do", "contact", "what_unknown", "next_update")
    filled = [word for name in names for word in ("-f", f"{name}=known")]
    text = told(crisis("statement", "holding", "--final", *filled))
    assert "TO FILL" not in text and "ready for sign-off" in text


def test_the_pack_is_a_folder_of_drafts(crisis: Crisis, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "pack"
    assert "drafts in" in told(crisis("pack", "--to", str(folder), "-f", "contact=400-1"))
    written = {path.stem for path in folder.glob("*.md")}
    assert {"holding", "statement", "press_qa", "reply", "partner", "internal", "correction"} <= written
    assert "400-1" in (folder / "holding.md").read_text(encoding="utf-8")
    press = tmp_path / "press"
    told(crisis("pack", "--to", str(press), "--audience", "press"))
    assert [path.stem for path in press.glob("*.md")] == ["press_qa"]
    refused(crisis("pack", "--to", str(press), "--audience", "aliens"), "aliens")


def test_the_strategy_follows_what_is_known(
    crisis: Crisis, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "It is not yet known whether the claim is true" in told(crisis("strategy"))
    denied = told(crisis("strategy", "--claim", "false", "--by", "Ann"))
    line = next(one for one in denied.splitlines() if " respond " in one)
    assert "--watch acme" in line, "the command to type next is whole"
    words = line.split()[line.split().index("respond") :]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "statement.txt").write_text("It is not so, and here is the proof.", encoding="utf-8")
    told(CliRunner().invoke(app, words))
    assert "denial with proof" in denied and "a person decides" in denied and "simple_denial" in denied
    owned = told(crisis("strategy", "--claim", "true", "--knew", "yes", "--language", "zh"))
    assert "承担责任的完整道歉" in owned
    refused(crisis("strategy", "--claim", "perhaps"), "'perhaps'")
    stored = home.lake.read("FINDINGS", watch="acme")
    assert set(stored["key"]) == {"strategy.advice"} and set(stored["incident_id"]) == {"inc-1"}


def test_the_score_reads_the_clocks_and_takes_the_checklist(crisis: Crisis, home: Home) -> None:
    told(crisis("task", "done", "verify", "--by", "Wu", "--at", "2026-03-01T10:10"))
    told(crisis("respond", "--kind", "holding", "--by", "Ann", "--text", "x", "--at", "2026-03-01T10:45"))
    said = told(crisis("score", "--5s", "speed=2:out after 45 minutes", "--5s", "standard=0", "--by", "Wu"))
    assert "first public word after 45 min." in said and "2 of 4 points over 2 of 5" in said
    assert "facts established" in said and "out after 45 minutes" in said
    assert "5S" not in told(crisis("score")).split("┏")[0], "what nobody scored is not told as a score"
    refused(crisis("score", "--5s", "speed=9"), "speed=9")
    refused(crisis("score", "--5s", "sped=1"), "sped")
    refused(crisis("score", "--5s", "speed=good"), "'good' is no score")
    stored = home.lake.read("FINDINGS", watch="acme")
    assert set(stored["key"]) == {"score.clocks", "score.five_s"}


def test_risk_by_period(crisis: Crisis, home: Home) -> None:
    risk = {"watch": "acme", "incident_id": "inc-1", "at": OPENED, "level": "red", "impact": 70.0, "loss_mean": 2e6}
    home.lake.append("RISKS", conform(pd.DataFrame([{**risk, "currency": "CNY"}]), "RISKS"))
    for every in ("day", "week", "month", "quarter"):
        assert "2 million CNY" in told(crisis("risk", "--every", every, "--last", "9999"))
    assert len(re.findall(r"^20\d\d-\d\d-\d\d  ", told(crisis("risk", "--every", "day", "--last", "3")), re.M)) == 3
    assert "200万元" in told(crisis("risk", "--language", "zh"))
    refused(crisis("risk", "--every", "fortnight"), "fortnight")


def test_without_an_incident_the_commands_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme.yml").write_text(WATCH, encoding="utf-8")
    monkeypatch.setenv("CRISIS_LAKE", str(tmp_path / "empty"))
    monkeypatch.setenv("CRISIS_WATCHES", str(tmp_path))

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--watch", "acme"])

    for words in (("task", "list"), ("strategy",), ("score",)):
        refused(run(*words), "no incident has been opened")
    assert "[TO FILL: date]" in told(run("statement", "holding")), "a draft needs no incident"
    assert "no incident was recorded" in told(run("risk"))


def test_check_names_faults_of_playbooks_and_owners(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRISIS_WATCHES", str(home.watches))
    monkeypatch.setattr(common.out, "width", 300)
    assert "playbooks" in told(CliRunner().invoke(app, ["check"]))
    folder = home.watches.parent / "playbooks"
    folder.mkdir()
    (folder / "mine.yml").write_text("{steps: 3}", encoding="utf-8")
    (home.watches / "acme.yml").write_text(WATCH.replace("duty_manager", "duty_manger"), encoding="utf-8")
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 1
    assert "mine.yml, line 1: steps: is 3, not a list" in result.output and "duty_manger" in result.output


def test_a_users_playbook_makes_the_plan_of_a_run(home: Home) -> None:
    from crisislib.engine.context import RunContext, RunWindow
    from crisislib.engine.incident_records import incident_of
    from crisislib.engine.response_plan import revise_plan

    folder = home.watches.parent / "playbooks"
    folder.mkdir()
    (folder / "ours.yml").write_text(
        "playbook: ours\nbase: rumour\ntitle: {en: Ours}\nkinds: [rumour]\n"
        "steps:\n  - {id: call, phase: act, title: {en: Call them}, what: {en: Do}, owner: board, due: {orange: 5}}\n",
        encoding="utf-8",
    )
    watch, now = home.watch("acme"), OPENED + timedelta(minutes=1)
    ctx = RunContext(home, watch, RunWindow(OPENED, now, now, now), "run-1")
    rows = revise_plan(ctx, incident_of(home, watch), playbooks(home), risk={"level": "orange"}, now=now)
    assert "call" in set(rows["step"]) and set(rows["playbook"]) == {"ours"}
    assert rows["step"].is_unique and "replaced" not in set(rows["status"]), "its base's steps go on in it"


OWN_BOOK = """playbook: ours
base: rumour
title: {en: Ours, zh: 我们的}
kinds: [rumour]
triggers:
  - {en: "A shop calls", zh: "门店来电"}
contacts:
  - {id: landlord, kind: partner, name: {en: Landlord, zh: 房东}, how: "021-5555", when: {en: before noon, zh: 中午前}}
forbidden:
  - {id: shop, words: not our shop, why: {en: shifts the blame, zh: 推卸责任}}
steps:
  - id: pay_back
    phase: act
    title: {en: Pay back, zh: 退款}
    what: {en: Pay., zh: 退。}
    owner: care_lead
    due: {yellow: 60, orange: 30, red: 15}
    only_if: [confirmed]
"""


def test_what_a_playbook_says_beside_its_steps_is_checked_and_shown(crisis: Crisis, home: Home) -> None:
    (home.watches.parent / "playbooks").mkdir()
    (home.watches.parent / "playbooks" / "ours.yml").write_text(OWN_BOOK, encoding="utf-8")
    checked = CliRunner().invoke(app, ["check", str(home.watches.parent / "playbooks" / "ours.yml")])
    assert checked.exit_code == 0, checked.output
    for words in ("1 triggers", "1 conditions", " contacts", "no address yet", "regulator"):
        assert words in checked.output, words
    assert "Landlord" not in checked.output, "that one can be called"
    told(crisis("incident", "retype", "rumour", "--why", "x", "--by", "Wu"))
    for board in (told(crisis("task", "list")), told(crisis("handover"))):
        assert "Landlord (partner): 021-5555. before noon" in board
        assert "“not our shop”: shifts the blame" in board and "Pay back: only if it is confirmed by the brand" in board
    assert "A shop calls" in told(crisis("task", "list"))
    assert "房东（合作方）：021-5555。中午前" in told(crisis("handover", "--language", "zh"))
    assert "pay_back" not in present(home).index
    told(crisis("incident", "retype", "rumour", "--standing", "confirmed", "--why", "the lab says so", "--by", "Wu"))
    row = present(home).loc["pay_back"]
    assert row["status"] == "open" and row["due_at"] > row["at"], "nobody could begin it before"
    assert "only if" not in told(crisis("task", "list"))
    told(crisis("incident", "retype", "rumour", "--standing", "denied", "--why", "it was wrong", "--by", "Wu"))
    assert present(home).loc["pay_back", "status"] == "replaced"


@pytest.mark.parametrize("wrong", ["kind: landlord", "how: 5"])
def test_a_contact_that_is_wrong_is_named_with_its_line(
    home: Home, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = OWN_BOOK.replace("kind: partner" if "kind" in wrong else 'how: "021-5555"', wrong)
    path = home.watches.parent / "ours.yml"  # not `home.root`, which is where the tests were called
    path.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(path)])
    assert result.exit_code == 1 and "line 8" in result.output, result.output
