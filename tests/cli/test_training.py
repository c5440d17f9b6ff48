"""Training through the command line: texts in both languages, a record that nobody writes for themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.engine import Home
from crisislib.engine.team_change import TeamChange
from crisislib.engine.training_modules import record_training, training_record
from tests.cli.test_team import OPENED, crisis, home, refused, told

__all__ = ["crisis", "home"]
Crisis = Callable[..., Result]


@pytest.mark.parametrize("module", ["ethics", "skills", "care"])
def test_every_module_has_a_checklist_of_the_same_length_in_both_languages(module: str) -> None:
    texts = [told(CliRunner().invoke(app, ["training", "show", module, "--language", one])) for one in ("zh", "en")]
    assert texts[0].count("- [ ]") == texts[1].count("- [ ]") == 4
    refused(CliRunner().invoke(app, ["training", "show", "magic"]), "no module")


def test_who_has_done_what_is_on_record(crisis: Crisis, home: Home) -> None:
    def done(checked: str, by: str = "Ann") -> Result:
        return crisis("training", "done", "care", "--person", "Bo", "--by", by, "--checked", checked)

    assert "3 of 4; planned" in told(done("3"))
    assert "4 of 4; done" in told(done("4"))
    refused(done("4", by="Bo"), "somebody else")
    refused(done("5"), "has 4 items")
    shown = told(crisis("training", "list"))
    assert "Looking after people" in shown and "Bo" in shown and "Ann" in shown and "planned" not in shown
    assert "照顾好人" in told(crisis("training", "list", "--language", "zh"))
    assert len(home.lake.read("LOGBOOK", watch="acme")) == 2


def test_on_a_clock_that_stands_still_the_later_record_counts(crisis: Crisis, home: Home) -> None:
    """The demonstration's clock: two records of one moment."""
    for checked in (2, 4) * 3:
        change = TeamChange(home, home.watch("acme"), "Ann", OPENED)
        record_training(change, "care", person="Bo", checked=checked)
        newest = training_record(home, home.watch("acme"))
        assert newest["status"].tolist() == ["done" if checked == 4 else "planned"]
