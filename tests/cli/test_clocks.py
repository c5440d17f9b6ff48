"""Duties towards authorities: every one with a source, due as its rule counts, and as tasks for counsel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial

import pytest
from click.testing import Result

from crisislib.engine import Home
from crisislib.engine.incident_records import incident_of
from crisislib.engine.plan_in_words import plan_table
from crisislib.engine.response_plan import playbooks
from crisislib.respond import known_duties
from tests.cli.test_team import crisis, home, refused, told

__all__ = ["crisis", "home"]
Crisis = Callable[..., Result]
FRIDAY = datetime(2026, 3, 6, 2, tzinfo=UTC)


def test_every_clock_has_a_source_and_both_languages() -> None:
    known = known_duties()
    assert len(known) > 80 and len({one.id for one in known}) == len(known)
    for one in known:
        assert one.sources and all(url.startswith("http") for url in one.sources)
        assert date(2026, 1, 1) <= one.checked <= date(2026, 11, 30), "the day on which the source was read"
        for words in (one.duty, one.to_whom, one.counted_from):
            assert words["zh"].strip() and words["en"].strip()
        assert one.note is None or (one.note["zh"].strip() and one.note["en"].strip()), one.id
        assert one.legal_basis["en"] and ("zh" in one.legal_basis) == (one.jurisdiction == "CN"), one.id


@pytest.mark.parametrize(
    ("unit", "value", "due"),
    [
        ("hour", 72, datetime(2026, 3, 9, 2, tzinfo=UTC)),
        ("calendar_day", 2, datetime(2026, 3, 8, 2, tzinfo=UTC)),
        ("business_day", 2, datetime(2026, 3, 10, 2, tzinfo=UTC)),
        ("immediate", 0, None),
    ],
)
def test_a_clock_counts_as_its_rule_says(unit: str, value: float, due: datetime | None) -> None:
    one = known_duties()[0].model_copy(update={"unit": unit, "value": value})
    assert one.due(FRIDAY) == due


@pytest.mark.long
def test_they_are_listed_and_become_tasks_of_counsel(crisis: Crisis, home: Home) -> None:
    listed = told(
        crisis("clocks", "--where", "EU", "--trigger", "data_breach", "--from", "2026-03-06T10:00", "--sources")
    )
    assert "2026-03-09 10:00" in listed and "http" in listed and "not legal advice" in listed and "PIPL" not in listed
    zh = told(crisis("clocks", "--where", "CN", "--trigger", "data_breach", "--language", "zh"))
    assert (
        "立即" in zh and "《个人信息保护法》" in zh and "起算：事件发生之时" in zh and "competent authority" not in zh
    )
    minded = told(crisis("clocks", "--where", "CN", "--trigger", "data_breach", "--language", "zh", "--sources"))
    assert "该条未规定小时数" in minded and "No hours" not in minded
    told(crisis("clocks", "--where", "EU", "--trigger", "data_breach", "--add", "--by", "Wu"))
    rows = home.lake.read("ACTIONS", watch="acme").query("playbook == 'team'")
    assert len(rows) >= 1 and set(rows["owner"]) == {"legal_lead"} and set(rows["by"]) == {"Wu"}
    none = told(crisis("clocks", "--where", "CN", "--trigger", "food_safety"))
    assert "No duty is listed for food_safety in CN" in none and "not complete" in none
    refused(crisis("clocks", "--where", "Atlantis"), "Atlantis")
    refused(crisis("clocks", "--trigger", "gossip"), "gossip")


def test_a_duty_of_a_playbook_says_where_its_hours_were_read_or_that_they_are_not_confirmed(
    crisis: Crisis, home: Home
) -> None:
    known = {one.id for one in known_duties()}
    books = playbooks(home)
    for kind in books.kinds:
        assert {one for duty in books.for_kind(kind).duties for one in duty.clocks} <= known, kind
    told(crisis("incident", "retype", "data_breach", "--why", "the log shows it", "--by", "Li"))
    watch = home.watch("acme")
    row, ask = incident_of(home, watch), partial(plan_table, home, watch, now=FRIDAY, every=True)
    why = " ".join(ask(row, language="en")["reason"])
    assert "the rule was read at http" in why and "not confirmed by a page that was checked" in why
    assert "该时限未经查证" in " ".join(ask(row, language="zh")["reason"])
