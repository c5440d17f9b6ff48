"""Severity, likelihood and loss: from incidents to RISKS, with what would change them."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.risk.loss_assessment import Assessment, assess
    from crisislib.risk.period_comparison import Every, periods

__all__ = ["Assessment", "Every", "assess", "periods"]

resolve_lazily(__name__)
