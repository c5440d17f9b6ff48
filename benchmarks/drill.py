"""Drills end to end: every shipped scenario with a good and a slow team, through what `crisis drill` runs.

Keys: `scenarios`, `errors` (drills that broke off), `score_moves` (share of the scenarios in which the good team, which
is done at 0.6 of each clock, scores above the slow one at 2.5), `points.NAME.TEAM`. English and Chinese watches by
turns. `--data` is not read.
"""

from __future__ import annotations

import logging
import math
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from joblib import Parallel, delayed

from benchmarks.harness import Figures, finish, parser, say, timed
from crisislib.core.isolation import Failure, run_isolated
from crisislib.services.drill_session import DrillPlan, drill
from crisislib.simulation import scenario, scenario_names

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""A Monday; the drills are of that day, so that a run can be made again."""
logger = logging.getLogger(__name__)


def points(name: str, team: str, language: str, *, hours: float, posts: int, folder: Path) -> float:
    """Points of one drill."""
    plan = DrillPlan(scenario(name), speed=0.0, hours=hours, posts=posts, language=language, team=team)
    return drill(folder / f"{name}-{team}", plan, now=NOW)[1].points


def attempt(name: str, team: str, language: str, *, hours: float, posts: int, folder: Path) -> float:
    """The same; not a number where the drill broke off, which is logged."""

    def failed(failure: Failure) -> float:
        say(f"{failure.name}: {failure.text}")
        return float("nan")

    work = partial(points, name, team, language, hours=hours, posts=posts, folder=folder)
    got = run_isolated(f"{name} {team}", work, on_error=failed, logger=logger)
    say(f"{name} {team}: {got:.1f}")
    return got


def main() -> None:
    """Run every drill and print one JSON line."""
    options = parser("drill", __doc__ or "")
    options.add_argument("--scenario", action="append", help="only these; all when left out")
    options.add_argument("--hours", type=float, default=5.0, help="simulated hours of each")
    options.add_argument("--posts", type=int, default=4000, help="posts of each simulation")
    options.add_argument("--jobs", type=int, default=-1, help="drills at once; -1: one a core")
    args = options.parse_args()
    names, figures = args.scenario or scenario_names(), Figures()
    tasks = [(name, team, ("zh", "en")[i % 2]) for i, name in enumerate(names) for team in ("good", "slow")]
    with tempfile.TemporaryDirectory(prefix="drills-") as root, timed(figures, "seconds"):
        ask = partial(attempt, hours=args.hours, posts=args.posts, folder=Path(root))
        # Drills share nothing, and none is timed alone.
        given = Parallel(n_jobs=args.jobs)(delayed(ask)(*task) for task in tasks)
    figures |= {f"points.{name}.{team}": got for (name, team, _), got in zip(tasks, given, strict=True)}
    failures = [got for got in given if math.isnan(got)]
    moved = [figures[f"points.{name}.good"] > figures[f"points.{name}.slow"] for name in names]
    figures |= {"scenarios": len(names), "errors": len(failures), "score_moves": sum(moved) / len(moved)}
    finish("drill", figures)


if __name__ == "__main__":
    main()
