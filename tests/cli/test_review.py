"""The after-action review through the command line: clocks, and what is known by now as labels with who and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.core.phrase import pack, unpack
from crisislib.core.tables import conform
from crisislib.engine import Home
from crisislib.engine.incident_records import latest_incident
from crisislib.engine.incident_review import without_harm
from crisislib.warn.backtest import known_events
from tests.cli.test_team import refused, told
from tests.support.filled import NOW, fill, write_watch

Crisis = Callable[..., Result]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A lake with an incident whose brief has two claims and a refutation."""
    fill(tmp_path / "lake")
    write_watch(tmp_path / "watches", language="en")
    monkeypatch.setenv("CRISIS_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("CRISIS_WATCHES", str(tmp_path / "watches"))
    home = Home(tmp_path / "lake", tmp_path / "watches", tmp_path / "reports", moment=NOW)
    roots = sorted(home.lake.read("CASCADES", watch="example")["root_id"])[:2]
    incident = latest_incident(home, home.watch("example"))
    assert incident is not None
    rows = [
        {"run_id": "r", "key": "brief.claims.one", "place": place, "at": pd.Timestamp(NOW),
         "made_at": pd.Timestamp(NOW), "watch": "example", "incident_id": incident["incident_id"], "message": "{claim}",
         "facts": pack({"claim": claim, "role": role}), "detail": "[]", "post_ids": json.dumps(posts), "n": len(posts),
         "limits": "[]", "weight": 1.0, "silent": False}
        for place, (claim, role, posts) in enumerate(
            [("The battery burns", "claim", roots), ("Staff laughed", "claim", ["weibo:7"]),
             ("Not so", "refutation", [])])
    ]  # fmt: skip
    home.lake.append("FINDINGS", conform(pd.DataFrame(rows), "FINDINGS"))
    return home


def crisis(*words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--watch", "example"])


def test_without_a_reason_it_only_shows(place: Home) -> None:
    before = place.lake.arrow("LABELS", watch="example", present=False).num_rows
    shown = told(crisis("review"))
    assert "1. “The battery burns”" in shown and "steps" in shown
    refused(crisis("review", "--claim", "1=refuted"), "no reason")
    assert place.lake.arrow("LABELS", watch="example", present=False).num_rows == before


def test_what_is_known_by_now_becomes_labels(place: Home) -> None:
    roots = sorted(place.lake.read("CASCADES", watch="example")["root_id"])[:2]
    words = ["review", "--kind", "product_harm", "--harm", "no", "--why", "laboratory report", "--by", "Li"]
    said = told(crisis(*words, "--claim", "1=refuted"))
    assert "false alarm" in said and "by Li" in said
    labels = place.lake.read("LABELS", watch="example")
    mine = labels[labels["model"] == "analyst"].set_index(["label", "post_id"])
    for root in roots:
        assert mine.loc[("rumour", root), "value"] == "rumour"
        assert json.loads(mine.loc[("rumour", root), "evidence"]) == {"by": "Li", "why": "laboratory report"}
    assert set(mine.loc["crisis_type", "value"]) == {"product_harm"} and ("crisis_type", "weibo:7") in mine.index
    entry = place.lake.read("LOGBOOK", watch="example").query("kind == 'review'").iloc[0]
    facts = unpack(entry["facts"])
    assert facts["claims"] == {"The battery burns": "refuted"} and facts["harm"] is False and "clocks" in facts
    told(crisis("review", "--claim", "1=confirmed", "--why", "the court says so", "--by", "Wu"))
    labels = place.lake.read("LABELS", watch="example").set_index(["label", "post_id"])
    assert labels.loc[("rumour", roots[0]), "value"] == "other", "the newest counts, and both are kept"


def test_an_incident_without_harm_is_a_false_alarm_in_the_backtest(place: Home) -> None:
    watch, history = place.watch("example"), place.lake.read("INCIDENTS", watch="example", present=False)
    n = len(known_events(history, until=NOW))
    told(crisis("review", "--harm", "no", "--why", "nobody was hurt", "--by", "Li"))
    assert len(known_events(history, until=NOW, without=without_harm(place, watch))) == n - 1
    told(crisis("review", "--harm", "yes", "--why", "somebody was", "--by", "Li"))
    assert len(known_events(history, until=NOW, without=without_harm(place, watch))) == n


def test_what_cannot_be_reviewed_is_refused(place: Home) -> None:
    refused(crisis("review", "--claim", "9=refuted", "--why", "x"), "no claim 9")
    refused(crisis("review", "--claim", "1=perhaps", "--why", "x"), "no answer")
    refused(crisis("review", "--harm", "perhaps", "--why", "x"), "no answer")
    refused(crisis("review", "--kind", "nothing", "--why", "x"), "is not known")
