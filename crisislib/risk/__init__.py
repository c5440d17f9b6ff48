"""Severity, likelihood and loss: from incidents to RISKS, with what would change them."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.risk.assess import Assessment, assess
    from crisislib.risk.fair import FORMS, exceedance, incident_losses, yearly_losses
    from crisislib.risk.periods import periods

__all__ = ["FORMS", "Assessment", "assess", "exceedance", "incident_losses", "periods", "yearly_losses"]

resolve_lazily(__name__)
