"""Reports: a notebook run over a watch into one page that opens offline, with a manifest to make it again."""

from crisislib.report.kernels import POOL
from crisislib.report.page import page
from crisislib.report.parameters import Parameter, declared
from crisislib.report.run import ReportResult, find, run

__all__ = ["POOL", "Parameter", "ReportResult", "declared", "find", "page", "run"]
