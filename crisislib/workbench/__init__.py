"""What notebooks and dashboards may ask for: open a watch, its tables, findings, pictures."""

from crisislib.workbench.bench import MANIFEST_MIME, Workbench
from crisislib.workbench.show import CHART_MIME, Shown

__all__ = ["CHART_MIME", "MANIFEST_MIME", "Shown", "Workbench"]
