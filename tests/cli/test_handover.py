"""The hand-over of a shift through the command line: what is on record stands in its part, and nothing else."""

from __future__ import annotations

import re
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


@pytest.mark.long
def test_decisions_about_incidents_and_the_other_open_ones_are_handed_over(crisis: Crisis) -> None:
    told(
        crisis(
            "incident", "retype", "product_harm", "--why", "a <cook> was filmed", "--standing", "disputed", "--by", "Li"
        )
    )
    told(crisis("incident", "rename", "The kitchen film", "--why", "as people call it", "--by", "Wu"))
    opened = told(crisis("incident", "open", "--why", "a journalist calls", "--title", "Second", "--level", "red",
                         "--by", "Gao"))  # fmt: skip
    second = re.findall(r"inc-[0-9a-f]{12}", opened)[0]
    page = parts(told(crisis("handover", "--hours", "48")))
    decided, others = page["What was decided"], page["Other incidents that are open"]
    assert "kind changed from rumour to " in decided and "by Li: a <cook> was filmed" in decided
    assert "the claim counts as disputed" in decided and "renamed “The kitchen film”, by Wu" in decided
    assert f"{second}: incident opened, level red, by Gao: a journalist calls" in decided
    assert "The kitchen film (inc-1): level orange" in others and "late" in others and "Second" not in others
    other = parts(told(crisis("handover", "--hours", "48", "--incident", "inc-1")))
    assert second not in other["What was decided"] and second in other["Other incidents that are open"]
    told(crisis("incident", "merge", second, "--into", "inc-1", "--why", "one story", "--by", "Gao"))
    told(crisis("incident", "close", "--incident", "inc-1", "--why", "over", "--by", "Li"))
    told(crisis("incident", "reopen", "--incident", "inc-1", "--why", "again", "--by", "Li"))
    told(crisis("incident", "split", "--at", "2026-03-01T12:00", "--why", "two matters", "--by", "Wu"))
    page = parts(told(crisis("handover", "--hours", "48")))["What was decided"]
    for words in (f"{second}: merged into inc-1, by Gao: one story", f"{second} merged into it, by Gao", "by Li: over",
                  "incident opened again, by Li: again", "inc-1: split: what came after 03-01 12:00 is inc-",
                  "split off inc-1, by Wu: two matters"):  # fmt: skip
        assert words in page
    chinese = parts(told(crisis("handover", "--hours", "48", "--language", "zh")))["作出了哪些决定"]
    assert "类型由" in chinese and "incident" not in chinese
