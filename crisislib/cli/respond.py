"""Commands of the response team: respond, ack, plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from crisislib import engine
from crisislib.cli.common import LakeDir, WatchDir, WatchName, escape, home, instant, out


def respond(
    watch: WatchName,
    kind: Annotated[str, typer.Option(help="statement, press_conference, one_to_one, partner, takedown, correction …")],
    by: Annotated[str, typer.Option(help="Who did it.")],
    channel: Annotated[str, typer.Option(help="Where: weibo, x, press, e-mail, phone …")] = "",
    strategy: Annotated[str, typer.Option(help="SCCT or Benoit tag, as the playbook names it.")] = "",
    url: Annotated[str, typer.Option(help="Where it can be read.")] = "",
    text: Annotated[str, typer.Option(help="What was said, or a file as @statement.txt.")] = "",
    at: Annotated[str | None, typer.Option(help="When, in the watch's zone; now if left out.")] = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Log what was done, so that whether it worked can be measured."""
    place = home(lake, watches, None, watch)
    chosen = place.watch(watch)
    now = place.now()
    said = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
    logged = engine.log_response(
        place, chosen, kind=kind, by=by, channel=channel, strategy=strategy, url=url, text=said,
        at=instant(at, chosen, "--at") or now, now=now,
    )  # fmt: skip
    out.print(escape(logged))


def ack(
    watch: WatchName,
    by: Annotated[str, typer.Option(help="Who takes it.")],
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Acknowledge the open incident of a watch: escalation stops, the incident stays."""
    place = home(lake, watches, None, watch)
    out.print(escape(engine.acknowledge(place, place.watch(watch), by=by, now=place.now())))


def effect(watch: WatchName, lake: LakeDir = None, watches: WatchDir = None) -> None:
    """Whether the logged responses changed anything: before and after, with intervals."""
    place = home(lake, watches, None, watch)
    chosen = place.watch(watch)
    for finding in engine.effects(place.lake, chosen, now=place.now()):
        out.print(escape(finding.say(chosen.language)))


commands: dict[str, Callable[..., None]] = {"respond": respond, "ack": ack, "effect": effect}
