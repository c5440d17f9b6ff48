"""The brief of a watch: claim, size, course, people, answers, forecast, risk and change, as findings with evidence."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.engine.brief.brief_findings import brief
    from crisislib.engine.brief.brief_scope import Situation

__all__ = ["Situation", "brief"]

resolve_lazily(__name__)
