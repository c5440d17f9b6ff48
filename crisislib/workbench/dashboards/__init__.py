"""Dashboards over the lake, served by Voila: read-only pages for stakeholders, and the analysts' queue."""

import ipywidgets

from crisislib.workbench.dashboards.incident import incident
from crisislib.workbench.dashboards.response import response
from crisislib.workbench.dashboards.situation import situation
from crisislib.workbench.dashboards.spread import spread

__all__ = ["incident", "labelling", "response", "situation", "spread"]


def labelling() -> ipywidgets.VBox:
    """The analysts' queue; imported when it is asked for, for it brings the rooms that write and learn."""
    from crisislib.workbench.dashboards.labels import labelling as page

    return page()
