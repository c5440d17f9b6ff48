"""Findings as the runs stored them, and how they are shown. Nothing is computed here."""

from __future__ import annotations

from html import escape

import pandas as pd

from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.engine.findings import read_findings
from crisislib.engine.period_report import period_findings
from crisislib.engine.warning_record import warning_record
from crisislib.workbench.display import Fragment, plain
from crisislib.workbench.evidence_table import evidence
from crisislib.workbench.report_context import SPAN, ReportContext

BEHIND = N_("posts behind this ({n})")
SAMPLE = N_("examples of the {n} {n:post|posts} behind this")
NOTHING = N_("There is nothing to report on this.")
NO_RUN = N_("No run has evaluated this watch yet, so there is nothing to show. Run: crisis run --watch {watch}")
NO_BACKTEST = N_("No backtest of this watch has been run. Run: crisis backtest --watch {watch}")
DECISION = ("warn.level", "warn.trigger", "warn.burst", "warn.driver", "warn.down", "warn.incident")
"""Findings of a decision; the monitor stores them more often than a whole run stores the rest."""

ROOMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "backtest": (("warn.backtest", "warn.threshold", "backtest."),),
    "brief": (("brief.",),),
    "respond": (("respond.",),),
    "risk": (("risk.impact", "risk.loss", "risk.change", "risk.responses", "risk.cases"),),
    "spread": (("spread.", "forecast.", "rumour."),),
    "text": (("text.",),),
    "warn": (DECISION, ("warn.outlook", "warn.onset")),
}
"""Room to groups of keys; each group is read from the newest run that stored any of it."""


def findings(context: ReportContext, room: str, incident: str = "") -> list[Finding]:
    """Findings of one room, the weightiest first; the brief in reading order.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    room : str
        Key of :data:`ROOMS`.
    incident : str
        Id of the incident; those of the watch when empty.

    Returns
    -------
    list of Finding
        One silent finding that says what to run where no run has stored any.

    Raises
    ------
    InputError
        There is no such room.
    """
    if room not in ROOMS:
        raise InputError(
            N_("no room {room!r} tells findings"),
            where="findings",
            do=N_("use one of {rooms}"),
            facts={"room": room, "rooms": ", ".join(ROOMS)},
        )
    watch, now, as_of = context.watch.watch, context.now, context.as_of
    stored = [
        finding
        for keys in ROOMS[room]
        for finding in read_findings(context.lake, watch, keys, now=now, incident=incident, as_of=as_of)
    ]
    if not stored and (room == "backtest" or context.standing.judged_until is None):
        message = NO_BACKTEST if room == "backtest" else NO_RUN
        return [Finding(f"{room}.none", message, {"watch": watch}, pd.DataFrame(), silent=True)]
    return stored if room == "brief" else sorted(stored, key=lambda f: -f.weight)


def periods(context: ReportContext, every: str) -> list[Finding]:
    """The newest periods up to the end of the window, each against the one before; the engine compares them.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    every : {"day", "week", "month", "quarter"}
        Length of a period.

    Returns
    -------
    list of Finding
        As the engine makes them.

    Raises
    ------
    InputError
        There is no such period.
    """
    end = min(context.until, context.now)
    return period_findings(context.home, context.watch, every=every, now=end, as_of=context.as_of)[1]  # type: ignore[arg-type]


def record(context: ReportContext) -> list[Finding]:
    """How right the warnings in the window were; the engine compares them.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    list of Finding
        Of forecasts and of alerts.
    """
    until = min(context.until, context.now)
    since = context.since or until - SPAN
    return warning_record(context.lake, context.watch, since=since, until=until, as_of=context.as_of)


def finding_by_key(context: ReportContext, room: str, key: str) -> Finding | None:
    """The finding of that key, where a run stored it.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    room : str
        Key of :data:`ROOMS`.
    key : str
        Key of the finding, such as `warn.level`.

    Returns
    -------
    Finding or None
        None where there is none.
    """
    return next((f for f in findings(context, room) if f.key == key), None)


def finding_fragment(context: ReportContext, finding: Finding, *, most: int = 5) -> Fragment:
    """One finding: the sentence, its limits, and the posts behind it to open.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    finding : Finding
        What is shown.
    most : int
        Posts shown at most.

    Returns
    -------
    Fragment
        Everything in it is escaped.
    """
    sentence = escape(finding.render(context.language))
    limits = "".join(f'<p class="cw-note">{escape(line)}</p>' for line in finding.caveats(context.language))
    posts = ""
    if finding.post_ids:
        stored = len(set(finding.post_ids))
        every = max(stored, finding.n)  # a run stores some posts of each sentence, and over how many it speaks
        inner = evidence(context, list(finding.post_ids), most=most, every=every).html
        heading = escape(tr(SAMPLE if every > stored else BEHIND, context.language, n=every))
        posts = f"<details><summary>{heading}</summary>{inner}</details>"
    html = f'<div class="cw-finding"><p class="cw-said">{sentence}</p>{limits}{posts}</div>'
    return Fragment(html, plain(sentence))


def findings_fragment(context: ReportContext, findings: list[Finding], *, most: int = 5) -> Fragment:
    """Several findings one below the other.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    findings : list of Finding
        What is shown, in this order.
    most : int
        Posts shown at most behind each.

    Returns
    -------
    Fragment
        A sentence where there is no finding.
    """
    if not findings:
        return Fragment(f'<p class="cw-none">{escape(tr(NOTHING, context.language))}</p>')
    # Read at once; the table of each finding then takes its posts from the context.
    context.posts_by_id([post for finding in findings for post in finding.post_ids[:most]])
    parts = [finding_fragment(context, finding, most=most) for finding in findings]
    return Fragment("".join(p.html for p in parts), "\n".join(p.text for p in parts))
