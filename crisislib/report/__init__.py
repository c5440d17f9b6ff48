"""Reports: a notebook run over a watch into one page that opens offline, with a manifest to make it again."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.report.kernels import POOL
    from crisislib.report.notebook_run import ReportResult, find, run
    from crisislib.report.parameters import Parameter, declared
    from crisislib.report.report_page import page

__all__ = ["POOL", "Parameter", "ReportResult", "declared", "find", "page", "run"]

resolve_lazily(__name__)
