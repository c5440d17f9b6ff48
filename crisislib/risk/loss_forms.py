"""Which forms of loss can be assessed: given by the user, derived with a stated assumption, or not."""

from __future__ import annotations

import math

from crisislib.core.i18n import N_
from crisislib.core.watch_sections import LossForm, Risk
from crisislib.risk.fair import FORMS, Form, Range, Shape

FORM_WORDS = {
    "productivity": N_("lost sales"),
    "response": N_("cost of responding"),
    "replacement": N_("replacement and refunds"),
    "fines": N_("fines and judgements"),
    "competitive_advantage": N_("lost competitive advantage"),
    "reputation": N_("lost customers"),
}

LOST_DAYS: Range = (0.0, 0.15, 2.0)
"""Assumption: sales lost in one incident, in days of revenue. Not evidence; a range in the watch file replaces it."""
LOST_CUSTOMERS: Range = (0.0, 0.001, 0.01)
"""Assumption: share of the customers of a business with a million of them who leave for a year after one incident,
and a year's revenue with them. A range in the watch file replaces it."""
TIES = 6.0
"""Assumption: the more customers, the looser each is tied. The share is that of :data:`LOST_CUSTOMERS` at 10^6
customers, and a sixth of it less (more) for every tenfold fewer (more): a dozen contracts are not lost to a story as
a million shoppers are."""
LOST_VALUE: Range = (0.0, 0.0005, 0.015)
"""Assumption: share of the market value lost for good after one incident. The most is the mean fall that event studies
of grave cases report (1.5 %, Gillet et al. 2010); most incidents here are not grave. A range in the watch file
replaces it."""


def assessable(
    risk: Risk, *, severity: float | None, shape: Shape = "pert", factor: float = 1.0
) -> tuple[list[Form], list[str]]:
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
    factor : float
        Of the derived forms, by how many people were reached (:func:`~crisislib.risk.exposure.loss_factor`).

    Returns
    -------
    forms : list of Form
        In the order of :data:`~crisislib.risk.fair.FORMS`.
    missing : list of str
        Names of the forms without any range; no money is invented for them.

    Notes
    -----
    What the watch file does not give is derived where it can be, each form in proportion to its cause:

    - lost sales = daily revenue · :data:`LOST_DAYS`;
    - lost customers = 365 · daily revenue · :data:`LOST_CUSTOMERS` · log10(1 + customers) / :data:`TIES`;
    - lost competitive advantage = market value · :data:`LOST_VALUE`.

    Every one of them grows with what it is derived from. Shares fall because sales are expected to fall, so where
    lost customers and competitive advantage are both derived a part may be counted twice.
    """
    spans: dict[LossForm, tuple[Range, str]] = {name: (span, "given") for name, span in risk.forms.items()}
    if risk.daily_revenue:
        spans.setdefault("productivity", (_times(risk.daily_revenue, LOST_DAYS), "derived"))
    if risk.daily_revenue and risk.customers:
        year = _times(risk.daily_revenue, (365.0, 365.0, 365.0))
        low, mode, high = (math.log10(1 + n) / TIES for n in risk.customers)
        spans.setdefault("reputation", (_times(_times(year, LOST_CUSTOMERS), (low, mode, high)), "derived"))
    if risk.market_value:
        value = risk.market_value
        spans.setdefault("competitive_advantage", (_times((value, value, value), LOST_VALUE), "derived"))
    scale = {"derived": (factor, factor, factor), "given": (1.0, 1.0, 1.0)}
    forms = [
        Form(n, _moved(_times(span, scale[source]), severity), source, shape)
        for n in FORMS
        if n in spans
        for span, source in [spans[n]]
    ]
    return forms, [n for n in FORMS if n not in spans]


def _times(span: Range, factor: Range) -> Range:
    return span[0] * factor[0], span[1] * factor[1], span[2] * factor[2]


def _moved(span: Range, severity: float | None) -> Range:
    if severity is None:
        return span
    low, mode, high = span
    pull = min(1.0, max(0.0, severity)) * 2 - 1
    return low, mode + (0.5 * pull * (high - mode) if pull >= 0 else 0.5 * pull * (mode - low)), high
