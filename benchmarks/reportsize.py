"""Size and width of every report and notebook over a simulated incident: HTML, PDF, mail in MB, pixels on a phone.

Keys: `mb_<report>` (HTML), `mb_pdf_<report>`, `mb_mail_<report>`, `mb` (the largest of all); `too_wide` (reports wider
than 390 pixels in a browser of that width), `tried`, `seconds_<report>`. Without a browser the PDF and the phone are
left out.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import harness
from benchmarks.page_server import REPORTS, demonstration
from crisislib import engine, services
from crisislib.core.errors import ReportError
from crisislib.report import browser, print_pdf

NOTEBOOKS = ("collection", "topics", "spread", "warning", "risk", "response", "backtest")
"""Notebooks that `crisis report` writes besides the reports; labels are given in the notebook itself."""
PHONE = 390
MB = 1e6


def widths(pages: list[Path]) -> list[int]:
    """Width of each page in a browser of a phone's width, pixels."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        made = []
        for path in pages:
            view = started.new_page(viewport={"width": PHONE, "height": 844})
            view.goto(path.resolve().as_uri())
            view.wait_for_timeout(2000)
            made.append(int(view.evaluate("document.documentElement.scrollWidth")))
        started.close()
    return made


def written(home: engine.Home, name: str, result: harness.Figures) -> Path:
    """Write one report, note its seconds and megabytes, and give its page."""
    begin = time.perf_counter()
    made = services.report(home, home.watch("demo"), name, now=datetime.now(UTC))
    result[f"seconds_{name}"] = time.perf_counter() - begin
    result[f"mb_{name}"] = made.html.stat().st_size / MB
    if made.mail is not None:
        result[f"mb_mail_{name}"] = made.mail.stat().st_size / MB
    try:
        result[f"mb_pdf_{name}"] = print_pdf(made.html).stat().st_size / MB
    except ReportError as fault:
        harness.say(str(fault))
    harness.say(str(result))
    return made.html


def main() -> None:
    """Run the benchmark."""
    parser = harness.parser("reportsize", __doc__ or "")
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--home", type=Path, help="folder where crisis demo has run; one is made when left out")
    parser.add_argument("--names", nargs="*", default=[*REPORTS, *NOTEBOOKS], help="reports; all when left out")
    args = parser.parse_args()
    result: harness.Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        home = engine.Home.at(args.home) if args.home else demonstration(Path(folder), args.posts)
        pages = [written(home, name, result) for name in args.names]
        result["mb"] = max(v for k, v in result.items() if k.startswith("mb_"))
        try:
            wide = widths(pages)
            result |= {"too_wide": float(sum(w > PHONE for w in wide)), "tried": float(len(wide))}
        except ReportError as fault:
            harness.say(str(fault))
    harness.finish("reportsize", result)


if __name__ == "__main__":
    main()
