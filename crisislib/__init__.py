"""Crisis workbench: from raw exports to a cited report on a social-media crisis.

The names below are the library: each takes and gives plain pandas or Arrow frames and needs no watch file and no lake.
They are imported when they are first used.

Examples
--------
>>> import crisislib
>>> drill = crisislib.simulate(posts=600, seed=1)
>>> labels = crisislib.label(drill.posts, drill.watch)
>>> labels["label"].nunique() > 3
True
"""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.api.answer_frames import notices, past_cases
    from crisislib.api.assess_frames import assess, compute_signals, decide, effect, what_if
    from crisislib.api.open_frames import Export, SimulatedCrisis, open_watch, read_export, simulate, simulate_week
    from crisislib.api.spread_frames import cascades, coordination, edges, spreaders
    from crisislib.api.text_frames import PostTopics, label, narratives, prevalence, topics

__version__ = "0.2.0"

__all__ = [
    "Export",
    "PostTopics",
    "SimulatedCrisis",
    "assess",
    "cascades",
    "compute_signals",
    "coordination",
    "decide",
    "edges",
    "effect",
    "label",
    "narratives",
    "notices",
    "open_watch",
    "past_cases",
    "prevalence",
    "read_export",
    "simulate",
    "simulate_week",
    "spreaders",
    "topics",
    "what_if",
]

resolve_lazily(__name__)
