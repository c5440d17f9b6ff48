"""Incidents in hand: crisis incident list, open, retype, rename, merge, split, close, reopen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crisislib.cli.common import (
    By,
    Incident,
    LakeDir,
    Language,
    WatchDir,
    WatchName,
    Why,
    change_of,
    escape,
    instant,
    opened,
    out,
    print_listing,
)
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import LEVEL_NAMES

if TYPE_CHECKING:
    from crisislib.core.watch import Watch
    from crisislib.engine.team_change import TeamChange

Title = Annotated[str, typer.Option("--title", help="What it is called; brand, kind and time if left out.")]
Began = Annotated[str | None, typer.Option("--at", help="When it began, in the watch's zone; now if left out.")]
HEADINGS = (N_("When"), N_("Level"), N_("State"), N_("Incident"), N_("By"), N_("Reason"))
RULES = N_("rules")
NONE = N_("No incident has been opened.")
CHANGED = N_("{id}: {title}, {level}, {state}; by {by}")

incident = typer.Typer(
    no_args_is_help=True,
    help="Incidents in hand: correct what the rules say of them. Every change is on record, and the plan follows.",
)


@incident.command("list")
def incident_list(
    watch: WatchName,
    every: Annotated[bool, typer.Option("--all", help="Every change, with who made it and why.")] = False,
    incident: Annotated[str, typer.Option(help="Id of one incident; all if left out.")] = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """List the incidents of a watch, newest last."""
    from crisislib.engine import incident_corrections

    place, chosen = opened(watch, lake, watches)
    rows = incident_corrections.history(place, chosen, incident)
    if not every:
        rows = rows.drop_duplicates("incident_id", keep="last").sort_values("opened_at")
    spoken = language or chosen.language
    if rows.empty:
        out.print(tr(NONE, spoken))
        return
    shown = []
    for row in ({str(key): value for key, value in one.items()} for one in rows.to_dict("records")):
        at = row["at" if every else "opened_at"].astimezone(chosen.zone).strftime("%Y-%m-%d %H:%M")
        title, kind, level, state = _words(row, chosen, spoken)
        if isinstance(row["title"], str) and kind not in title:  # a title that a person gave need not name the kind
            title = f"{title} ({kind})"
        cells = (row["incident_id"], at, level, state, title, _by(row["by"], spoken), row["note"])
        shown.append([cell if isinstance(cell, str) else "" for cell in cells])
    print_listing(("id", *(tr(words, spoken) for words in HEADINGS)), shown, whole=(0, 1, 2, 3))


@incident.command("open")
def incident_open(
    watch: WatchName,
    why: Why,
    kind: Annotated[str, typer.Option(help="Kind of crisis, as playbooks name them.")] = "other",
    level: Annotated[str, typer.Option(help="blue, yellow, orange or red.")] = "yellow",
    title: Title = "",
    at: Began = None,
    by: By = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Open an incident that no rule has opened: a call from a journalist, a letter from a regulator."""
    from crisislib.engine import incident_corrections

    change = change_of(watch, by, lake, watches)
    began = instant(at, change.watch, "--at", before=change.now)
    row = incident_corrections.open_incident(change, kind=kind, level=level, title=title, why=why, at=began)
    _shown(row, change.watch)


@incident.command("retype")
def incident_retype(
    kind: Annotated[str, typer.Argument(help="Kind of crisis, as playbooks name them.")],
    watch: WatchName,
    why: Why,
    standing: Annotated[
        str,
        typer.Option(help="How the claim stands: unverified, disputed, denied or confirmed; as it was if left out."),
    ] = "",
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Say what kind of crisis it is, and how its claim stands: steps may wait for that.

    The plan becomes that kind's; steps done stay done. No rule changes what a person has decided here.
    """
    from crisislib.engine import incident_corrections

    change = change_of(watch, by, lake, watches)
    _shown(
        incident_corrections.retype(change, kind, why=why, standing=standing, incident_id=incident),
        change.watch,
    )


@incident.command("rename")
def incident_rename(
    title: Annotated[str, typer.Argument(help="Its new title.")],
    watch: WatchName,
    why: Why = "",
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Call an incident by your own words."""
    from crisislib.engine import incident_corrections

    change = change_of(watch, by, lake, watches)
    row = incident_corrections.rename(change, title, why=why, incident_id=incident)
    _shown(row, change.watch)


@incident.command("merge")
def incident_merge(
    gone: Annotated[str, typer.Argument(metavar="ID", help="The incident that is closed.")],
    watch: WatchName,
    into: Annotated[str, typer.Option(help="Id of the incident that goes on.")],
    why: Why,
    by: By = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Make one incident of two."""
    from crisislib.engine import incident_merging

    change = change_of(watch, by, lake, watches)
    _shown(incident_merging.merge(change, gone, into, why=why), change.watch)


@incident.command("split")
def incident_split(
    watch: WatchName,
    at: Annotated[str, typer.Option(help="Where the second begins, in the watch's zone.")],
    why: Why,
    kind: Annotated[str, typer.Option(help="Kind of the second; that of the first if left out.")] = "",
    title: Title = "",
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Take what began at an instant out of an incident, as one of its own; the first ends there.

    Where the first goes on beside it: crisis incident reopen.
    """
    from crisislib.engine import incident_merging, incident_records

    change = change_of(watch, by, lake, watches)
    cut = instant(at, change.watch, "--at", before=change.now)
    if cut is None:
        raise InputError(N_("no time is given"), where="--at", do=N_("say where the second incident begins"))
    first = incident_records.incident_of(change.home, change.watch, incident)["incident_id"]
    row = incident_merging.split(change, cut, kind=kind, title=title, why=why, incident_id=str(first))
    _shown(incident_records.incident_of(change.home, change.watch, str(first)), change.watch)
    _shown(row, change.watch)


@incident.command("close")
def incident_close(
    watch: WatchName, why: Why, by: By = None, incident: Incident = "", lake: LakeDir = None, watches: WatchDir = None
) -> None:
    """Close an incident. It opens again only if it gets worse than it was."""
    _settle(change_of(watch, by, lake, watches), "closed", why, incident)


@incident.command("reopen")
def incident_reopen(
    watch: WatchName, why: Why, by: By = None, incident: Incident = "", lake: LakeDir = None, watches: WatchDir = None
) -> None:
    """Open a closed incident again."""
    _settle(change_of(watch, by, lake, watches), "open", why, incident)


def _settle(change: TeamChange, status: str, why: str, which: str) -> None:
    from crisislib.engine import incident_corrections

    _shown(incident_corrections.settle(change, status, why=why, incident_id=which), change.watch)


def _words(row: dict[str, Any], watch: Watch, language: str) -> tuple[str, str, str, str]:
    from crisislib.core.phrase import render
    from crisislib.engine.rendering import STATUS, incident_title, kind_words

    title = str(render(incident_title(row, watch), language))
    kind, state = str(render(kind_words(row), language)), STATUS.get(row["status"], row["status"])
    return title, kind, tr(LEVEL_NAMES.get(row["level"], row["level"]), language), tr(state, language)


def _by(by: object, language: str) -> str:
    """Who changed it: a person's name, or that a rule did."""
    return tr(RULES, language) if re.search(r"@\d+$", str(by)) else str(by or "")


def _shown(row: dict[str, Any], watch: Watch) -> None:
    title, _, level, state = _words(row, watch, watch.language)
    words = tr(CHANGED, watch.language, id=row["incident_id"], title=title, level=level, state=state, by=row["by"])
    out.print(escape(words))
