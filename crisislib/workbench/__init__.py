"""What notebooks and dashboards may ask for: open a watch, its tables, findings, pictures."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.workbench.bench import MANIFEST_MIME, Workbench
    from crisislib.workbench.show import CHART_MIME, Shown

__all__ = ["CHART_MIME", "MANIFEST_MIME", "Shown", "Workbench"]

resolve_lazily(__name__)
