"""Dashboards for stakeholders: read-only pages with filters over the lake, served by Voila."""

from crisislib.workbench.dashboards.incident import incident
from crisislib.workbench.dashboards.response import response
from crisislib.workbench.dashboards.situation import situation
from crisislib.workbench.dashboards.spread import spread

__all__ = ["incident", "response", "situation", "spread"]
