"""A statement's life through the command line: nothing goes out that is not established and approved by two."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.core.phrase import unpack
from crisislib.engine import Home
from tests.cli.test_logbook import identity
from tests.cli.test_team import crisis, home, present, refused, told

__all__ = ["crisis", "home"]
Crisis = Callable[..., Result]
VERBS = ["propose", "fill", "check", "approve", "schedule", "publish", "follow", "withdraw", "show"]
LOGISTICS = ("contact=400-1", "next_update=16:00", "what_you_do=Keep the receipt", "what_unknown=the date of the film")


def filled(*facts: str) -> list[str]:
    return [word for fact in (*LOGISTICS, *facts) for word in ("-f", fact)]


def approved(crisis: Crisis, own: str, role: str, by: str) -> Result:
    """Approve what it says now, as somebody does who has just read it."""
    digits = re.findall(r"[Cc]ontent ([0-9a-f]{12})", told(crisis("release", "show", own)))[0]
    return crisis("release", "approve", own, "--as", role, "--by", by, "--content", digits)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_teaches(verb: str) -> None:
    result = CliRunner().invoke(app, ["release", verb, "--help"])
    assert result.exit_code == 0 and len(result.output) > 300


@pytest.mark.long
def test_a_statement_from_proposal_to_follow_up(crisis: Crisis, home: Home) -> None:
    facts = filled("what_happened=The film is from 2024", "what_we_do=We opened the kitchen")
    shown = told(crisis("release", "propose", "holding", *facts, "--by", "Ann"))
    own = identity(shown)
    assert "not yet known whether the claim is true" in shown, "the strategy stands with its reasons"
    assert "No evidence is named for" in shown
    refused(approved(crisis, own, "legal", "Bo"), "No evidence")
    proven = ["-e", "what_happened=https://x.example/1", "-e", "what_we_do=Ms Wu, on site"]
    assert "found nothing wrong" in told(crisis("release", "fill", own, *proven, "--by", "Ann"))
    refused(approved(crisis, own, "legal", "Ann"), "Ann wrote or approved it")
    assert "approved as Legal by Bo" in (half := told(approved(crisis, own, "legal", "Bo")))
    assert "still to be approved as: Lead" in half and own in told(crisis("release", "show"))
    refused(approved(crisis, own, "lead", "Bo"), "Bo wrote or approved it")
    refused(crisis("release", "publish", own, "--url", "https://x.example/2"), "is draft")
    assert "approved" in told(approved(crisis, own, "lead", "Chen"))
    refused(crisis("release", "schedule", own, "--at", "2020-01-01T10:00"), "is past")
    assert "scheduled" in told(crisis("release", "schedule", own, "--at", "2999-01-01T10:00", "--by", "Chen"))
    refused(crisis("release", "publish", own, "--url", " "), "no address")
    refused(crisis("release", "publish", own, "--url", "javascript:alert(1)"), "no web address")
    said = told(crisis("release", "publish", own, "--url", "https://x.example/2", "--channel", "x", "--by", "Ann",
                       "--at", "2026-03-01T10:40"))  # fmt: skip
    assert "done with it: Publish the holding statement" in said
    assert present(home).loc["holding", "status"] == "done"
    row = home.lake.read("RESPONSES", watch="acme").iloc[0]
    assert (row["kind"], row["url"], row["channel"]) == ("holding", "https://x.example/2", "x")
    assert "The film is from 2024" in row["text"]
    told(crisis("release", "follow", own, "--by", "Ann"))
    entries = home.lake.read("LOGBOOK", watch="acme")
    assert entries["status"].tolist() == ["followed"]
    history = home.lake.read("LOGBOOK", watch="acme", present=False).sort_values("at")
    assert history["status"].tolist() == ["draft"] * 3 + ["approved", "scheduled", "published", "followed"]


@pytest.mark.long
def test_what_is_changed_must_be_approved_again(crisis: Crisis, home: Home) -> None:
    facts = filled("what_happened=The film is from 2024", "what_we_do=We opened the kitchen")
    proven = ["-e", "what_happened=https://x.example/1", "-e", "what_we_do=Ms Wu"]
    own = identity(told(crisis("release", "propose", "holding", *facts, *proven, "--by", "Ann")))
    told(approved(crisis, own, "legal", "Bo"))
    read = re.findall(r"Content ([0-9a-f]{12})", told(crisis("release", "show", own)))[0]
    told(crisis("release", "fill", own, "-f", "contact=400-2", "--by", "Chen", "--content", read))
    row = home.lake.read("LOGBOOK", watch="acme").iloc[0]
    content = unpack(row["facts"])
    assert content["approvals"] == {} and "400-2" in content["text"] and content["author"] == "Chen"
    told(crisis("release", "withdraw", own, "--why", "overtaken by events", "--by", "Chen"))
    refused(approved(crisis, own, "legal", "Bo"), "is withdrawn")
    refused(crisis("release", "withdraw", own, "--why", " "), "no reason")


def test_an_approval_holds_for_what_was_read(crisis: Crisis, home: Home) -> None:
    facts = filled("what_happened=The film is from 2024", "what_we_do=We opened the kitchen")
    proven = ["-e", "what_happened=https://x.example/1", "-e", "what_we_do=Ms Wu"]
    shown = told(crisis("release", "propose", "holding", *facts, *proven, "--by", "Ann"))
    own, read = identity(shown), re.findall(r"Content ([0-9a-f]{12})", shown)[0]
    told(crisis("release", "fill", own, "-f", "what_happened=Nothing happened", "--by", "Ann"))  # in between
    late = crisis("release", "approve", own, "--as", "legal", "--by", "Bo", "--content", read)
    refused(late, "read it again")
    refused(crisis("release", "approve", own, "--as", "legal", "--by", "Bo", "--content", ""), "read it again")
    content = unpack(home.lake.read("LOGBOOK", watch="acme").iloc[0]["facts"])
    assert content["approvals"] == {}, "nothing is approved that nobody has read"
    told(approved(crisis, own, "legal", "Bo"))


def test_a_denial_needs_a_claim_that_is_established_as_false(crisis: Crisis) -> None:
    denial = ["-f", "false_claim=expired milk", "-f", "evidence=Lab report 7", "-f", "what_happened=All milk was fresh",
              "-f", "contact=400-1"]  # fmt: skip
    proven = ["-e", "false_claim=post weibo:1", "-e", "evidence=lab.example/7", "-e", "what_happened=lab.example/7"]
    own = identity(told(crisis("release", "propose", "correction", *denial, *proven, "--by", "Ann")))
    result = crisis("release", "check", own)
    assert result.exit_code == 1 and "not established that the claim is false" in result.output
    told(crisis("release", "fill", own, "--claim", "false", "--by", "Ann"))
    assert "found nothing wrong" in told(crisis("release", "check", own))


def test_forbidden_words_are_refused_in_both_languages(crisis: Crisis) -> None:
    proven = ["-e", "what_happened=x", "-e", "what_we_do=x"]
    own = identity(told(crisis("release", "propose", "holding", "--language", "zh", "--by", "Ann", *proven,
                               *filled("what_happened=这是极个别情况", "what_we_do=已停售"))))  # fmt: skip
    assert "极个别" in crisis("release", "check", own).output
    english = identity(told(crisis("release", "propose", "holding", "--by", "Ann", *proven,
                                   *filled("what_happened=An Isolated Incident", "what_we_do=Stopped"))))  # fmt: skip
    assert "may not be used" in crisis("release", "check", english).output
    told(crisis("release", "show", english, "--language", "zh"))


def test_the_logbook_is_no_way_around_the_approval(crisis: Crisis, home: Home) -> None:
    facts = filled("what_happened=The film is from 2024", "what_we_do=We opened the kitchen")
    own = identity(told(crisis("release", "propose", "holding", *facts, "--by", "Ann")))
    for words in (["--status", "approved"], ["--status", "published"], ["--words", "All is well"],
                  ["-f", "text=All is well"], ["--due", "2999-01-01T10:00"]):  # fmt: skip
        refused(crisis("log", "set", own, *words, "--by", "Ann"), "is a statement")
    refused(crisis("log", "add", "statement", "All is well", "--status", "published", "--by", "Ann"), "proposed")
    assert home.lake.read("LOGBOOK", watch="acme", present=False)["status"].tolist() == ["draft"], "nothing was written"
    told(crisis("log", "set", own, "--owner", "Bo", "--note", "on leave", "--by", "Ann"))
    assert home.lake.read("LOGBOOK", watch="acme")["owner"].tolist() == ["Bo"], "who sees to it may change"


@pytest.mark.parametrize(
    "words", ["這是極個別情況", "这是极 个别情况", "An ｉｓｏｌａｔｅｄ\nincident", "ISOLATED  incidents"]
)
def test_no_way_of_writing_hides_a_forbidden_word(crisis: Crisis, words: str) -> None:
    proven = ["-e", "what_happened=x", "-e", "what_we_do=x"]
    own = identity(told(crisis("release", "propose", "holding", "--by", "Ann", *proven,
                               *filled(f"what_happened={words}", "what_we_do=Stopped"))))  # fmt: skip
    result = crisis("release", "check", own)
    assert result.exit_code == 1 and "may not be used" in result.output


@pytest.mark.long
def test_nobody_fills_over_words_that_they_have_not_read(crisis: Crisis) -> None:
    shown = told(crisis("release", "propose", "holding", *filled(), "--by", "Ann"))
    own, read = identity(shown), re.findall(r"Content ([0-9a-f]{12})", shown)[0]
    told(crisis("release", "fill", own, "-f", "what_happened=The film is old", "--by", "Bo", "--content", read))
    late = crisis("release", "fill", own, "-f", "what_happened=A pipe burst", "--by", "Chen", "--content", read)
    refused(late, "“The film is old” (Bo, ")
    refused(crisis("release", "fill", own, "-f", "what_happened=A pipe burst", "--by", "Chen"), "was changed since")
    told(crisis("release", "fill", own, "-f", "what_we_do=We opened it", "--by", "Chen", "--content", read))
    both = told(crisis("release", "show", own))
    assert "The film is old" in both and "We opened it" in both, "different places both land"
    now = re.findall(r"Content ([0-9a-f]{12})", both)[0]
    told(crisis("release", "fill", own, "-f", "what_happened=A pipe burst", "--by", "Chen", "--content", now))
    refused(crisis("release", "fill", own, "-f", "contact=1", "--by", "Bo", "--content", "0" * 12), "has no version")
    history = told(crisis("log", "history", own))
    assert "The film is old" in history and "A pipe burst" in history and "We opened it" in history
