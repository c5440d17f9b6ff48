"""Dashboards over the lake, served by Voila: read-only pages for stakeholders, and the analysts' queue."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.workbench.dashboards.labels_page import labelling
    from crisislib.workbench.dashboards.notebook_page import incident, response, situation, spread

__all__ = ["incident", "labelling", "response", "situation", "spread"]

resolve_lazily(__name__)
