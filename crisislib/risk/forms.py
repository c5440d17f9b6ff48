"""Which forms of loss can be assessed: given by the user, derived with a stated assumption, or not."""

from __future__ import annotations

from crisislib.core.errors import WatchError
from crisislib.core.i18n import N_
from crisislib.core.watch import Risk
from crisislib.risk.fair import FORMS, Form, Range, Shape, check_range

FORM_WORDS = {
    "productivity": N_("lost sales"),
    "response": N_("cost of responding"),
    "replacement": N_("replacement and refunds"),
    "fines": N_("fines and judgements"),
    "competitive_advantage": N_("lost competitive advantage"),
    "reputation": N_("lost customers"),
}
SOURCE_WORDS = {
    "given": N_("given in the watch file"),
    "derived": N_("derived from revenue and customers with an assumption of ours"),
    "not given": N_("not given, not assessed"),
}

LOST_DAYS: Range = (0.0, 0.15, 2.0)
"""Assumption: sales lost in one incident, in days of revenue. Not evidence; a range in the watch file replaces it."""
LOST_CUSTOMERS: Range = (0.0, 0.001, 0.01)
"""Assumption: share of customers who leave for a year after one incident. A range in the watch file replaces it."""


def assessable(risk: Risk, *, severity: float | None, shape: Shape = "pert") -> tuple[list[Form], list[str]]:
    """The forms that can be assessed and the names of those that cannot.

    Parameters
    ----------
    risk : Risk
        The watch's money ranges.
    severity : float or None
        0-1; moves the most likely value within the range: 0.5 leaves it, 1 halfway to the maximum,
        0 halfway to the minimum. None leaves it.
    shape : {"pert", "lognormal"}
        Shape of all forms.

    Returns
    -------
    forms : list of Form
        In the order of :data:`~crisislib.risk.fair.FORMS`.
    missing : list of str
        Names of the forms without any range; no money is invented for them.

    Raises
    ------
    WatchError
        An unknown form, or a range that is none.
    """
    if unknown := sorted(set(risk.forms) - set(FORMS)):
        raise WatchError(f"risk.forms: {unknown} are no forms of loss", do=f"use some of {', '.join(FORMS)}")
    spans: dict[str, tuple[Range, str]] = {
        name: (check_range(span, f"risk.forms.{name}"), "given") for name, span in risk.forms.items()
    }
    if risk.daily_revenue:
        revenue = check_range(risk.daily_revenue, "risk.daily_revenue")
        spans.setdefault("productivity", (_times(revenue, LOST_DAYS), "derived"))
        if risk.customers:
            # a year's revenue leaves with the customers who leave; their number only says that there are some
            check_range(risk.customers, "risk.customers")
            year: Range = (revenue[0] * 365, revenue[1] * 365, revenue[2] * 365)
            spans.setdefault("reputation", (_times(year, LOST_CUSTOMERS), "derived"))
    forms = [Form(n, _moved(spans[n][0], severity), spans[n][1], shape) for n in FORMS if n in spans]
    return forms, [n for n in FORMS if n not in spans]


def _times(span: Range, factor: Range) -> Range:
    return span[0] * factor[0], span[1] * factor[1], span[2] * factor[2]


def _moved(span: Range, severity: float | None) -> Range:
    if severity is None:
        return span
    low, mode, high = span
    pull = min(1.0, max(0.0, severity)) * 2 - 1
    return low, mode + (0.5 * pull * (high - mode) if pull >= 0 else 0.5 * pull * (mode - low)), high
