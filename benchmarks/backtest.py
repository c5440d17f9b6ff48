"""Lead time and false alarms of the levels in use against the vendors' published rules, at equal false alarms.

The levels are those that the product decides at its default settings (index, rare bursts, hysteresis; the hard
triggers need posts and stay out). Every other rule is set to as many false alarms a week as the levels give, on data
that is not reported on: the earlier half of a trending list, and simulated series (another seed) for dated texts and
simulated incidents. All of it is `crisislib.warn.backtest`, which `crisis backtest` runs. Sets are found by their
layout (`benchmarks/backtest_sets.py`).

Keys: `<set>.lead_hours` (median over all events to the peak; a missed event leads by nothing),
`.lead_hours_mean`, `.recall`, `.precision`, `.false_per_week`, `.events`. Peers: the index and the return period
alone, the outlook, and every vendor's rule. `simulated` is drawn here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.backtest_sets import Replay, listed, written
from benchmarks.harness import Figures, finish, parser, say, write_predictions
from crisislib.signals import expect
from crisislib.warn import Event, Model, load, run_backtest, simulate, simulated_panel, thresholds_for

ORDINARY = 21 * 24
"""Windows before anything happens in a simulated series; they teach the baselines and are not judged."""
OURS = "level"
Thresholds = dict[str, float]
METRICS = ("lead_hours", "lead_hours_mean", "recall", "precision", "false_per_week", "events")
CLOSES = 72
"""Hours after the peak of a simulated crisis in which an alarm is no false one."""


def simulated(series: int, *, seed: int) -> Replay:
    """Crises and harmless bursts with known truth, in one panel."""
    made = simulate(series, seed=seed)
    panel = simulated_panel(made, expect)
    last = panel.index.shape[1] - 1
    crises = made.truth[made.truth["crisis"]]
    events = [
        Event(int(i), int(onset), int(peak), min(int(peak) + CLOSES, last))
        for i, onset, peak in zip(crises.index, crises["onset"], crises["peak"], strict=True)
    ]
    evaluated = np.broadcast_to(np.arange(last + 1) >= ORDINARY, panel.index.shape).copy()
    return Replay("simulated", panel, events, evaluated, 0)


def halves(data: Replay) -> tuple[Replay, Replay]:
    """A set's earlier part, which sets thresholds, and its later one, which is judged."""
    early = np.arange(data.panel.index.shape[1]) < data.earlier
    before = [e for e in data.events if e.opens < data.earlier]
    after = [e for e in data.events if e.opens >= data.earlier]
    say(f"{data.name}: thresholds on {len(before)} earlier events, judged on {len(after)} later ones")
    first = replace(data, events=before, evaluated=data.evaluated & early)
    return first, replace(data, events=after, evaluated=data.evaluated & ~early)


def thresholds_of(data: Replay, model: Model) -> Thresholds:
    """Thresholds of every rule at the false alarms a week that the levels give on a set."""
    return thresholds_for(data.panel, data.events, model=model, evaluated=data.evaluated)


def judge(data: Replay, model: Model, elsewhere: Thresholds, told: list[tuple[object, ...]]) -> dict[str, Figures]:
    """Figures of every rule on one set; thresholds from its own earlier part where it has one."""
    limits = elsewhere
    if data.earlier:
        first, data = halves(data)
        limits = thresholds_of(first, model)
    found = run_backtest(data.panel, data.events, model=model, evaluated=data.evaluated, thresholds=limits)
    rows = found.table[found.table["setting"] != "published"]
    told += [(data.name, *row, limits[row[0]]) for row in found.per_event.itertuples(index=False, name=None)]
    return {
        str(row["rule"]): {f"{data.name}.{metric}": float(row[metric]) for metric in METRICS}
        for row in rows.to_dict("records")
    }


def main() -> None:
    """Set thresholds, replay, compare."""
    options = parser("backtest", __doc__ or "")
    options.add_argument("--incidents", type=int, default=400, help="simulated series, half of them crises")
    options.add_argument("--models", type=Path, help="folder of text models; the shipped ones by default")
    chosen = options.parse_args()
    model = load()
    say("thresholds on simulated series")
    elsewhere = thresholds_of(simulated(300, seed=510), model)
    told: list[tuple[object, ...]] = []
    rules: dict[str, Figures] = {}
    for data in (simulated(chosen.incidents, seed=920), *listed(chosen.data), *written(chosen.data, chosen.models)):
        say(f"{data.name}: {len(data.events)} events")
        for rule, figures in judge(data, model, elsewhere, told).items():
            rules.setdefault(rule, {}).update(figures)
    write_predictions(chosen.out, ("set", "rule", "series", "opens", "peak", "lead_hours", "threshold"), told)
    finish("backtest", rules.pop(OURS), rules)


if __name__ == "__main__":
    main()
