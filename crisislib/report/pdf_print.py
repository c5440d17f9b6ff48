"""A report as PDF: printed by a browser that is installed, with page numbers, contents and bookmarks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from crisislib.core.errors import ReportError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import Phrase
from crisislib.report.pdf_packing import packed_pdf

NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
    "brave-browser",
)  # fmt: skip
"""Commands of browsers that print without a window, in the order in which they are tried."""
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
"""Where macOS and Windows put them, since they are not on the path there."""
PATIENCE_S = 180
"""Seconds after which a print, which takes a few, is stuck."""
PAPER_WIDTH_PX = 728
"""Of the window that draws the charts: what lies between the margins of A4, so that none is shrunk on paper."""
DRAWING_MS = 20_000
"""Time of the page, not of the clock, in which its charts draw themselves before it is printed."""
REMEDY = N_(
    "install Chromium, Chrome or Edge (Debian, Ubuntu: apt install chromium), or name one in CRISIS_BROWSER; the HTML "
    "page beside it can be printed from any browser"
)


def browser() -> str:
    """The browser that prints: CRISIS_BROWSER, then the first that is installed.

    Returns
    -------
    str
        Its path.

    Raises
    ------
    ReportError
        There is none, or CRISIS_BROWSER names none.
    """
    given = os.environ.get("CRISIS_BROWSER", "")
    if given:
        known = shutil.which(given)
        if known is None:
            raise ReportError(
                N_("there is no browser {given!r}"), where="CRISIS_BROWSER", do=REMEDY, facts={"given": given}
            )
        return known
    candidates = [shutil.which(name) for name in NAMES] + [p for p in PLACES if Path(p).is_file()]
    chosen = next((c for c in candidates if c), None)
    if chosen is None:
        raise ReportError(N_("no browser is installed that could print a PDF"), where="crisis report --pdf", do=REMEDY)
    return chosen


def print_pdf(html: Path) -> Path:
    """Print a report's page.

    Parameters
    ----------
    html : Path
        The page.

    Returns
    -------
    Path
        The PDF, beside the page.

    Raises
    ------
    ReportError
        No browser is installed, or it did not print.
    """
    target = html.with_suffix(".pdf")
    program = browser()
    with tempfile.TemporaryDirectory(prefix="crisis-print-") as profile:
        made = Path(profile) / "page.pdf"
        command = [
            program, "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--no-pdf-header-footer",
            "--generate-pdf-document-outline", f"--virtual-time-budget={DRAWING_MS}", f"--user-data-dir={profile}",
            f"--window-size={PAPER_WIDTH_PX},1100", f"--print-to-pdf={made}",
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # Chromium refuses to run as root with its sandbox; the page is ours and loads nothing.
            command.append("--no-sandbox")
        try:
            ended = subprocess.run([*command, html.resolve().as_uri()], capture_output=True, timeout=PATIENCE_S)
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise ReportError(
                N_("printing failed: {fault}"), where=program, do=REMEDY, facts={"fault": fault}
            ) from fault
        if not made.is_file() or not made.stat().st_size:
            words = ended.stderr.decode("utf-8", "replace").strip().splitlines()
            raise ReportError(
                N_("the browser printed nothing: {words}"),
                where=program,
                do=REMEDY,
                facts={"words": words[-1] if words else Phrase(N_("no message"))},
            )
        target.write_bytes(packed_pdf(made.read_bytes()))
    return target
