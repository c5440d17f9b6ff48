"""Commands that stay awake: schedule, monitor, dashboards, lab."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from crisislib import services
from crisislib.cli.common import LakeDir, Part, ReportDir, WatchDir, escape, home, out
from crisislib.cli.dashboards_command import become, dashboards, print_data_source, refuse_taken
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.shard import Shard, shard_of
from crisislib.services import monitor as around_the_clock

if TYPE_CHECKING:
    from crisislib.core.watch import Watch
    from crisislib.engine import Home


def schedule(
    once: Annotated[bool, typer.Option("--once", help="Run what is due now, then stop.")] = False,
    print_: Annotated[
        str | None, typer.Option("--print", help="systemd or cron: print units for this machine.")
    ] = None,
    watch: Annotated[list[str] | None, typer.Option("--watch", "-w", help="Only these watches.")] = None,
    shard: Part = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
    reports: ReportDir = None,
) -> None:
    """Run the schedules of the watch files: collect and run, daily, weekly and monthly reports.

    Stays in the foreground. A run missed while the machine slept is caught up once; two schedulers
    on one lake never run the same job twice.
    """
    from crisislib.services import scheduler as scheduling

    if print_ is not None:
        if print_ not in ("systemd", "cron"):
            raise InputError(
                N_("{kind} is no kind of unit"),
                where="--print",
                do=N_("write systemd or cron"),
                facts={"kind": repr(print_)},
            )
        out.print(escape(scheduling.units(print_, folder=home(lake, watches, reports).root)), end="")
        return
    place = home(lake, watches, reports)
    chosen, wrong = _watches(place, watch, shard_of(shard))
    runner = services.scheduled(place)
    if not once:
        scheduling.serve(place.lake, chosen, runner)
        return
    ran = 0
    for name, outcome in scheduling.run_due(place.lake, chosen, runner, now=lambda: datetime.now(UTC)):
        ran += 1
        out.print(escape(f"{name}  {outcome}"))
    if not ran:
        out.print("nothing is due")
    if wrong:
        raise typer.Exit(1)


def monitor(
    every: Annotated[float, typer.Option(help="Seconds from tick to tick.", min=0.5)] = 5.0,
    port: Annotated[int, typer.Option(help="Port of /health and /metrics.")] = 9377,
    host: Annotated[str, typer.Option(help="Address to listen on; others can reach it only if you change this.")] = (
        "127.0.0.1"
    ),
    watch: Annotated[list[str] | None, typer.Option("--watch", "-w", help="Only these watches.")] = None,
    ticks: Annotated[int | None, typer.Option(help="Stop after so many ticks.", min=1)] = None,
    briefs: Annotated[bool, typer.Option(help="Write and send the emergency brief at orange and above.")] = True,
    shard: Part = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
    reports: ReportDir = None,
) -> None:
    """Watch around the clock: collect, label, measure, decide, alert, and write the emergency brief.

    One per lake, or one for each --shard. What came in while it was stopped is caught up and reported; an
    alert is neither lost nor raised twice, also after a kill. A heartbeat for a watchdog is in the lake's
    folder, under artifacts/monitor/heartbeat.json.
    """
    place = home(lake, watches, reports)
    part = shard_of(shard)
    chosen, wrong = _watches(place, watch, part)
    around_the_clock.serve(
        place, chosen, every_s=every, port=port, host=host, ticks=ticks, briefs=briefs, shard=part, unreadable=wrong
    )


def lab(
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8888,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Open JupyterLab on the notebooks of this workbench: Run All works as they stand.

    An empty `watch` in a notebook's first cell means the watch that matters most of those that hold posts, or the
    demonstration (crisis demo) while your own lake holds none.
    """
    place = home(lake, watches, None)
    refuse_taken("127.0.0.1", port)
    command = services.lab_command(place, port=port, browser=browser)
    print_data_source(place)
    become(command, services.lab_environment(place), f"JupyterLab on http://127.0.0.1:{port}/ — Ctrl-C stops")


def _watches(place: Home, names: list[str] | None, part: Shard) -> tuple[list[Watch], dict[str, str]]:
    """The watches of a part that can be read, and what is wrong with its other files; an error where all have none."""
    chosen, wrong = services.readable_watches(place, names or ())
    if not chosen:
        place.all_watches()  # says what is wrong with the first file, or that there is none
        raise InputError(
            N_("there is no watch {watch}"),
            where="--watch",
            do=N_("see data/watches"),
            facts={"watch": ", ".join(names or [])},
        )
    return [w for w in chosen if part.holds(w.watch)], {n: why for n, why in wrong.items() if part.holds(n)}


SERVICES = ("schedule", "monitor", "listen")
"""Commands that log what they do, since nobody sits before them; the others log what goes wrong."""
commands: dict[str, Callable[..., None]] = {
    "schedule": schedule,
    "monitor": monitor,
    "dashboards": dashboards,
    "lab": lab,
}
