"""Width of every shared page and report at 390 pixels, in both languages, in a real Chromium.

Keys: `too_wide` (views that are wider than the phone), `widest_px`, `tried`.
"""

from __future__ import annotations

import tempfile
from itertools import product
from pathlib import Path

from benchmarks.harness import finish, parser, say, write_predictions
from benchmarks.page_server import LANGUAGES, PAGES, browser, demonstration, opened, served, written_reports

PHONE = 390
"""Width of a common phone, CSS pixels."""


def main() -> None:
    """Measure and print."""
    arguments = parser("phone", __doc__ or "")
    arguments.add_argument("--posts", type=int, default=5_000)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = demonstration(Path(folder), chosen.posts)
        reports = written_reports(home)
        with browser() as started, served(home) as (address, _):
            views = {
                f"{name} {language}": f"{address}/{name}?watch=demo&language={language}"
                for name, language in product(PAGES, LANGUAGES)
            } | {f"report {name}": path.resolve().as_uri() for name, path in reports.items()}
            widths = {}
            for view, where in views.items():
                page = opened(started, where, PHONE)
                widths[view] = int(page.evaluate("document.documentElement.scrollWidth"))
                page.close()
                say(f"{view}: {widths[view]} px")
    write_predictions(chosen.out, ["view", "px"], list(widths.items()))
    wide = float(sum(w > PHONE for w in widths.values()))
    finish("phone", {"too_wide": wide, "widest_px": float(max(widths.values())), "tried": float(len(widths))})


if __name__ == "__main__":
    main()
