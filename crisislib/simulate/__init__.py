"""Drills: a simulated bilingual crisis with known truth, its calm twin, and the export files it leaves."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.simulate.incident import Drill, Truth, simulate
    from crisislib.simulate.made_exports import write_exports
    from crisislib.simulate.scenario import Scenario, scenario, scenario_names

__all__ = ["Drill", "Scenario", "Truth", "scenario", "scenario_names", "simulate", "write_exports"]

resolve_lazily(__name__)
