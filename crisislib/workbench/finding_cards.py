"""Findings as the runs stored them, and how they are shown. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd

from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.engine.findings import read_findings
from crisislib.engine.period_report import period_findings
from crisislib.engine.runs import WatchStatus, watch_status
from crisislib.workbench.display import Shown, plain
from crisislib.workbench.evidence_table import evidence
from crisislib.workbench.report_context import Desk

BEHIND = N_("posts behind this ({n})")
NOTHING = N_("Nothing was found to say about this.")
NO_RUN = N_("No run has judged this watch yet, so nothing can be said. Run: crisis run --watch {watch}")
NO_BACKTEST = N_("No backtest of this watch has been run. Run: crisis backtest --watch {watch}")
DECISION = ("warn.level", "warn.trigger", "warn.burst", "warn.driver", "warn.down", "warn.incident")
"""What a decision tells; the monitor tells it more often than a whole run tells the rest."""

ROOMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "backtest": (("warn.backtest", "warn.threshold", "backtest."),),
    "brief": (("brief.",),),
    "respond": (("respond.",),),
    "risk": (("risk.impact", "risk.loss", "risk.change"),),
    "spread": (("spread.", "forecast.", "rumour."),),
    "text": (("text.",),),
    "warn": (DECISION, ("warn.outlook", "warn.onset")),
}
"""Room to groups of keys; each group is read as the newest run that told of it told it."""


def findings(desk: Desk, room: str, incident: str = "") -> list[Finding]:
    """Findings of one room, the weightiest first; the brief in reading order."""
    if room not in ROOMS:
        raise InputError(f"no room {room!r} tells findings", where="findings", do=f"use one of {', '.join(ROOMS)}")
    found = [one for keys in ROOMS[room] for one in _read(desk, keys, incident)]
    if not found and (room == "backtest" or standing_of(desk).judged_until is None):
        message = NO_BACKTEST if room == "backtest" else NO_RUN
        return [Finding(f"{room}.none", message, {"watch": desk.watch.watch}, pd.DataFrame(), silent=True)]
    return found if room == "brief" else sorted(found, key=lambda f: -f.weight)


def _read(desk: Desk, keys: Sequence[str], incident: str) -> list[Finding]:
    return read_findings(desk.lake, desk.watch.watch, keys, now=desk.now, incident=incident, as_of=desk.as_of)


def periods(desk: Desk, every: str) -> list[Finding]:
    """The newest periods up to the end of the window, each against the one before; the engine compares them."""
    end = min(desk.until, desk.now)
    return period_findings(desk.home, desk.watch, every=every, now=end, as_of=desk.as_of)[1]  # type: ignore[arg-type]


def standing_of(desk: Desk) -> WatchStatus:
    """Where the watch stands at the moment of the reading."""
    if "standing" not in desk.kept:
        desk.kept["standing"] = watch_status(desk.lake, desk.watch, now=desk.now, as_of=desk.as_of)
    known: WatchStatus = desk.kept["standing"]
    return known


def one(desk: Desk, room: str, key: str) -> Finding | None:
    """The finding of that key, where it was told."""
    return next((f for f in findings(desk, room) if f.key == key), None)


def sentence(desk: Desk, finding: Finding, *, most: int = 5) -> Shown:
    """One finding: the sentence, its limits, and the posts behind it to open."""
    said = escape(finding.render(desk.language))
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
