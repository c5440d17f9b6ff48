"""Drills: a simulated bilingual crisis with known truth, its calm twin, and the export files it leaves."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.respond.drill.exports import write_exports
    from crisislib.respond.drill.scenario import Scenario, scenario, scenario_names
    from crisislib.respond.drill.simulate import Drill, Truth, simulate

__all__ = ["Drill", "Scenario", "Truth", "scenario", "scenario_names", "simulate", "write_exports"]

resolve_lazily(__name__)
