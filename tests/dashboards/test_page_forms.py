"""Statements on the response page: what the checklist finds, who approved which words, and taking one back."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from html import unescape

import pandas as pd
import pytest

from crisislib.core.errors import CrisisError, InputError
from crisislib.engine import Home, statement_drafts
from crisislib.engine.team_change import TeamChange
from crisislib.workbench.pages.address import Address
from crisislib.workbench.pages.page_actions import NoReasonError, act
from crisislib.workbench.pages.page_views import Pages
from crisislib.workbench.pages.visitor import ANYBODY, Visitor
from tests.support.filled import NOW

QUERY = {"watch": "example", "language": "en"}
RESPONDER, ANALYST = Visitor("responder", named=True), Visitor("analyst", named=True)
FACTS = {"contact": "400-1", "next_update": "16:00", "what_you_do": "Keep the receipt", "what_unknown": "the date",
         "what_happened": "The film is from 2024", "what_we_do": "We opened <b>the kitchen</b>"}  # fmt: skip


@pytest.fixture
def place(home, tmp_path):
    shutil.copytree(home, tmp_path / "home", ignore=shutil.ignore_patterns("voila.log", "logs"))
    root = tmp_path / "home"
    return Home(root / "lake", root / "watches", root / "reports", moment=NOW)


def change(place, by: str) -> TeamChange:
    return TeamChange(place, place.watch("example"), by, NOW)


def proposed(place, **evidence: str) -> str:
    row = statement_drafts.propose(change(place, "Ann"), "holding", facts=FACTS, evidence=evidence, language="en")
    return str(row["entry_id"])


def shown(place, visitor: Visitor) -> str:
    return Pages(lambda: place).view(Address.parse("response", QUERY), visitor=visitor).html


def approval(html: str, role: str) -> dict[str, str]:
    found = next(f for f in re.findall(r"<form.*?</form>", html, re.S) if f'name="as" value="{role}"' in f)
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found)
    return {k: unescape(v) for k, v in fields} | {"how": "approve"}


@pytest.mark.long
def test_two_people_approve_the_words_that_they_read(place) -> None:
    own = proposed(place, what_happened="https://x.example/1", what_we_do="Ms Wu, on site")
    html = shown(place, RESPONDER)
    assert "The film is from 2024" in html and "<b>the kitchen" not in html and "no objection" in html
    assert "The film is from 2024" not in shown(place, ANYBODY), "what is not published is not for every reader"
    assert 'value="approve"' not in shown(place, ANALYST)
    act(change(place, "Bo"), "statement", approval(html, "legal"))
    html = shown(place, RESPONDER)
    assert "Legal: Bo, " in html and 'name="as" value="legal"' not in html
    act(change(place, "Chen"), "statement", approval(html, "lead"))
    assert statement_drafts.content_of(place, place.watch("example"), own)[0]["status"] == "approved"
    html = shown(place, RESPONDER)
    assert 'value="schedule"' in html and 'value="publish"' in html and 'value="publish"' not in shown(place, ANALYST)
    with pytest.raises(InputError, match="no time"):
        act(change(place, "Bo"), "statement", {"action": own, "how": "schedule", "at": "soon"})
    out = NOW.astimezone(place.watch("example").zone) + timedelta(hours=1)
    act(change(place, "Bo"), "statement", {"action": own, "how": "schedule", "at": f"{out:%Y-%m-%dT%H:%M}"})
    row = statement_drafts.content_of(place, place.watch("example"), own)[0]
    assert row["status"] == "scheduled" and row["due_at"] == pd.Timestamp(out).floor("min")
    with pytest.raises(CrisisError, match="no web address"):
        act(change(place, "Bo"), "statement", {"action": own, "how": "publish", "url": "javascript:alert(1)"})
    said = {"action": own, "how": "publish", "url": "https://weibo.com/1/2", "channel": "weibo"}
    act(change(place, "Bo"), "statement", said)
    assert statement_drafts.content_of(place, place.watch("example"), own)[0]["status"] == "published"
    answers = place.lake.read("RESPONSES", watch="example")
    assert "https://weibo.com/1/2" in set(answers["url"]) and own not in shown(place, RESPONDER).split("said-text")[0]


@pytest.mark.long
def test_a_step_is_assigned_from_the_page(place) -> None:
    html = shown(place, ANALYST)
    found = next(f for f in re.findall(r"<form.*?</form>", html, re.S) if 'value="assign"' in f)
    fields = {k: unescape(v) for k, v in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found)}
    act(change(place, "Li"), "step", fields | {"how": "assign", "person": "Zhao <b>"})
    html = shown(place, ANALYST)
    assert "Zhao &lt;b&gt;" in html and "Zhao <b>" not in html


@pytest.mark.long
def test_what_the_checklist_refuses_cannot_be_approved_and_a_reason_takes_it_back(place) -> None:
    own = proposed(place)
    html = shown(place, RESPONDER)
    assert "No evidence" in html and 'value="approve"' not in html
    with pytest.raises(NoReasonError):
        act(change(place, "Bo"), "statement", {"action": own, "how": "reject", "note": " "})
    act(change(place, "Bo"), "statement", {"action": own, "how": "reject", "note": "said too early"})
    row = statement_drafts.content_of(place, place.watch("example"), own)[0]
    assert (row["status"], row["by"], row["note"]) == ("withdrawn", "Bo", "said too early")
    assert own not in shown(place, RESPONDER)
