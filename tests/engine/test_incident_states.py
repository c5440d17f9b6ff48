"""Incidents in people's hands: whatever order they open, retype, merge, split, close and reopen, nothing is lost."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from crisislib.core.errors import InputError
from crisislib.core.levels import rank
from crisislib.core.tables import conform
from crisislib.engine import Home, incident_corrections, incident_merging
from crisislib.engine.analyst_actions import log_response
from crisislib.engine.incident_records import actions_of, incident_of, latest_incident, responses_of
from crisislib.engine.team_change import TeamChange
from crisislib.respond.task_states import open_actions

START = datetime(2026, 3, 1, 2, tzinfo=UTC)
WATCH = "watch: acme\ntitle: {en: Acme}\nlanguage: en\ntimezone: Asia/Shanghai\nbrand: {names: [Acme]}\n"
KINDS = ["rumour", "labour", "data_breach", "product_harm"]
LEVELS = ["blue", "yellow", "orange", "red"]
minutes = st.integers(1, 90)


class Hands(RuleBasedStateMachine):
    """A team at work on the incidents of one watch; the model is a dictionary."""

    incidents = Bundle("incidents")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name)
        (root / "watches").mkdir()
        (root / "watches" / "acme.yml").write_text(WATCH, encoding="utf-8")
        self.home = Home.here(lake=root / "lake", watches=root / "watches", reports=root / "reports")
        self.watch = self.home.watch("acme")
        self.now, self.count = START, 0
        self.status: dict[str, str] = {}
        self.level: dict[str, str] = {}
        self.alerts: dict[str, str] = {}
        self.begin: dict[str, datetime] = {}

    def teardown(self) -> None:
        self.folder.cleanup()

    def later(self, by: int) -> datetime:
        self.now += timedelta(minutes=by)
        return self.now

    @rule(target=incidents, kind=st.sampled_from(KINDS), level=st.sampled_from(LEVELS), wait=minutes)
    def open(self, kind: str, level: str, wait: int) -> str:
        self.count += 1
        row = incident_corrections.open_incident(
            TeamChange(self.home, self.watch, "Ann", self.later(wait)),
            kind=kind,
            level=level,
            title=f"No. {self.count}",
            why="called",
        )
        own = str(row["incident_id"])
        assert own not in self.status, "a new incident has a name of its own"
        self.status[own], self.level[own], self.begin[own] = "open", level, self.now
        return own

    @rule(own=incidents, wait=minutes)
    def alert(self, own: str, wait: int) -> None:
        if self.status[own] != "open":
            return
        at, name = self.later(wait), f"a{len(self.alerts)}"
        row = {"alert_id": name, "made_at": at, "watch": "acme", "incident_id": own, "signal": "volume", "at": at,
               "level": "yellow", "method": "index@1;opened"}  # fmt: skip
        self.home.lake.append("ALERTS", conform(pd.DataFrame([row]), "ALERTS"))
        self.alerts[name] = own

    @rule(own=incidents, kind=st.sampled_from(KINDS), wait=minutes)
    def retype(self, own: str, kind: str, wait: int) -> None:
        row = incident_corrections.retype(
            TeamChange(self.home, self.watch, "Bo", self.later(wait)), kind, why="looked at", incident_id=own
        )
        assert row["kind"] == kind and incident_of(self.home, self.watch, own)["kind"] == kind

    @rule(own=incidents, status=st.sampled_from(["open", "closed"]), wait=minutes)
    def settle(self, own: str, status: str, wait: int) -> None:
        now = self.later(wait)
        if self.status[own] == status or (self.status[own] == "merged" and status == "closed"):
            with pytest.raises(InputError, match="already"):
                incident_corrections.settle(
                    TeamChange(self.home, self.watch, "Bo", now), status, why="x", incident_id=own
                )
            return
        incident_corrections.settle(TeamChange(self.home, self.watch, "Bo", now), status, why="over", incident_id=own)
        self.status[own] = status

    @rule(gone=incidents, into=incidents, wait=minutes)
    def merge(self, gone: str, into: str, wait: int) -> None:
        now = self.later(wait)
        if gone == into or self.status[into] != "open" or self.status[gone] == "merged":
            with pytest.raises(InputError):
                incident_merging.merge(TeamChange(self.home, self.watch, "Bo", now), gone, into, why="one story")
            return
        row = incident_merging.merge(TeamChange(self.home, self.watch, "Bo", now), gone, into, why="one story")
        self.status[gone] = "merged"
        self.level[into] = max(self.level[gone], self.level[into], key=rank)
        self.begin[into] = min(self.begin[gone], self.begin[into])
        self.alerts = {name: into if own == gone else own for name, own in self.alerts.items()}
        assert row["level"] == self.level[into] and row["opened_at"] == self.begin[into]

    @rule(target=incidents, first=incidents, wait=minutes, share=st.floats(0, 1))
    def split(self, first: str, wait: int, share: float) -> str:
        now = self.later(wait)
        cut = self.begin[first] + (now - self.begin[first]) * share
        if self.status[first] != "open" or cut <= self.begin[first]:
            with pytest.raises(InputError):
                incident_merging.split(
                    TeamChange(self.home, self.watch, "Bo", now),
                    cut,
                    kind="labour",
                    title=f"cut {now}",
                    why="two",
                    incident_id=first,
                )
            return first
        row = incident_merging.split(
            TeamChange(self.home, self.watch, "Bo", now),
            cut,
            kind="labour",
            title=f"cut {now}",
            why="two",
            incident_id=first,
        )
        second = str(row["incident_id"])
        when = self.home.lake.read("ALERTS", watch="acme").set_index("alert_id")["at"]
        self.alerts = {
            name: second if own == first and when[name] >= pd.Timestamp(cut) else own
            for name, own in self.alerts.items()
        }
        self.status[first], self.status[second] = "closed", "open"
        self.level[second], self.begin[second] = self.level[first], pd.Timestamp(cut).to_pydatetime()
        return second

    @rule(own=incidents, wait=minutes)
    def respond(self, own: str, wait: int) -> None:
        """A response is found again under whatever the incident has become part of."""
        text = f"words {self.now.isoformat()} {own}"
        log_response(
            TeamChange(self.home, self.watch, "Cy", self.now),
            kind="statement",
            text=text,
            at=self.later(wait),
            incident_id=own,
            channel="",
            strategy="",
            url="",
        )
        found = responses_of(self.home, self.watch, incident_of(self.home, self.watch, own))
        assert text in set(found["text"])

    @invariant()
    def the_lake_says_what_was_done(self) -> None:
        rows = self.home.lake.read("INCIDENTS", watch="acme").set_index("incident_id")
        assert set(rows.index) == set(self.status)
        for own, status in self.status.items():
            row = rows.loc[own]
            assert row["status"] == ("open" if status == "open" else "closed"), own
            assert pd.notna(row["merged_into"]) == (status == "merged")
            assert pd.notna(row["closed_at"]) == (status != "open")
            assert row["level"] == self.level[own] and row["opened_at"] == self.begin[own]
            if status != "open":
                assert row["closed_at"] >= row["opened_at"]
        latest = latest_incident(self.home, self.watch)
        if "open" in self.status.values():
            assert latest is not None and self.status[str(latest["incident_id"])] == "open"

    @invariant()
    def every_alert_belongs_to_one_incident_that_is_not_merged_away(self) -> None:
        rows = self.home.lake.read("ALERTS", watch="acme")
        assert dict(zip(rows["alert_id"], rows["incident_id"], strict=True)) == self.alerts

    @invariant()
    def every_change_says_who_and_why(self) -> None:
        rows = incident_corrections.history(self.home, self.watch)
        assert rows["by"].ne("").all() and rows["note"].str.len().gt(0).all()
        assert not rows.duplicated(["incident_id", "at"]).any()

    @invariant()
    def no_step_stands_twice_on_the_board_of_an_incident(self) -> None:
        for own, status in self.status.items():
            if status == "open":
                row = incident_of(self.home, self.watch, own)
                pending = open_actions(actions_of(self.home, self.watch, row, present=False))
                assert pending["step"].is_unique and len(pending), own


@pytest.mark.property
@pytest.mark.slow
def test_nothing_is_lost_whatever_people_do() -> None:
    steps = settings(
        max_examples=12, stateful_step_count=12, suppress_health_check=[*HealthCheck],
        phases=[Phase.generate],  # what fails is short already, and each try of a shorter one takes seconds
    )  # fmt: skip
    run_state_machine_as_test(Hands, settings=steps)
