"""How everything looks: one set of tokens and a few components for dashboards, reports, mail and PDF."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.design.components import (
        Chip,
        Evidence,
        Figure,
        LevelBadge,
        PostLine,
        Step,
        Tile,
        Utterance,
        component,
        level_badge,
        stylesheet,
        template_environment,
    )
    from crisislib.design.design_tokens import DARK, FONT_NAMES, LIGHT, as_variables, tokens_css

__all__ = [
    "DARK",
    "FONT_NAMES",
    "LIGHT",
    "Chip",
    "Evidence",
    "Figure",
    "LevelBadge",
    "PostLine",
    "Step",
    "Tile",
    "Utterance",
    "as_variables",
    "component",
    "level_badge",
    "stylesheet",
    "template_environment",
    "tokens_css",
]

resolve_lazily(__name__)
