"""The team's tasks: crisis task list, done, na, reopen; the other verbs are in task_commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crisislib.cli.common import (
    By,
    Incident,
    LakeDir,
    Language,
    WatchDir,
    WatchName,
    change_of,
    escape,
    instant,
    opened,
    out,
    print_listing,
)
from crisislib.core.i18n import N_, tr

if TYPE_CHECKING:
    import pandas as pd

    from crisislib.core.watch import Watch
    from crisislib.engine import Home


Note = Annotated[str, typer.Option("--note", help="What came of it.")]
HEADINGS = (N_("Due"), N_("State"), N_("Step"), N_("Owner"), N_("Note"))
COMMENTS = N_("Comments")
NOTHING_OPEN = N_("No step is open.")
BEGAN = N_("Began {opened}; the alert was decided {alerted}, and the deadlines count from then.")
MARKED = N_("{step}: {state}, {at}, by {by}; {owner}, due {due}")

task = typer.Typer(
    no_args_is_help=True,
    help="The team's tasks: the open steps of an incident, who does them, by when, and ticking them off.",
)


@task.command("list")
def task_list(
    watch: WatchName,
    every: Annotated[
        bool, typer.Option("--all", help="The settled steps too, with who settled them, and those taken back.")
    ] = False,
    why: Annotated[bool, typer.Option("--why", help="What each step asks for, and why it is due then.")] = False,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """List the open steps, soonest first: due time, owner; late ones are marked."""
    from crisislib.core.phrase import render
    from crisislib.engine import incident_records, plan_in_words
    from crisislib.engine.rendering import incident_title

    place, chosen = opened(watch, lake, watches)
    now = place.now()
    row = incident_records.incident_of(place, chosen, incident)
    spoken = language or chosen.language
    steps = plan_in_words.plan_table(place, chosen, row, language=spoken, now=now, every=every, replaced=every)
    out.print(f"[bold]{escape(str(render(incident_title(row, chosen), spoken)))}[/bold]")
    alerted = incident_records.alerted_at(place, chosen, row)
    began = {"opened": row["opened_at"], "alerted": alerted}
    local = {k: at.astimezone(chosen.zone).strftime("%Y-%m-%d %H:%M") for k, at in began.items()}
    out.print(escape(tr(BEGAN, spoken, **local)))
    if steps.empty:
        out.print(tr(NOTHING_OPEN, spoken))
    else:
        shown, tasks = [], steps.to_dict("records")
        for one in tasks:
            due = one["due_at"].astimezone(chosen.zone).strftime("%m-%d %H:%M")
            state = f"{one['state']} ({one['by']})" if one["by"] else one["state"]
            shown.append((one["id"], due, state, one["step"], one["owner"], one["note"] or ""))
        late = [number for number, one in enumerate(tasks) if one["late"]]
        print_listing(("id", *(tr(words, spoken) for words in HEADINGS)), shown, whole=(0, 1), late=late)
        for one in tasks if why else ():
            out.print(escape(f"  {one['id']}: {one['reason']}"))
    _print_comments(place, chosen, incident, spoken)
    for part in plan_in_words.guidance(place, row, spoken):
        if part.lines:
            out.print(f"[bold]{tr(part.heading, spoken)}[/bold]")
        for line in part.lines:
            out.print(f"  · {escape(line)}")


def _print_comments(place: Home, watch: Watch, incident: str, language: str) -> None:
    from crisislib.engine import team_tasks

    written = team_tasks.comments(place, watch, incident_id=incident)
    if len(written):
        out.print(f"[bold]{tr(COMMENTS, language)}[/bold]")
    for one in written.to_dict("records"):
        at, step = f"{one['at'].astimezone(watch.zone):%m-%d %H:%M}", one["about"].rsplit("/", 1)[-1]
        out.print(escape(f"  {at} {step} ({one['by']}): {one['title']}"))


@task.command("done")
def task_done(
    steps: Annotated[list[str], typer.Argument(help="Ids of steps, as crisis task list shows them.")],
    watch: WatchName,
    by: By = None,
    at: Annotated[str | None, typer.Option(help="When, in the watch's zone; now if left out.")] = None,
    note: Note = "",
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Tick steps off: by whom, when, and what came of it. After its due time a step is done late.

    What somebody has settled already is refused, so that two at once overwrite nothing: crisis task reopen.
    """
    from crisislib.engine import response_plan

    change = change_of(watch, by, lake, watches)
    when = instant(at, change.watch, "--at", before=change.now)
    print_changes(
        response_plan.mark(change, steps, "done", at=when, note=note, incident_id=incident, pending_only=True),
        change.watch,
    )


@task.command("na")
def task_na(
    steps: Annotated[list[str], typer.Argument(help="Ids of steps, as crisis task list shows them.")],
    watch: WatchName,
    why: Annotated[str, typer.Option("--why", help="Why they do not apply.")],
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Take steps off the list because they do not apply, with the reason; they are not scored."""
    from crisislib.engine import response_plan

    change = change_of(watch, by, lake, watches)
    print_changes(
        response_plan.mark(change, steps, "na", note=why, incident_id=incident, pending_only=True),
        change.watch,
    )


@task.command("reopen")
def task_reopen(
    steps: Annotated[list[str], typer.Argument(help="Ids of steps, as crisis task list --all shows them.")],
    watch: WatchName,
    by: By = None,
    why: Annotated[str, typer.Option("--why", "--note", help="The reason; it is kept with the change.")] = "",
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Put steps back on the list that were ticked off or left out too early; what was recorded stays on record."""
    from crisislib.engine import response_plan

    change = change_of(watch, by, lake, watches)
    print_changes(
        response_plan.mark(change, steps, "open", note=why, incident_id=incident),
        change.watch,
    )


def print_changes(rows: pd.DataFrame, watch: Watch) -> None:
    """One line for each step that has changed: its state, when, by whom."""
    import pandas as pd

    from crisislib.engine import plan_in_words

    for row in plan_in_words.in_words(rows, watch, watch.language).to_dict("records"):
        at = row["at"] if pd.isna(row["done_at"]) else row["done_at"]
        facts = {key: row[key] for key in ("step", "state", "by", "owner")}
        facts["due"] = f"{row['due_at'].astimezone(watch.zone):%Y-%m-%d %H:%M}"
        clock = f"{at.astimezone(watch.zone):%Y-%m-%d %H:%M}"
        out.print(escape(tr(MARKED, watch.language, at=clock, **facts)))
