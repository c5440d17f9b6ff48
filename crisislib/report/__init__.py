"""Reports: a notebook run over a watch into one page that opens offline, with a manifest to make it again."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.report.kernels import POOL
    from crisislib.report.mail_message import mail_of, write_mail
    from crisislib.report.notebook_run import ReportResult, find, run
    from crisislib.report.parameters import Parameter, declared
    from crisislib.report.pdf_print import browser, print_pdf
    from crisislib.report.report_page import page

__all__ = [
    "POOL", "Parameter", "ReportResult", "browser", "declared", "find", "mail_of", "page", "print_pdf", "run",
    "write_mail",
]  # fmt: skip

resolve_lazily(__name__)
