"""How it went: score (clocks and the 5S checklist) and risk by period."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import Annotated

import typer
from rich.table import Table

from crisislib import engine
from crisislib.cli.common import (
    By,
    Incident,
    LakeDir,
    Language,
    WatchDir,
    WatchName,
    escape,
    opened,
    out,
    print_listing,
)
from crisislib.cli.respond import print_findings
from crisislib.cli.run import pairs
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import LEVEL_NAMES

CLOCKS = (N_("Milestone"), N_("Target, minutes"), N_("Taken, minutes"))
ITEMS = (N_("5S item"), N_("Score (0-2)"), N_("Evidence"))
PERIODS = (
    N_("Period"), N_("Incidents"), N_("From before"), N_("Worst level"), N_("Hours open (median)"),
    N_("Highest impact"), N_("Mean loss"), N_("Collected"),
)  # fmt: skip

WHAT_IF = (N_("Response"), N_("State"), N_("Change of the volume"), N_("Median loss"), N_("Where the effect is from"))
WITH, WITHOUT = N_("open: with it"), N_("made: without it")
NOW = N_("Median loss as things stand: {loss}")


def score(
    watch: WatchName,
    five_s: Annotated[
        list[str] | None, typer.Option("--5s", help="speed=2 or 'speed=2:out after 40 minutes'; once for each item.")
    ] = None,
    by: By = None,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Score the response: steps and milestones against their clocks, and the 5S checklist.

    The 15-20-60-90 minutes and the golden four hours, from the opening of the incident. The 5S items
    (shoulder sincerity speed system standard) are scored by people: 0 not there, 1 in part, 2 wholly.
    """
    import pandas as pd

    from crisislib.core.phrase import render
    from crisislib.engine import response_work

    place, chosen = opened(watch, lake, watches)
    given = {key: _scored(said) for key, said in pairs(five_s or [], "--5s").items()}
    found = response_work.score(
        place, chosen, by=by or getpass.getuser(), now=place.now(), five_s=given, incident_id=incident
    )
    spoken = language or chosen.language
    print_findings(found.findings, spoken)
    clocks = Table(*(tr(words, spoken) for words in CLOCKS))
    for row in found.milestones.to_dict("records"):
        taken = "–" if pd.isna(row["taken_min"]) else f"{row['taken_min']:.0f}"
        style = None if pd.isna(row["met"]) else "green" if row["met"] else "red"
        clocks.add_row(row["title"].render(spoken), str(row["target_min"]), taken, style=style)
    out.print(clocks)
    items = Table(*(tr(words, spoken) for words in ITEMS))
    for row in found.checklist.to_dict("records"):
        points = "–" if pd.isna(row["score"]) else str(row["score"])
        words = f"{row['id']}: {render(row['title'], spoken)}. {render(row['check'], spoken)}"
        items.add_row(escape(words), points, escape(row["evidence"]))
    out.print(items)


def risk(
    watch: WatchName,
    every: Annotated[str, typer.Option(help="day, week, month or quarter.")] = "month",
    last: Annotated[int, typer.Option(min=1, help="Show the last so many periods.")] = 12,
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Risk by period: incidents, levels, durations and losses, each period against the one before.

    Over what earlier runs have decided and assessed (INCIDENTS, RISKS), in the watch's time zone. A period of which
    nothing was collected shows "?": whether there was an incident is not known.
    """
    import pandas as pd

    from crisislib.core.phrase import Amount

    place, chosen = opened(watch, lake, watches)
    table, findings = engine.period_findings(place, chosen, every=every, now=place.now())  # type: ignore[arg-type]
    spoken = language or chosen.language
    rows = []
    for row in table.tail(last).to_dict("records"):
        level = "–" if pd.isna(row["worst"]) else tr(LEVEL_NAMES[row["worst"]], spoken)
        loss = "–" if pd.isna(row["loss_mean"]) else Amount(row["loss_mean"], row["currency"]).render(spoken)
        figures = ("–" if pd.isna(row[c]) else f"{row[c]:.0f}" for c in ("hours_open", "impact_max"))
        share = "–" if pd.isna(row["collected"]) else f"{row['collected']:.0%}"
        n = "?" if row["n"] == 0 and row["collected"] == 0 else str(row["n"])  # nothing collected is not nothing there
        rows.append((row["period"], n, str(row["n_carried"]), level, *figures, loss, share))
    if rows:
        print_listing([tr(words, spoken) for words in PERIODS], rows, whole=(0, 3, 6, 7))
    print_findings(findings, spoken)


def what_if(
    watch: WatchName,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """What each possible response may change about the loss: with each that is open, without each that was made.

    The effect of a kind of response on the volume is measured in this incident once it has landed; else taken from at
    least three earlier ones; else from risk.responses of the watch; else assumed, and marked so. The loss is simulated
    again with as many people reached; the interval is that of the effect.
    """
    from crisislib.core.phrase import Amount
    from crisislib.engine import loss_what_if
    from crisislib.engine.rendering import response_word

    place, chosen = opened(watch, lake, watches)
    spoken = language or chosen.language
    table = loss_what_if.response_what_if(place, chosen, now=place.now(), incident_id=incident)
    shown = []
    for row in table.sort_values(["landed", "loss"]).to_dict("records") if len(table) else ():
        sums = [Amount(row[key], chosen.risk.currency).render(spoken) for key in ("loss", "loss_lo", "loss_hi")]
        shares = [f"{row[key]:+.0%}".replace("-", "−") for key in ("change", "change_lo", "change_hi")]
        origin = loss_what_if.origin_words(row["origin"], row["n"], spoken)
        state = tr(WITHOUT if row["landed"] else WITH, spoken)
        kind = response_word(row["kind"], spoken)
        shown.append((kind, state, "{} ({} … {})".format(*shares), "{} ({} … {})".format(*sums), origin))
    if shown:
        out.print(tr(NOW, spoken, loss=Amount(table["loss_now"].iloc[0], chosen.risk.currency).render(spoken)))
        print_listing((tr(words, spoken) for words in WHAT_IF), shown)
    print_findings(loss_what_if.what_if_findings(table, chosen), spoken)


def _scored(option: str) -> tuple[int, str]:
    points, _, evidence = option.partition(":")
    if not points.strip().isdigit():
        raise InputError(
            N_("{option} is no score"),
            where="--5s",
            do=N_("write item=0, 1 or 2, and :evidence after it"),
            facts={"option": repr(option)},
        )
    return int(points), evidence.strip()


commands: dict[str, Callable[..., None]] = {"score": score, "risk": risk, "what-if": what_if}
