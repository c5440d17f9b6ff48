"""Severity, likelihood and loss: from incidents to RISKS, with what would change them."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.risk.loss_assessment import Assessment, assess
    from crisislib.risk.period_comparison import Every, period_name, periods
    from crisislib.risk.response_scenarios import (
        ASSUMED,
        ORIGIN_WORDS,
        Origin,
        ResponseEffect,
        what_if,
        what_if_findings,
    )

__all__ = [
    "ASSUMED",
    "ORIGIN_WORDS",
    "Assessment",
    "Every",
    "Origin",
    "ResponseEffect",
    "assess",
    "period_name",
    "periods",
    "what_if",
    "what_if_findings",
]

resolve_lazily(__name__)
