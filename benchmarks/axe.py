"""Accessibility by axe-core in a real Chromium: every shared page and every report of the demonstration.

Pages are tried in Chinese and English, light and dark, at the widths of a phone and of a desk; reports as they are
written. Keys: `serious` (rules of impact serious or critical that some element breaks, counted once a view),
`moderate`, `minor`, `views`.
"""

from __future__ import annotations

import tempfile
from itertools import product
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from benchmarks.harness import Figures, finish, parser, say, write_predictions
from benchmarks.page_server import LANGUAGES, PAGES, browser, demonstration, opened, served, written_reports

WIDTHS = (390, 1280)
SERIOUS = ("serious", "critical")

Row = tuple[str, str, str, int, str]
"""View, impact, rule, number of elements, the first of them."""


def broken(started: Browser, address: str, view: str, width: int, *, dark: bool = False) -> list[Row]:
    """Rules that a view breaks."""
    page = opened(started, address, width, dark=dark)
    found = Axe().run(page).response["violations"]
    page.close()
    rows = [(view, v["impact"] or "minor", v["id"], len(v["nodes"]), str(v["nodes"][0]["target"])) for v in found]
    for row in rows:
        say(" · ".join(map(str, row)))
    return rows


def main() -> None:
    """Measure and print."""
    arguments = parser("axe", __doc__ or "")
    arguments.add_argument("--posts", type=int, default=5_000)
    chosen = arguments.parse_args()
    rows: list[Row] = []
    views = 0
    with tempfile.TemporaryDirectory() as folder:
        home = demonstration(Path(folder), chosen.posts)
        reports = written_reports(home)
        with browser() as started, served(home) as (address, _):
            for name, language, width, dark in product(PAGES, LANGUAGES, WIDTHS, (False, True)):
                view = f"{name} {language} {width} {'dark' if dark else 'light'}"
                query = f"?watch=demo&language={language}"
                rows += broken(started, f"{address}/{name}{query}", view, width, dark=dark)
                views += 1
            for name, path in reports.items():
                rows += broken(started, path.resolve().as_uri(), f"report {name}", WIDTHS[1])
                views += 1
    write_predictions(chosen.out, ["view", "impact", "rule", "elements", "first"], rows)
    figures: Figures = {
        "serious": float(sum(r[1] in SERIOUS for r in rows)),
        "moderate": float(sum(r[1] == "moderate" for r in rows)),
        "minor": float(sum(r[1] == "minor" for r in rows)),
        "views": float(views),
    }
    finish("axe", figures)


if __name__ == "__main__":
    main()
