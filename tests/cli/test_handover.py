"""The hand-over of a shift through the command line: what is on record stands in its part, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from crisislib.engine import Home
from tests.cli.test_team import crisis, home, refused, told

__all__ = ["crisis", "home"]
Crisis = Callable[..., Result]


def parts(page: str) -> dict[str, str]:
    return {block.split("\n", 1)[0]: block.split("\n", 1)[1] for block in page.split("## ")[1:]}


@pytest.mark.long
def test_each_part_holds_what_is_on_record(crisis: Crisis, home: Home, tmp_path: Path) -> None:
    told(crisis("task", "done", "verify", "--by", "Wu", "--at", "2026-03-01T10:10"))
    told(crisis("respond", "--kind", "holding", "--by", "Ann", "--text", "We know.", "--at", "2026-03-01T10:40"))
    told(crisis("log", "add", "decision", "No recall before the lab report", "--by", "Gao"))
    told(crisis("log", "add", "enquiry", "The evening paper calls", "--by", "Wu"))
    told(crisis("task", "add", "Call the landlord", "--due", "2999-01-01", "--by", "Wu"))
    page = parts(told(crisis("handover", "--since", "2026-03-01")))
    assert "it is ongoing, level orange." in page["What happened"], "whatever the level of the watch is"
    assert "Establish the facts" in page["What happened"] and "holding statement, by Ann" in page["What happened"]
    assert "No recall before the lab report" in page["What was decided"] and "paper" not in page["What was decided"]
    assert "The evening paper calls" in page["What is open"] and "overdue since" in page["What is open"]
    assert "Call the landlord" not in page["What comes next"], "not due within a shift"
    file = tmp_path / "shift.md"
    told(crisis("handover", "--hours", "1", "--to", str(file), "--language", "zh"))
    page = parts(file.read_text(encoding="utf-8"))
    assert "核实事实" not in page["发生了什么"], "it was before this shift"
    assert "No recall" in page["作出了哪些决定"] and page["接下来做什么"].strip() == "- –"
    refused(crisis("handover", "--incident", "inc-9"), "no incident 'inc-9'")
