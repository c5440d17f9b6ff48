"""Severity, likelihood and loss: from incidents to RISKS, with what would change them."""

from crisislib.risk.assess import Assessment, assess
from crisislib.risk.periods import Every, periods

__all__ = ["Assessment", "Every", "assess", "periods"]
