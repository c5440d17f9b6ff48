"""What notebooks and dashboards may ask for: open a watch, its tables, findings, charts."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.workbench.display import CHART_MIME, Fragment
    from crisislib.workbench.page_frame import MANIFEST_MIME
    from crisislib.workbench.rehearsal import Rehearsal
    from crisislib.workbench.workbench import Workbench

__all__ = ["CHART_MIME", "MANIFEST_MIME", "Fragment", "Rehearsal", "Workbench"]

resolve_lazily(__name__)
