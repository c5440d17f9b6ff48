"""Lead time and false alarms of our rules against the vendors' published ones, at equal false alarms.

Sets are found by their layout (`benchmarks/backtest_sets.py`). Thresholds of every rule are set to
the same number of false alarms per week on data that is not reported on: the earlier half of a
trending list, and simulated series (another seed) for dated texts and simulated incidents.

Keys: `<set>.lead_hours` (median over all events to the peak; a missed event leads by nothing),
`.lead_hours_mean`, `.recall`, `.precision`, `.false_per_week`, `.events`. Ours is the index that
decides levels; the outlook and every vendor's rule stand as peers. `simulated` is drawn here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.backtest_sets import Replay, listed, written
from benchmarks.harness import finish, parser, say, write_predictions
from crisislib.signals import expect
from crisislib.warn.backtest import Event, matched, outcome, statistics, summary
from crisislib.warn.backtest.replay import QUIET
from crisislib.warn.outlook.model import Model, load
from crisislib.warn.panel import simulated_panel
from crisislib.warn.simulate import HOURS_BEFORE, SHAPES, simulate

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
OURS = "index"
METRICS = ("lead_hours", "lead_hours_mean", "recall", "precision", "false_per_week", "events")


class World:
    """Statistics of every rule over some series, with what should be warned of and what is judged."""

    def __init__(self, statistics: dict[str, Floats], events: Sequence[Event], judged: Bools, step_s: int) -> None:
        self.statistics, self.events, self.judged, self.step_s = statistics, list(events), judged, step_s

    def thresholds(self, budget: float) -> dict[str, float]:
        """Of every rule, at a budget of false alarms per week."""
        return {
            name: matched(held, self.events, budget=budget, refractory=QUIET, step_s=self.step_s, judged=self.judged)
            for name, held in self.statistics.items()
        }


def simulated_world(crises: int, harmless: int, *, seed: int, model: Model) -> World:
    """Crises and harmless bursts with known truth."""
    parts, events, judged = [], [], []
    for crisis, series in ((True, crises), (False, harmless)):
        kinds = tuple(name for name, shape in SHAPES.items() if shape.crisis == crisis)
        made = simulate(series, seed=seed + int(crisis), kinds=kinds)
        panel = simulated_panel(made, expect)
        parts.append(statistics(panel, model))
        watched = np.zeros(panel.index.shape, dtype=bool)
        watched[:, HOURS_BEFORE:] = True
        judged.append(watched)
        if crisis:
            last = panel.index.shape[1] - 1
            spans = zip(made.truth["onset"], made.truth["peak"], strict=True)
            events = [Event(i, int(o), int(p), min(int(p) + 72, last)) for i, (o, p) in enumerate(spans)]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return World(joined, events, np.concatenate(judged), 3600)


def judge(
    name: str, world: World, thresholds: dict[str, float], told: list[tuple[object, ...]]
) -> dict[str, dict[str, float]]:
    """Figures of every rule on one set."""
    out: dict[str, dict[str, float]] = {}
    for rule, held in world.statistics.items():
        found = outcome(
            held, world.events, threshold=thresholds[rule], refractory=QUIET, step_s=world.step_s, judged=world.judged
        )
        row = summary(rule, found)
        out[rule] = {f"{name}.{metric}": float(str(row[metric])) for metric in METRICS}
        told += [
            (name, rule, e.series, e.opens, e.peak, lead, thresholds[rule])
            for e, lead in zip(world.events, found.leads, strict=True)
        ]
    return out


def replayed(replay: Replay, model: Model, others: dict[str, float], budget: float) -> tuple[World, dict[str, float]]:
    """A set's world and the thresholds to judge it with."""
    found = statistics(replay.panel, model)
    if not replay.earlier:
        return World(found, replay.events, replay.judged, replay.panel.step_s), others
    first, second = replay.judged.copy(), replay.judged.copy()
    first[:, replay.earlier :] = False
    second[:, : replay.earlier] = False
    before = [e for e in replay.events if e.opens < replay.earlier]
    after = [e for e in replay.events if e.opens >= replay.earlier]
    say(f"{replay.name}: thresholds on {len(before)} earlier events, judged on {len(after)} later ones")
    own = World(found, before, first, replay.panel.step_s).thresholds(budget)
    return World(found, after, second, replay.panel.step_s), own


def main() -> None:
    """Set thresholds, replay, compare."""
    options = parser("backtest", __doc__ or "")
    options.add_argument("--budget", type=float, default=0.25, help="false alarms per watched week")
    options.add_argument("--incidents", type=int, default=200, help="simulated crises (and as many harmless series)")
    options.add_argument("--models", type=Path, help="folder of text models; the shipped ones by default")
    chosen = options.parse_args()
    model = load()
    say("thresholds on simulated series")
    thresholds = simulated_world(150, 150, seed=510, model=model).thresholds(chosen.budget)
    told: list[tuple[object, ...]] = []
    rules: dict[str, dict[str, float]] = {}
    worlds = [("simulated", simulated_world(chosen.incidents, chosen.incidents, seed=920, model=model), thresholds)]
    replays = [*listed(chosen.data), *written(chosen.data, chosen.models)]
    worlds += [(replay.name, *replayed(replay, model, thresholds, chosen.budget)) for replay in replays]
    for name, world, limits in worlds:
        say(f"{name}: {len(world.events)} events")
        for rule, figures in judge(name, world, limits, told).items():
            rules.setdefault(rule, {}).update(figures)
    write_predictions(chosen.out, ("set", "rule", "series", "opens", "peak", "lead_hours", "threshold"), told)
    finish("backtest", rules.pop(OURS), rules)


if __name__ == "__main__":
    main()
