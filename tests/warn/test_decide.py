from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from crisislib.core.tables import conform
from crisislib.signals import compute
from crisislib.warn import acknowledge, change, decide
from tests.signals.world import HOUR, START, batch, frames, posts, rhythm, sentiment, watch

DAY = 24 * HOUR
ON = START + 29 * DAY
END = START + 30 * DAY


def planted(crisis: bool, seed: int = 0):
    """Posts and labels of a month with a crisis on its last day, or of its calm twin."""
    rng = np.random.default_rng(seed)
    calm = rhythm(30, 8, seed)
    hours = np.sort(rng.exponential(6, 400))
    extra = [ON + timedelta(hours=float(h)) for h in hours if h < 24] if crisis else []
    at = pd.Series(calm + extra)
    negative = np.concatenate([np.full(len(calm), 0.15), np.full(len(extra), 0.85)])
    order = np.argsort(at.to_numpy(), kind="stable")
    noise = rng.normal(0, 0.08, len(at))
    held = posts(list(at.iloc[order]))
    return held, sentiment(held, np.clip(negative[order] + noise, 0, 1))


def signals_of(held, labels):
    given = frames(posts=held, labels=labels, batches=[batch(START, END)])
    return compute(given, watch(), since=START, until=END, now=END).to_pandas()


@pytest.fixture(scope="module")
def crisis():
    held, labels = planted(True)
    return signals_of(held, labels), held.to_pandas(), labels


@pytest.fixture(scope="module")
def calm():
    held, labels = planted(False)
    return signals_of(held, labels), held.to_pandas(), labels


def live(world, w=None, *, hours=range(-2, 9), taken=None):
    """Decide every hour, feeding back what was written, as a monitor would."""
    signals, held, labels = world
    alerts, incidents, decisions = [], [], []
    for hour in hours:
        now = ON + (hour + 1) * HOUR
        decision = decide(
            signals,
            w or watch(),
            now=now,
            incidents=pd.concat(incidents) if incidents else None,
            alerts=pd.concat(alerts) if alerts else None,
            labels=labels,
            posts=held,
        )
        decisions.append(decision)
        if decision.alerts.num_rows:
            alerts.append(decision.alerts.to_pandas())
            if taken is not None and hour >= taken:
                alerts.append(acknowledge(alerts[-1], alerts[-1]["alert_id"].iloc[0], by="Li", now=now))
        if decision.incidents.num_rows:
            incidents.append(decision.incidents.to_pandas())
    return decisions, pd.concat(alerts) if alerts else pd.DataFrame(), pd.concat(incidents) if incidents else None


def test_planted_crisis_raises_an_alert_within_two_hours(crisis):
    _, alerts, incidents = live(crisis)
    assert len(alerts) >= 1
    assert alerts["made_at"].min() <= ON + 3 * HOUR
    assert incidents["incident_id"].nunique() == 1


def test_its_calm_twin_does_not(calm):
    decisions, alerts, incidents = live(calm)
    assert len(alerts) == 0
    assert incidents is None
    assert {d.level for d in decisions} == {"none"}


def test_one_incident_and_worsening_only(crisis):
    _, alerts, incidents = live(crisis, taken=-5)
    sent = alerts.drop_duplicates("alert_id")
    assert sent["method"].iloc[0].endswith(";opened")
    order = ["blue", "yellow", "orange", "red"]
    ranks = [order.index(level) for level in sent["level"]]
    assert ranks == sorted(set(ranks))
    assert incidents["incident_id"].nunique() == 1


@pytest.mark.long
def test_nobody_acknowledges_so_it_escalates_once_per_level(crisis):
    _, alerts, _ = live(crisis)
    escalated = alerts[alerts["method"].str.endswith("escalated")]
    assert len(escalated) >= 1
    assert not escalated.duplicated(["level"]).any()
    _, taken, _ = live(crisis, taken=-5)
    assert not taken["method"].str.endswith("escalated").any()


def test_same_tables_same_now_same_rows(crisis):
    signals, held, labels = crisis
    now = ON + 3 * HOUR
    one, two = (decide(signals, watch(), now=now, labels=labels, posts=held) for _ in range(2))
    assert one.alerts.equals(two.alerts) and one.incidents.equals(two.incidents)
    assert one.alerts.num_rows == 1
    again = decide(
        signals,
        watch(),
        now=now,
        labels=labels,
        posts=held,
        alerts=one.alerts.to_pandas(),
        incidents=one.incidents.to_pandas(),
    )
    assert again.alerts.num_rows == 0 and again.incidents.num_rows == 0


def test_evidence_leads_to_posts_and_points_sum_to_the_index(crisis):
    signals, held, labels = crisis
    decision = decide(signals, watch(), now=ON + 3 * HOUR, labels=labels, posts=held)
    named = decision.findings[0].post_ids
    assert named and set(named) <= set(held["post_id"])
    assert decision.contributions["points"].sum() == pytest.approx(decision.index)
    for finding in decision.findings:
        assert finding.render("en") and finding.render("zh")


def test_silence_is_unknown(crisis):
    signals, *_ = crisis
    nothing = decide(signals[:0], watch(), now=ON)
    assert nothing.level == "unknown" and nothing.findings
    stale = decide(signals[signals["at"] < ON - 12 * HOUR], watch(), now=ON)
    assert stale.level == "unknown"
    broken = signals.assign(complete=signals["complete"].where(signals["at"] < ON, 0.1))
    assert decide(broken, watch(), now=ON + 3 * HOUR).level == "unknown"
    assert decide(broken, watch(), now=ON + 3 * HOUR).alerts.num_rows == 0


def test_thin_history_is_unknown_and_says_how_much_is_needed():
    held, labels = planted(False)
    early = frames(posts=held, labels=labels, batches=[batch(START, START + 10 * HOUR)])
    found = compute(early, watch(), since=START, until=START + 10 * HOUR, now=START + 10 * HOUR)
    decision = decide(found, watch(), now=START + 10 * HOUR)
    assert decision.level == "unknown"
    assert decision.findings[0].facts["needed"] == 24


@pytest.mark.long
def test_a_hard_trigger_is_red_and_leads_to_its_posts(calm):
    _, held, labels = calm
    last = held[(held["created_at"] >= ON) & (held["created_at"] < ON + 3 * HOUR)].head(10)
    hits = pd.DataFrame(
        {
            "watch": "w",
            "post_id": last["post_id"],
            "label": "harm.casualties",
            "model": "m@1",
            "at": last["created_at"],
            "created_at": last["created_at"],
            "value": "grade4",
            "score": 4.0,
        }
    )
    both = conform(pd.concat([labels, hits]), "LABELS").to_pandas()
    given = conform(held, "POSTS")
    decision = decide(signals_of(given, both), watch(), now=ON + 3 * HOUR, labels=both, posts=held)
    assert decision.level == "red"
    assert decision.alerts.to_pandas()["signal"].iloc[0] == "trigger.casualties"
    assert set(decision.findings[0].post_ids) == set(last["post_id"])
    few = conform(pd.concat([labels, hits.head(3)]), "LABELS").to_pandas()
    assert decide(signals_of(given, few), watch(), now=ON + 3 * HOUR, labels=few, posts=held).level == "none"
    mentions = both.assign(label=both["label"].str.replace("harm.", "sensitive."))
    calm_rows = signals_of(given, mentions)
    assert decide(calm_rows, watch(), now=ON + 3 * HOUR, labels=mentions, posts=held).level == "none"


def test_quiet_hours_hold_back_all_but_red(crisis):
    night = watch(levels={"quiet_from": "00:00", "quiet_to": "06:00"})
    _, alerts, incidents = live(crisis, night)
    early = alerts[alerts["made_at"] < ON + 6 * HOUR]
    assert (early["level"] == "red").all()
    assert len(incidents) > 0
    assert (alerts["made_at"] >= ON + 6 * HOUR).any()


def test_an_incident_closed_by_hand_is_not_opened_again(crisis):
    signals, held, labels = crisis
    first = decide(signals, watch(), now=ON + 4 * HOUR, labels=labels, posts=held)
    rows = first.incidents.to_pandas()
    shut = change(rows, rows["incident_id"].iloc[0], status="closed", by="Li", now=ON + 4.5 * HOUR)
    after = decide(
        signals,
        watch(),
        now=ON + 6 * HOUR,
        labels=labels,
        posts=held,
        incidents=pd.concat([rows, shut]),
        alerts=first.alerts.to_pandas(),
    )
    assert after.incidents.num_rows == 0 and after.alerts.num_rows == 0


@pytest.mark.long
def test_a_running_window_may_raise_but_never_calms():
    held, labels = planted(True)
    now = ON + 2.5 * HOUR
    given = frames(posts=held, labels=labels, batches=[batch(START, now)])
    found = compute(given, watch(), since=START, until=now, now=now).to_pandas()
    whole = decide(found[found["at"] < ON + 2 * HOUR], watch(), now=ON + 2 * HOUR)
    running = decide(found, watch(), now=now)
    assert found["at"].max() == ON + 2 * HOUR and found.loc[found["at"] == ON + 2 * HOUR, "complete"].max() < 0.6
    assert running.index >= whole.index
    early = decide(found.assign(surprise=found["surprise"].where(found["at"] < ON + 2 * HOUR, 0.0)), watch(), now=now)
    assert early.index == pytest.approx(whole.index)
    assert early.level == whole.level
