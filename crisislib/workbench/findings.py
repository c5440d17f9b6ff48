"""Findings of the rooms, computed again from the tables on a desk, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.workbench import backtests, incidents
from crisislib.workbench.backtests import decision
from crisislib.workbench.desk import Desk
from crisislib.workbench.effects import effects
from crisislib.workbench.evidence import evidence
from crisislib.workbench.show import Shown, plain

BEHIND = N_("posts behind this ({n})")
NOTHING = N_("Nothing to say: no data in this window.")


def _spread(desk: Desk) -> list[Finding]:
    from crisislib import spread

    rows = {name: desk.arrow(name) for name in ("POSTS", "EDGES", "ACCOUNTS", "GROUPS")}
    return spread.findings(rows["POSTS"], rows["EDGES"], rows["ACCOUNTS"], rows["GROUPS"], now=desk.now)


def _text(desk: Desk) -> list[Finding]:
    from crisislib.text.narratives import findings as narratives
    from crisislib.text.narratives import narrative_table
    from crisislib.text.topics.findings import findings as topics

    rows, stories = desk.labelled("topic"), desk.labelled("narrative")
    table = narrative_table(stories, desk.arrow("POSTS"), now=desk.now)
    return [*topics(desk.arrow("TOPICS"), rows, now=desk.now), *narratives.findings(table, stories.num_rows)]


def _warn(desk: Desk) -> list[Finding]:
    return list(decision(desk).findings)


def _risk(desk: Desk) -> list[Finding]:
    from crisislib import risk

    row = incidents.chosen(desk)
    assessed = risk.assess(
        desk.spoken,
        incident=None if row is None else {str(k): v for k, v in row.items()},
        signals=desk.arrow("SIGNALS"),
        cascades=desk.arrow("CASCADES"),
        labels=desk.arrow("LABELS"),
        now=desk.now,
    )
    return list(assessed.findings)


def _respond(desk: Desk) -> list[Finding]:
    from crisislib import respond

    row = incidents.chosen(desk)
    steps = incidents.actions(desk, "" if row is None else str(row["incident_id"]))
    due = [respond.next_steps(steps.drop(columns="opened_at"), desk.spoken, now=desk.now)] if len(steps) else []
    return [*due, *effects(desk)]


ROOMS: dict[str, Callable[[Desk], list[Finding]]] = {
    "backtest": lambda desk: backtests.replayed(desk)[1],
    "respond": _respond,
    "risk": _risk,
    "spread": _spread,
    "text": _text,
    "warn": _warn,
}
"""Room to what it tells over the tables of a desk."""


def findings(desk: Desk, room: str) -> list[Finding]:
    """Findings of one room, the weightiest first."""
    if room not in ROOMS:
        raise InputError(f"no room {room!r} tells findings", where="findings", do=f"use one of {', '.join(ROOMS)}")
    return sorted(ROOMS[room](desk), key=lambda f: -f.weight)


def sentence(desk: Desk, finding: Finding, *, most: int = 5) -> Shown:
    """One finding: the sentence, its limits, and the posts behind it to open."""
    said = escape(finding.say(desk.language))
    limits = "".join(f'<p class="cw-note">{escape(line)}</p>' for line in finding.caveats(desk.language))
    posts = ""
    if finding.post_ids:
        inner = evidence(desk, list(finding.post_ids), most=most).html
        heading = escape(tr(BEHIND, desk.language, n=len(set(finding.post_ids))))
        posts = f"<details><summary>{heading}</summary>{inner}</details>"
    html = f'<div class="cw-finding"><p class="cw-said">{said}</p>{limits}{posts}</div>'
    return Shown(html, plain(said))


def told(desk: Desk, found: list[Finding], *, most: int = 5) -> Shown:
    """Several findings one below the other."""
    if not found:
        return Shown(f'<p class="cw-none">{escape(tr(NOTHING, desk.language))}</p>')
    desk.whole([post for finding in found for post in finding.post_ids[:most]])  # all at once, for the tables below
    parts = [sentence(desk, finding, most=most) for finding in found]
    return Shown("".join(p.html for p in parts), "\n".join(p.text for p in parts))
