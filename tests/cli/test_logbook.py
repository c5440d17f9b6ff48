"""The logbook through the command line: who wrote what and when, and what reaches people is logged as a response."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.engine import Home
from tests.cli.test_team import crisis, home, present, refused, told

__all__ = ["crisis", "home"]
Crisis = Callable[..., Result]


def identity(said: str) -> str:
    match = re.search(r"\b[a-z_]+-[0-9a-f]{8}\b", said)
    assert match, said
    return match[0]


@pytest.mark.parametrize("verb", ["list", "add", "set", "history"])
def test_every_verb_teaches(verb: str) -> None:
    result = CliRunner().invoke(app, ["log", verb, "--help"])
    assert result.exit_code == 0 and len(result.output) > 300


@pytest.mark.long
def test_what_is_written_is_changed_on_record(crisis: Crisis, home: Home) -> None:
    assert "The logbook is empty" in told(crisis("log", "list"))
    said = told(crisis("log", "add", "decision", "No recall before the lab report", "--by", "Wu", "--note", "risk low"))
    own = identity(said)
    told(crisis("log", "add", "feedback", "Stores ask what to say", "--by", "Li", "--owner", "hr_lead"))
    told(crisis("log", "set", own, "--status", "revised", "--words", "Recall batch 7", "--note", "lab", "--by", "Gao"))
    rows = home.lake.read("LOGBOOK", watch="acme").set_index("entry_id")
    assert rows.loc[own, ["status", "title", "by", "note"]].tolist() == ["revised", "Recall batch 7", "Gao", "lab"]
    history = told(crisis("log", "history", own))
    assert "No recall before" in history and "Recall batch 7" in history and history.count(own) == 2
    listed = told(crisis("log", "list", "--open", "--language", "zh"))
    assert "Stores ask" in listed and "员工反馈" in listed and "Recall" not in listed
    assert "Recall" in told(crisis("log", "list", "--kind", "decision"))


@pytest.mark.long
def test_what_cannot_be_is_refused(crisis: Crisis, home: Home) -> None:
    refused(crisis("log", "add", "gossip", "x"), "'gossip'")
    refused(crisis("log", "add", "decision", " "), "needs words")
    refused(crisis("log", "add", "decision", "x", "--status", "sent"), "'sent'")
    refused(crisis("log", "set", "decision-00000000", "--status", "revised"), "0 entries")
    assert home.lake.read("LOGBOOK", watch="acme").empty


def test_what_reaches_people_closes_its_step_once(crisis: Crisis, home: Home) -> None:
    own = identity(told(crisis("log", "add", "contact", "Call the first poster", "--about", "weibo:1", "--by", "Wu")))
    assert present(home).loc["answer_people", "status"] != "done late"
    for _ in range(2):
        told(crisis("log", "set", own, "--status", "contacted", "--fact", "channel=phone", "--by", "Wu"))
    responses = home.lake.read("RESPONSES", watch="acme")
    assert responses[["kind", "channel", "text", "by"]].values.tolist() == [
        ["one_to_one", "phone", "Call the first poster", "Wu"]
    ]
    assert present(home).loc["answer_people", "status"] == "done late"
