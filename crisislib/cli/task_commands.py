"""More of the team's tasks: crisis task assign, start, due, add, comment, calendar, digest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
    to_come,
)
from crisislib.cli.team import Note, print_changes, task
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, tr

__all__ = ["task"]
Steps = Annotated[list[str], typer.Argument(help="Ids of steps, as crisis task list shows them.")]
ADDED = N_("{step} ({id}): due {at}, {owner}")
WRITTEN = N_("{file}: {n} {n:deadline|deadlines}; a calendar that reads the file again updates what it has")
NOTED = N_("noted by {by} on {step}")
NOTHING_DUE = N_("Nothing is due within the hour, and nothing is overdue.")
NO_CHANNEL = N_("{watch} has no channel under notify:, so no message was sent")


@task.command("assign")
def task_assign(
    steps: Steps,
    watch: WatchName,
    to: Annotated[str, typer.Option("--to", help="Who does them; empty gives them back to the role.")],
    by: By = None,
    note: Note = "",
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Assign some steps to a person. The role stays their owner; the digest goes to the person's channel."""
    from crisislib.engine import team_tasks

    change = change_of(watch, by, lake, watches)
    print_changes(team_tasks.assign(change, steps, to, note=note, incident_id=incident), change.watch)


@task.command("start")
def task_start(
    steps: Steps,
    watch: WatchName,
    by: By = None,
    at: Annotated[str | None, typer.Option(help="Since when, in the watch's zone; now if left out.")] = None,
    note: Note = "",
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Mark some steps as in progress: others see it, and no deputy is called for them."""
    from crisislib.engine import team_tasks

    change = change_of(watch, by, lake, watches)
    began = instant(at, change.watch, "--at", before=change.now)
    print_changes(
        team_tasks.start(change, steps, at=began, note=note, incident_id=incident),
        change.watch,
    )


@task.command("due")
def task_due(
    steps: Steps,
    watch: WatchName,
    why: Why,
    at: Annotated[
        str | None, typer.Option(help="By when, 10:00 (the next) or 2026-03-01T10:00, in the watch's zone.")
    ] = None,
    after: Annotated[str, typer.Option(help="Id of the step that comes first.")] = "",
    minutes: Annotated[int, typer.Option(help="With --after: so long after that step is done.", min=0)] = 0,
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Move a deadline: by the clock (--at), or so many minutes after another step (--after, --minutes).

    While that other step is open, the deadline counts from the time by which it should be done; once it is done, from
    then. No rule moves a deadline that a person has set.
    """
    from crisislib.engine import team_tasks

    change = change_of(watch, by, lake, watches)
    due = to_come(instant(at, change.watch, "--at", after=change.now), change, "--at")
    rows = team_tasks.move_due(change, steps, note=why, due_at=due, after=after, minutes=minutes, incident_id=incident)
    print_changes(rows, change.watch)


@task.command("add")
def task_add(
    title: Annotated[str, typer.Argument(help="What is to be done.")],
    watch: WatchName,
    due: Annotated[str, typer.Option(help="By when, 10:00 (the next) or 2026-03-01T10:00, in the watch's zone.")],
    owner: Annotated[str, typer.Option(help="Role that answers for it, as playbooks name them.")] = "duty_manager",
    to: Annotated[str, typer.Option("--to", help="Who does it; the person of the role if left out.")] = "",
    about: Annotated[str, typer.Option(help="More words on it.")] = "",
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Add a task that is not in the playbook. It stays when the kind of crisis, and with it the playbook, changes."""
    from crisislib.engine import plan_in_words, team_tasks

    change = change_of(watch, by, lake, watches)
    chosen = change.watch
    at = to_come(instant(due, chosen, "--due", after=change.now), change, "--due")
    if at is None:
        raise InputError(N_("no time is given"), where="--due", do=N_("say by when"))
    rows = team_tasks.add(
        change,
        title,
        owner=owner,
        due_at=at,
        person=to,
        about=about,
        incident_id=incident,
    )
    for row in plan_in_words.in_words(rows, chosen, chosen.language).to_dict("records"):
        local = f"{at.astimezone(chosen.zone):%Y-%m-%d %H:%M}"
        out.print(escape(tr(ADDED, chosen.language, step=row["step"], id=row["id"], at=local, owner=row["owner"])))


@task.command("comment")
def task_comment(
    step: Annotated[str, typer.Argument(help="Id of the step, as crisis task list shows it.")],
    text: Annotated[str, typer.Argument(help="What is to be noted.")],
    watch: WatchName,
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Note something on a step; its state stays as it is. crisis task list shows the comments below the table."""
    from crisislib.engine import team_tasks

    change = change_of(watch, by, lake, watches)
    team_tasks.comment(change, step, text, incident_id=incident)
    out.print(escape(tr(NOTED, change.watch.language, by=change.by, step=step)))


@task.command("calendar")
def task_calendar(
    watch: WatchName,
    file: Annotated[Path, typer.Option("--to", help="The .ics file; replaced where it is there.")],
    owner: Annotated[str, typer.Option(help="Only the steps of this role or person; all if left out.")] = "",
    events: Annotated[
        bool, typer.Option("--events", help="As appointments, for calendars that leave to-dos out: Google's, Outlook.")
    ] = False,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Write the open deadlines as an iCalendar file, for the calendars that people look at anyway."""
    from crisislib.core.atomic_files import replace_file
    from crisislib.engine import due_tasks

    place, chosen = opened(watch, lake, watches)
    spoken = language or chosen.language
    text = due_tasks.calendar(
        place, chosen, language=spoken, now=place.now(), owner=owner, incident_id=incident, events=events
    )
    replace_file(file, text)
    out.print(escape(tr(WRITTEN, spoken, file=file, n=text.count("BEGIN:VALARM"))))


@task.command("digest")
def task_digest(
    watch: WatchName,
    send: Annotated[
        bool, typer.Option("--send", help="Send it to the watch's channels, and let deputies take over.")
    ] = False,
    owner: Annotated[list[str] | None, typer.Option(help="Only this role or person; repeat for more.")] = None,
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """What is due within the hour or overdue, owner by owner.

    With --send it does what the scheduler does every schedule.tasks_every_minutes: steps that are overdue and not
    begun go to the deputies (respond.deputies), and each channel hears of the tasks of its owners (notify: owners),
    once until something changes.
    """
    from crisislib.engine import due_tasks
    from crisislib.services import task_notices

    place, chosen = opened(watch, lake, watches)
    now = place.now()
    spoken = language or chosen.language
    if send:
        out.print(escape(task_notices.look_at_tasks(place, chosen, now=now)))
        if not chosen.notify:
            out.print(escape(tr(NO_CHANNEL, spoken, watch=chosen.name(spoken))))
    due = due_tasks.due_tasks(place, chosen, now=now, owners=owner or ())
    for _, finding in due:
        out.print(escape(finding.render(spoken)))
    if not due:
        out.print(tr(NOTHING_DUE, spoken))
