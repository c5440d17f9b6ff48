"""Past cases that are like an incident, and what a language model of the user says of it, as pieces of a page."""

from __future__ import annotations

from html import escape

from crisislib.core.errors import CrisisError
from crisislib.core.i18n import tr
from crisislib.engine import case_library, explanation
from crisislib.workbench import finding_cards, incident_tables
from crisislib.workbench.display import Fragment
from crisislib.workbench.report_context import ReportContext


def cases(context: ReportContext, incident: str, *, most: int) -> Fragment:
    """The past cases most like an incident, each with its reasons, what was done, what it cost, and sources.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    incident : str
        Id of the incident; the one that matters most when empty.
    most : int
        Cases at most.

    Returns
    -------
    Fragment
        A sentence where there is no incident, or nothing is like it.
    """
    row = incident_tables.chosen(context, incident)
    own = "" if row is None else str(row["incident_id"])
    found = case_library.like_incident(context.home, context.watch, incident_id=own, most=most) if own else []
    if not found:
        return Fragment(f'<p class="cw-none">{escape(tr(case_library.NO_CASE, context.language))}</p>')
    shown = [case_library.case_in_words(one, context.language) for one in found]
    parts = [
        f"<details{' open' if not number else ''}><summary>{escape(head)}</summary>"
        + "".join(f"<p>{escape(line.strip())}</p>" for line in lines)
        + "</details>"
        for number, (head, *lines) in enumerate(shown)
    ]
    return Fragment("".join(parts), "\n".join(line for lines in shown for line in lines))


def explained(context: ReportContext) -> Fragment:
    """What a language model says of the posts of the window: sentences that their posts bear out, and what fell.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    Fragment
        Why there is nothing, where no model is set, it did not answer, or there are too few posts.
    """
    language = context.language
    try:
        made = explanation.explain(context.home, context.watch, since=context.since, until=context.until)
    except CrisisError as fault:
        return Fragment(f'<p class="cw-none">{escape(fault.render(language))}</p>', fault.render(language))
    lines = made.dropped_in_words(language)
    fallen = Fragment("".join(f'<p class="cw-none">{escape(line)}</p>' for line in lines), "\n".join(lines))
    return finding_cards.findings_fragment(context, [made.finding]) + fallen
