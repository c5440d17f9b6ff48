"""Drills: a simulated bilingual crisis with known truth, its calm twin, and the export files it leaves."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.simulation.brand_weeks import BrandWeek, brand_week
    from crisislib.simulation.drill_responses import Response
    from crisislib.simulation.drill_stream import DrillStream
    from crisislib.simulation.incident import Drill, simulate
    from crisislib.simulation.incident_truth import Truth
    from crisislib.simulation.made_exports import write_exports
    from crisislib.simulation.scenario_definition import Inject, Scenario, find_scenario, scenario, scenario_names

__all__ = [
    "BrandWeek",
    "Drill",
    "DrillStream",
    "Inject",
    "Response",
    "Scenario",
    "Truth",
    "brand_week",
    "find_scenario",
    "scenario",
    "scenario_names",
    "simulate",
    "write_exports",
]

resolve_lazily(__name__)
