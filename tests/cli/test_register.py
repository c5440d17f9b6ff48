"""The risk register through the command line: on record, in the digest when due, in the reports by period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result

from crisislib.engine import Home
from tests.cli.test_logbook import identity
from tests.cli.test_team import crisis, home, refused, told

__all__ = ["crisis", "home"]
Crisis = Callable[..., Result]
NEXT_YEAR = f"{datetime.now(UTC) + timedelta(days=365):%Y-%m-%d}"
SOON = f"{datetime.now(UTC) + timedelta(hours=3):%Y-%m-%dT%H:%M}+00:00"


def add(crisis: Crisis, title: str, review: str, *more: str) -> Result:
    words = ("--owner", "duty_manager", "--review", review, "--treatment", "reduce", "--by", "Ann", *more)
    return crisis("register", "add", title, *words)


@pytest.mark.long
def test_risks_are_listed_the_highest_first_and_reviewed_on_record(crisis: Crisis, home: Home) -> None:
    assert "register is empty" in told(crisis("register", "list"))
    told(add(crisis, "A supplier fails", NEXT_YEAR, "--likelihood", "2", "--impact", "2"))
    own = identity(told(add(crisis, "A leak of member data", SOON, "--likelihood", "3", "--impact", "5")))
    shown = told(crisis("register", "list"))
    assert shown.index("leak of member") < shown.index("supplier fails") and "15" in shown and "reduce it" in shown
    digest = told(crisis("task", "digest"))
    assert "A leak of member data" in digest and "supplier" not in digest and "Ms Wu" in digest
    period = told(crisis("risk"))
    assert "2 open risks; 1 is due" in period and "15 of 25" in period
    told(crisis("register", "review", own, "--review", NEXT_YEAR, "--status", "treated", "--likelihood", "1"))
    assert "leak" not in told(crisis("task", "digest"))
    told(crisis("register", "review", own, "--status", "closed", "--note", "the system is gone"))
    assert "leak" not in told(crisis("register", "list")) and "leak" in told(crisis("register", "list", "--all"))
    assert len(home.lake.read("LOGBOOK", watch="acme", present=False)) == 4, "every change is on record"
    assert "降低" in told(crisis("register", "list", "--language", "zh"))


@pytest.mark.parametrize(
    ("review", "more", "what"),
    [
        ("2020-01-01", ("--likelihood", "2", "--impact", "2"), "is past"),
        (NEXT_YEAR, ("--likelihood", "6", "--impact", "2"), "off the scale"),
        (NEXT_YEAR, ("--likelihood", "2", "--impact", "2", "--treatment", "pray"), "no treatment"),
        (NEXT_YEAR, ("--likelihood", "2", "--impact", "2", "--owner", " "), "no owner"),
    ],
)
def test_a_risk_that_is_not_whole_is_refused(crisis: Crisis, review: str, more: tuple[str, ...], what: str) -> None:
    refused(add(crisis, "x", review, *more), what)
