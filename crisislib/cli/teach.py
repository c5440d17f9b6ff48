"""Commands that learn: label, teach, train, backtest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from crisislib import engine
from crisislib.cli.common import LakeDir, WatchDir, WatchName, bars, escape, home, opened, out


def label(
    watch: WatchName,
    file: Annotated[Path, typer.Argument(help="CSV to write the queue to, or with --take to read labels from.")],
    take: Annotated[bool, typer.Option("--take", help="Take the labels that you wrote into FILE.")] = False,
    stories: Annotated[
        bool, typer.Option("--stories", help="Stories instead of posts: rumour or other, the largest and newest first.")
    ] = False,
    n: Annotated[int, typer.Option(min=1, help="Posts to queue; a hundred take about ten minutes.")] = 100,
    by: Annotated[str, typer.Option("--by", help="Who labels; your login name if left out.")] = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Queue posts for labelling, spread over classes and days and where the model is least sure; take the labels back.

    An analyst's label wins over every model; of several labels of one post the newest counts, and all are kept.
    The same queue with buttons: notebooks/labelling.ipynb, or crisis dashboards --labels.
    """
    place, chosen = opened(watch, lake, watches)
    if take:
        into = engine.take_stories if stories else engine.take_labels
        out.print(escape(into(place, chosen, file, now=place.now(), by=by)))
    else:
        queue = engine.story_queue if stories else engine.label_queue
        out.print(escape(queue(place, chosen, file, n=n, by=by)))


def teach(
    watch: WatchName,
    rumours: Annotated[
        bool, typer.Option("--rumours", help="The rumour score, from about ninety labelled stories, instead.")
    ] = False,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Adapt the sentiment model to a watch from at least 50 labels; prints the report card on held-back labels."""
    place, chosen = opened(watch, lake, watches)
    if rumours:
        with bars() as progress:
            said, card = engine.teach_rumours(place, chosen, now=place.now(), progress=progress)
        out.print(escape(said))
        for finding in card:
            lines = [finding.render(chosen.language), *finding.caveats(chosen.language)]
            out.print("\n".join("  " + escape(line) for line in lines))
        return
    with bars() as progress:
        said, lesson = engine.teach(place, chosen, progress=progress)
    out.print(escape(said))
    for finding in engine.report_card_findings(place, chosen, lesson):
        out.print("  " + escape(finding.render(chosen.language)))


def train(
    watch: Annotated[list[str] | None, typer.Option("--watch", "-w", help="Only these watches' histories.")] = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Train the outlook (chance of orange within 1, 6 and 24 hours) on the simulator and on stored histories."""
    place = home(lake, watches, None)
    chosen = [w for w in place.all_watches() if not watch or w.watch in watch]
    with bars() as progress:
        said = engine.train(place, chosen, progress=progress)
    out.print(escape(said))


def backtest(
    watch: WatchName,
    budget: Annotated[float | None, typer.Option(help="False alarms a week; the watch's own if left out.")] = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Replay a watch's history: our rules and the vendors' published ones, lead time at equal false alarms."""
    place, chosen = opened(watch, lake, watches)
    table, findings = engine.backtest(place, chosen, budget=budget, now=place.now())
    out.print(escape(table.to_string(index=False)))
    for finding in findings:
        out.print(escape(finding.render(chosen.language)))


commands: dict[str, Callable[..., None]] = {"label": label, "teach": teach, "train": train, "backtest": backtest}
