"""After a crisis: an incident that has calmed to `none` and is still open, through the real run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from crisislib import services
from crisislib.core.tables import conform
from crisislib.engine import Home
from crisislib.simulation import scenario_names, simulate

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WATCHES = Path(__file__).parents[2] / "data" / "watches"
WATCH = (
    "watch: acme\ntitle: {en: Acme, zh: 艾克美}\nbrand: {names: [鹿芽, Luvaya]}\n"
    "risk: {currency: CNY, daily_revenue: [1, 2, 3]}\nwindow: {step_minutes: 1440}\n"  # 24 calm windows close it
)


def calmed(lake_root: Path, watches: Path, name: str, *, planned: bool) -> Home:
    """A lake of ordinary weeks, with an incident that was orange last night and is `none` now."""
    home = Home.here(lake=lake_root, watches=watches, reports=lake_root.parent / "reports")
    drill = simulate(0, 600, crisis=False, watch=name)
    home.lake.append("POSTS", drill.posts)
    last = drill.posts.to_pandas()["created_at"].max()
    opened = last - timedelta(hours=20)
    same = {"incident_id": "inc-1", "watch": name, "title": "was orange", "kind": "rumour", "status": "open"}
    rows = [
        {**same, "at": opened + timedelta(hours=h), "opened_at": opened, "level": level, "index": index, "by": "warn"}
        for h, level, index in ((0, "orange", 78.0), (8, "blue", 45.0), (12, "none", 3.0))
    ]
    home.lake.append("INCIDENTS", conform(pd.DataFrame(rows), "INCIDENTS"))
    if planned:
        action = {
            "action_id": "inc-1/rumour/review", "at": opened, "watch": name, "incident_id": "inc-1", "owner": "pr_lead",
            "playbook": "rumour", "step": "review", "due_at": opened + timedelta(days=7), "status": "open",
        }  # fmt: skip
        home.lake.append("ACTIONS", conform(pd.DataFrame([action]), "ACTIONS"))
    return home


@pytest.mark.long
@pytest.mark.parametrize(("name", "planned"), [("target-dei", False), ("acme", True)])
def test_a_run_goes_on_while_a_calmed_incident_is_open(tmp_path: Path, name: str, planned: bool) -> None:
    watches = WATCHES
    if name == "acme":
        watches = tmp_path / "watches"
        watches.mkdir()
        (watches / "acme.yml").write_text(WATCH, encoding="utf-8")
    home = calmed(tmp_path / "lake", watches, name, planned=planned)
    found = services.run(home, home.watch(name), now=NOW, report=False, notify=False)
    assert found.incident == "was orange", "the incident is open, so it is the one that is answered"
    due = next(f for f in found.findings if f.key == "respond.next")
    actions = home.lake.read("ACTIONS", watch=name)
    if planned:
        assert due.facts["open"] == 1 and "review" in found.next_steps[0]
        assert list(actions["step"]) == ["review"], "what was begun stays, nothing is added"
    else:
        # Its rise and its calm lie in one run, so that no run could plan before: it is open, and was orange.
        assert len(actions) == due.facts["open"] > 1 and found.next_steps


@pytest.mark.long
def test_what_was_blue_at_most_and_has_calmed_calls_for_no_step(tmp_path: Path) -> None:
    home = calmed(tmp_path / "lake", WATCHES, "target-dei", planned=False)
    rows = home.lake.read("INCIDENTS", present=False)
    home.lake.append(
        "INCIDENTS", conform(rows.assign(incident_id="inc-2", level=["blue", "blue", "none"]), "INCIDENTS")
    )
    shut = rows.tail(1).assign(status="closed", at=rows["at"].max() + timedelta(minutes=1), by="Li")
    home.lake.append("INCIDENTS", conform(shut, "INCIDENTS"))
    found = services.run(home, home.watch("target-dei"), now=NOW, report=False, notify=False)
    due = next(f for f in found.findings if f.key == "respond.next")
    assert due.silent and "no step" in due.render("en") and home.lake.read("ACTIONS", watch="target-dei").empty


@pytest.mark.slow
@pytest.mark.parametrize("kind", scenario_names())
def test_after_every_crisis_the_run_goes_on(tmp_path: Path, kind: str) -> None:
    drill = simulate(0, 2000, kind=kind, watch="demo")
    home = Home.here(lake=tmp_path / "lake", watches=tmp_path, reports=tmp_path / "reports")
    for name, rows in (("POSTS", drill.posts), ("ACCOUNTS", drill.accounts), ("RESPONSES", drill.responses)):
        home.lake.append(name, rows)
    services.run(home, drill.watch, now=NOW, report=False, notify=False)
    history = home.lake.read("INCIDENTS", watch="demo", present=False).sort_values("at")
    calm = history[(history["level"] == "none") & (history["status"] != "closed")]
    moments = [(at + timedelta(hours=1)).to_pydatetime() for at in calm["at"]]
    assert moments, "this drill never calms while its incident is open: nothing is tested"
    found = services.run(home, drill.watch, until=moments[-1], now=NOW, report=False, notify=False)
    assert found.level == "none" and found.incident and found.next_steps
