"""Incidents in hand through the command line: what is printed, what is on record, and that the plan follows."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.engine import Home
from crisislib.engine.incident_records import incident_of, responses_of
from tests.cli.test_team import OPENED, crisis, home, present, refused, told

__all__ = ["crisis", "home"]
Crisis = Callable[..., Result]


def newest(home: Home) -> pd.DataFrame:
    rows = home.lake.read("INCIDENTS", watch="acme", present=False).sort_values("at", kind="stable")
    return rows.drop_duplicates("incident_id", keep="last").set_index("incident_id")


def open_steps(home: Home) -> set[str]:
    rows = home.lake.read("ACTIONS", watch="acme")
    return set(rows.loc[rows["status"].isin(["open", "planned"]), "step"])


@pytest.mark.parametrize("command", ["list", "open", "retype", "rename", "merge", "split", "close", "reopen"])
def test_every_command_teaches(command: str) -> None:
    result = CliRunner().invoke(app, ["incident", command, "--help"])
    assert result.exit_code == 0 and "--watch" in result.output


@pytest.mark.long
def test_a_retyped_incident_has_the_plan_of_its_new_kind_and_says_who_and_why(home: Home, crisis: Crisis) -> None:
    before = home.lake.read("ACTIONS", watch="acme")
    told(crisis("incident", "retype", "data_breach", "--why", "customer list leaked", "--by", "Li"))
    row = newest(home).loc["inc-1"]
    assert (row["kind"], row["by"], row["note"]) == ("data_breach", "Li", "customer list leaked")
    assert set(home.lake.read("ACTIONS", watch="acme")["step"]) - set(before["step"]), "steps of the data breach"
    listed = told(crisis("incident", "list", "--all"))
    assert "customer list leaked" in listed and listed.count("inc-1") == 2
    assert "nan" not in listed and "@1" not in listed, "who is a person or the rules"


@pytest.mark.long
@pytest.mark.parametrize("standing_still", [False, True])
def test_retyped_there_and_back_twice_the_plan_has_each_step_once_and_what_both_have_goes_on(
    home: Home, crisis: Crisis, monkeypatch: pytest.MonkeyPatch, standing_still: bool
) -> None:
    """Also on the clock of a demonstration, which stands at the moment of the first plan."""
    if standing_still:
        monkeypatch.setattr(Home, "now", lambda self: OPENED)

    def listed(*more: str) -> list[str]:
        words = told(crisis("task", "list", *more, "--incident", "inc-1"))
        return [line.split()[0] for line in words.splitlines() if re.match(r"[\w.]+ +\d\d-\d\d ", line)]

    rumour = set(listed())
    told(crisis("task", "start", "verify", "--by", "Chen", "--note", "in Lyon"))
    told(crisis("task", "assign", "separate_true", "--to", "Bo"))
    told(crisis("task", "due", "review", "--at", "2999-03-01", "--why", "after the trial"))
    told(crisis("task", "done", "pause", "--by", "Li"))
    begun = present(home).loc["verify"]
    for turn in ("first", "second"):
        said = ("--standing", "confirmed", "--why", f"the lab confirms it, {turn}", "--by", "Gao")
        told(crisis("incident", "retype", "product_harm", *said))
        steps = listed()
        assert len(steps) == len(set(steps)) and {"stop_sale", "take_back", "war_room", "verify"} <= set(steps)
        assert not {"proof", "separate_true", "pause"} & set(steps)
        rows = present(home)
        keep = ["action_id", "status", "person", "started_at", "due_at", "by", "note", "owner"]
        assert rows.loc["verify", keep].tolist() == begun[keep].tolist(), "who has it, since when, by when"
        assert rows.loc["review", "due_at"].year == 2999 and rows.loc["verify", "playbook"] == "product_harm"
        assert rows.loc["proof", ["status", "by", "note"]].tolist() == ["replaced", *said[5:], said[3]]
        whole = told(crisis("task", "list", "--all"))
        assert re.search(r"taken back[^\n]*Gao[^\n]*" + said[3], whole)
        digest = told(crisis("task", "digest"))
        assert digest.count("Establish the facts") <= 1 and "Obtain proof" not in digest
        finding = told(crisis("review"))
        assert f"of {len(steps) + 1} steps" in finding, finding
        told(crisis("incident", "retype", "rumour", "--standing", "unverified", "--why", "the lab was wrong"))
        assert sorted(listed()) == sorted(rumour - {"pause"}) and present(home).loc["separate_true", "person"] == "Bo"


def test_a_new_name_stands_with_who_gave_it_and_why(home: Home, crisis: Crisis) -> None:
    told(crisis("incident", "rename", "Batch 7", "--why", "the batch is known", "--by", "Li"))
    told(crisis("incident", "rename", "Batch 7, Lyon", "--by", "Li"))
    listed = told(crisis("incident", "list", "--all"))
    assert "the batch is known" in listed and "renamed" in listed and "Batch 7, Lyon" in listed


def test_what_cannot_be_is_refused(home: Home, crisis: Crisis) -> None:
    refused(crisis("incident", "retype", "nonsense", "--why", "x"), "nonsense")
    refused(crisis("incident", "retype", "rumour", "--why", " "), "reason")
    refused(crisis("incident", "reopen", "--why", "x"), "already")
    refused(crisis("incident", "merge", "inc-1", "--into", "inc-1", "--why", "x"), "itself")
    refused(crisis("incident", "split", "--at", "2020-01-01", "--why", "x"), "not within")
    refused(crisis("incident", "open", "--why", "x", "--level", "calm"), "calm")
    refused(crisis("incident", "rename", " "), "empty")
    assert len(home.lake.read("INCIDENTS", watch="acme", present=False)) == 1, "nothing was written"


@pytest.mark.long
def test_open_merge_close_and_reopen(home: Home, crisis: Crisis) -> None:
    told(crisis("incident", "open", "--why", "a journalist calls", "--title", "Second", "--level", "red"))
    second = next(i for i in newest(home).index if i != "inc-1")
    assert "Second" in told(crisis("incident", "list"))
    told(crisis("respond", "--kind", "statement", "--by", "Li", "--text", "to the journalist", "--incident", second))
    told(crisis("incident", "merge", second, "--into", "inc-1", "--why", "one story"))
    rows = newest(home)
    assert rows.loc[second, "status"] == "closed" and rows.loc[second, "merged_into"] == "inc-1"
    assert rows.loc["inc-1", "level"] == "red" and rows.loc["inc-1", "status"] == "open"
    first = incident_of(home, home.watch("acme"), "inc-1")
    assert "to the journalist" in set(responses_of(home, home.watch("acme"), first)["text"])
    told(crisis("incident", "close", "--incident", "inc-1", "--why", "over"))
    assert newest(home).loc["inc-1", "status"] == "closed"
    told(crisis("incident", "reopen", "--incident", "inc-1", "--why", "again"))
    row = newest(home).loc["inc-1"]
    assert row["status"] == "open" and pd.isna(row["closed_at"])


def test_a_split_hands_over_the_alerts_of_the_second(home: Home, crisis: Crisis) -> None:
    opened = newest(home).loc["inc-1", "opened_at"]
    alerts = [
        {"alert_id": f"a{h}", "made_at": opened + pd.Timedelta(hours=h), "watch": "acme", "incident_id": "inc-1",
         "signal": "volume", "at": opened + pd.Timedelta(hours=h), "level": "orange", "method": "index@1;opened"}
        for h in (0, 10)
    ]  # fmt: skip
    from crisislib.core.tables import conform

    home.lake.append("ALERTS", conform(pd.DataFrame(alerts), "ALERTS"))
    cut = (opened + pd.Timedelta(hours=5)).isoformat()
    told(crisis("incident", "split", "--at", cut, "--kind", "labour", "--why", "a strike is another matter"))
    rows = newest(home)
    second = next(i for i in rows.index if i != "inc-1")
    assert rows.loc[second, "kind"] == "labour" and rows.loc["inc-1", "status"] == "closed"
    mine = home.lake.read("ALERTS", watch="acme").set_index("alert_id")["incident_id"]
    assert mine["a0"] == "inc-1" and mine["a10"] == second


@pytest.mark.long
def test_what_is_closed_or_merged_takes_no_other_incident_with_it(home: Home, crisis: Crisis) -> None:
    """An open incident that is merged into a closed one, or two into each other, would be seen by nobody."""
    told(crisis("incident", "open", "--why", "a journalist calls", "--title", "Second", "--level", "red"))
    second = next(i for i in newest(home).index if i != "inc-1")
    told(crisis("incident", "merge", second, "--into", "inc-1", "--why", "one story"))
    refused(crisis("incident", "merge", "inc-1", "--into", second, "--why", "the other way round"), "is closed")
    refused(crisis("incident", "merge", second, "--into", "inc-1", "--why", "again"), "is merged into inc-1 already")
    refused(crisis("incident", "split", "--at", "2026-03-01T10:30", "--incident", second, "--why", "x"), "is closed")
    assert newest(home).loc["inc-1", "status"] == "open"
    assert "inc-1" in told(crisis("incident", "list"))


def test_a_response_belongs_to_the_incident_that_goes_on_and_not_to_one_that_is_over(
    home: Home, crisis: Crisis
) -> None:
    told(crisis("incident", "open", "--why", "a small thing", "--title", "Small", "--level", "blue"))
    small = next(i for i in newest(home).index if i != "inc-1")
    told(crisis("incident", "close", "--incident", small, "--why", "nothing in it"))
    told(crisis("respond", "--kind", "holding", "--by", "Li", "--text", "We look into it"))
    assert home.lake.read("RESPONSES", watch="acme")["incident_id"].tolist() == ["inc-1"]
    steps = home.lake.read("ACTIONS", watch="acme").set_index(["incident_id", "step"])
    assert steps.loc[("inc-1", "holding"), "status"] in ("done", "done late")


def second_half(home: Home, crisis: Crisis) -> str:
    told(crisis("incident", "split", "--at", "2026-03-01T12:00", "--why", "two matters", "--title", "Two"))
    return next(i for i in newest(home).index if i != "inc-1")


def test_what_cannot_take_in_another_says_which_and_how(home: Home, crisis: Crisis) -> None:
    second = second_half(home, crisis)
    fault = refused(crisis("incident", "merge", second, "--into", "inc-1", "--why", "one after all"), "inc-1 is closed")
    assert "crisis incident reopen --watch acme --incident inc-1" in str(fault)
    assert f"crisis incident merge inc-1 --watch acme --into {second}" in str(fault)


@pytest.mark.long
@pytest.mark.parametrize("standing_still", [False, True])
def test_two_that_are_one_again_count_once(
    home: Home, crisis: Crisis, monkeypatch: pytest.MonkeyPatch, standing_still: bool
) -> None:
    """Also on the clock of a demonstration, where every change lies a microsecond after the one before."""
    if standing_still:
        at = pd.Timestamp("2026-03-01T06:00:00Z").to_pydatetime()
        monkeypatch.setattr(Home, "now", lambda self: at)
    second = second_half(home, crisis)
    assert re.search(r"2026-03[ │]+2 ", told(crisis("risk")))
    told(crisis("incident", "merge", "inc-1", "--into", second, "--why", "one after all"))
    assert re.search(r"2026-03[ │]+1 ", told(crisis("risk")))
    told(crisis("incident", "reopen", "--incident", "inc-1", "--why", "not so"))
    assert re.search(r"2026-03[ │]+2 ", told(crisis("risk")))
    told(crisis("incident", "merge", second, "--into", "inc-1", "--why", "one after all"))
    said = told(crisis("risk"))
    assert re.search(r"2026-03[ │]+1 ", said)
    if not standing_still:
        assert "nothing was collected, so whether there was a new incident is not known; 1 incident from before" in said
