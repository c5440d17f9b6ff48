"""The right level: simulated weeks of a brand through the engine, crises and their harmless twins.

Each week walks the way of a user's posts: POSTS into a lake, labels, signals and a decision at the end of every
window. Nothing was tuned on these weeks: the thresholds of :mod:`crisislib.warn` are round and have their reasons
beside them. Keys: `recall` (crises at blue or above within two days of their onset; a first day without a baseline
counts where it is said that most of what is said is bad), `recall_yellow`, `false_above_blue_per_week` (incidents of
harmless weeks that reach yellow, a week), `false_blue_per_week`, `subject` and `standing` (of the incidents that were
opened, at their end), `lead_hours` (median from onset to the first level), and the same per kind and size.
Peer: every burst of volume that is rarer than the budget is an alarm.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks import harness
from crisislib.core.levels import rank
from crisislib.core.watch import Watch
from crisislib.engine import Home
from crisislib.engine.context import RunContext, RunWindow
from crisislib.engine.steps import Stopwatch, evaluate_window
from crisislib.simulation import brand_week, scenario, scenario_names, simulate

SUBJECTS = {"rumour", "malicious_attack"}
"""Scenarios whose subject is whatever the rumour is about; they are scored by their standing only."""
HARMLESS = ("quiet", "own_draw", "wire_story", "sales_day", "donation", "war_news", "regulator_usual")
CRISES = ("slow_burn", "viral_counter", "copy_storm", "first_day")
SIZES = {"small": 700, "large": 4_000}
"""Posts of four weeks: 25 and 140 a day."""
DAYS = 28
TWO_DAYS = timedelta(days=2)


@dataclass(frozen=True)
class Week:
    """One brand's weeks, and what is true of them."""

    kind: str
    size: str
    language: str
    posts: pa.Table
    accounts: pa.Table
    watch: Watch
    crisis: bool
    onset: datetime
    begin: datetime
    end: datetime
    subject: str = ""
    standing: str = ""


def weeks(seed: int = 1_000, only: tuple[str, ...] = ()) -> Iterator[Week]:
    """All weeks: every scenario and every other kind, in Chinese, English and both, small and large."""
    for size, posts in SIZES.items():
        for number, kind in enumerate(scenario_names()):
            seed += 1
            if only and kind not in only:
                continue
            zh = (1.0, 0.0, 0.5)[(number + len(size)) % 3]
            language = {1.0: "zh", 0.0: "en", 0.5: "mixed"}[zh]
            drill = simulate(seed, posts, kind=kind, days=DAYS, zh=zh, watch="weeks", crisis_share=0.35)
            pack, onset = scenario(kind), drill.truth.onset
            assert onset is not None
            end = drill.posts["created_at"][-1].as_py()
            yield Week(
                kind, size, language, drill.posts, drill.accounts, drill.watch, True, onset,
                drill.posts["created_at"][0].as_py(), end, "" if kind in SUBJECTS else kind,
                "confirmed" if pack.known_true else "denied",
            )  # fmt: skip
        for kind in (*HARMLESS, *CRISES):
            for spoken in ("zh", "en"):
                seed += 1
                if only and kind not in only:
                    continue
                one = brand_week(kind, seed=seed, language="zh" if spoken == "zh" else "en", posts=posts)
                yield Week(
                    kind, size, spoken, one.posts, one.accounts, one.watch, one.crisis, one.onset, one.begin, one.end
                )


@dataclass(frozen=True)
class Outcome:
    """What the engine made of one week."""

    week: Week
    peak: int
    first: datetime | None
    yellow: datetime | None
    subject: str
    standing: str
    severe_first_day: bool
    judged_weeks: float
    incidents_blue: int
    incidents_yellow: int


def outcome(week: Week) -> Outcome:
    """Walk one week through the engine."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        home = Home(root / "lake", root / "watches", root / "reports")
        home.lake.append("POSTS", week.posts)
        home.lake.append("ACCOUNTS", week.accounts)
        record = {"batch_id": "b", "at": week.end, "watch": "weeks", "source": "s", "since": week.begin}
        home.lake.append("BATCHES", pd.DataFrame([{**record, "until": week.end, "ok": True}]))
        since = week.begin if week.kind == "first_day" else week.begin + timedelta(days=12)
        window = RunWindow(since, week.end, week.end, week.end)
        decisions = evaluate_window(RunContext(home, week.watch, window, "bench"), Stopwatch())
        rows = home.lake.read("INCIDENTS", present=False).sort_values("at")
    raised = rows[rows["level"].map(rank) >= rank("blue")]
    event = raised[raised["at"] >= pd.Timestamp(week.onset)]
    yellow = event[event["level"].map(rank) >= rank("yellow")]
    newest = event["incident_id"].iloc[0] if len(event) else ""
    last = rows[rows["incident_id"] == newest].tail(1)
    top = rows.groupby("incident_id")["level"].agg(lambda v: max(map(rank, v))) if len(rows) else pd.Series(dtype=int)
    return Outcome(
        week,
        int(event["level"].map(rank).max()) if len(event) else 0,
        event["at"].iloc[0].to_pydatetime() if len(event) else None,
        yellow["at"].iloc[0].to_pydatetime() if len(yellow) else None,
        str(last["subject"].iloc[0]) if len(last) else "",
        str(last["standing"].iloc[0]) if len(last) else "",
        decisions.last.severe_first_day,
        (week.end - since) / timedelta(days=7),
        int((top >= rank("blue")).sum()),
        int((top >= rank("yellow")).sum()),
    )


def found(one: Outcome) -> bool:
    """Whether a crisis was raised in time; a slow one within its own two weeks."""
    if one.week.kind == "first_day":
        return one.severe_first_day or one.first is not None
    within = timedelta(days=14) if one.week.kind == "slow_burn" else TWO_DAYS
    return one.first is not None and one.first - one.week.onset <= within


def figures_of(outcomes: list[Outcome]) -> dict[str, float]:
    """Figures of some outcomes."""
    crises = [o for o in outcomes if o.week.crisis]
    harmless = [o for o in outcomes if not o.week.crisis]
    out: dict[str, float] = {"weeks": len(outcomes)}
    if crises:
        leads = [(o.first - o.week.onset) / timedelta(hours=1) for o in crises if o.first is not None]
        typed = [o for o in crises if o.week.subject and o.first is not None]
        stands = [o for o in crises if o.week.standing and o.first is not None]
        known = [o for o in crises if o.week.kind != "first_day"]
        out |= {"recall": float(np.mean([found(o) for o in crises]))}
        out |= {"recall_yellow": float(np.mean([o.yellow is not None for o in known]))} if known else {}
        out |= {"lead_hours": float(np.median(leads))} if leads else {}
        out |= {"subject": float(np.mean([o.subject == o.week.subject for o in typed]))} if typed else {}
        out |= {"standing": float(np.mean([o.standing == o.week.standing for o in stands]))} if stands else {}
    if harmless:
        span = sum(o.judged_weeks for o in harmless)
        out["false_above_blue_per_week"] = sum(o.incidents_yellow for o in harmless) / span
        out["false_blue_per_week"] = sum(o.incidents_blue for o in harmless) / span
    return out


def main() -> None:
    """Run the benchmark."""
    options = harness.parser("decisions", __doc__ or "")
    options.add_argument("--seed", type=int, default=1_000, help="of the first week; each week has the next")
    options.add_argument("--only", default="", help="kinds of week, comma separated")
    args = options.parse_args()
    figures: harness.Figures = {}
    outcomes = []
    with harness.timed(figures, "seconds"):
        for week in weeks(args.seed, tuple(filter(None, args.only.split(",")))):
            outcomes.append(outcome(week))
            one = outcomes[-1]
            harness.say(
                f"{week.kind:22} {week.size:6} {week.language:6} peak {one.peak} found {found(one)} "
                f"subject {one.subject} standing {one.standing} blue {one.incidents_blue} yellow {one.incidents_yellow}"
            )
    figures |= figures_of(outcomes)
    for kind in dict.fromkeys(o.week.kind for o in outcomes):
        mine = figures_of([o for o in outcomes if o.week.kind == kind])
        figures |= {f"{kind}.{key}": value for key, value in mine.items()}
    for size in SIZES:
        mine = figures_of([o for o in outcomes if o.week.size == size])
        figures |= {f"{size}.{key}": value for key, value in mine.items()}
    rows = ((o.week.kind, o.week.size, o.week.language, o.peak, o.first, o.subject, o.standing) for o in outcomes)
    harness.write_predictions(args.out, ("kind", "size", "language", "peak", "first", "subject", "standing"), rows)
    harness.finish("decisions", figures)


if __name__ == "__main__":
    main()
