"""Pictures of the pages for the READMEs and the docs, from the demonstration: `python -m tools.screenshots`.

`crisis demo` is run in a folder of its own, its pages are served as `crisis dashboards` does, and a headless Chromium
looks at them. Nothing in the pictures is real: brand, people and posts are simulated.
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import product
from pathlib import Path

from benchmarks.harness import say
from benchmarks.page_server import LANGUAGES, browser, demonstration, opened, served
from crisislib.engine import Home

IMAGES = Path(__file__).parents[1] / "docs" / "images"
DESK, PHONE = (1280, 860), (390, 844)
"""Width and height of a laptop's window, and of a common phone, CSS pixels."""
VIEWS = {
    "situation": ("situation", DESK, False),
    "incident": ("incident", DESK, False),
    "spread": ("spread", DESK, False),
    "incident-phone": ("incident", PHONE, True),
}
"""Picture to its page, window, and whether it is dark."""
POSTS = 3_000
"""A crisis large enough for every part of a page to have something to show, and small enough to run in a minute."""
LARGEST = 200_000
"""Bytes of a picture: a README with all of them opens at once also on a slow line."""


def main() -> None:
    """Make every picture anew."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--home", type=Path, help="folder where crisis demo has run; one is made when left out")
    chosen = arguments.parse_args()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Home.at(chosen.home) if chosen.home else demonstration(Path(folder), POSTS)
        with browser() as started, served(home) as (address, _):
            for (name, (view, (width, height), dark)), language in product(VIEWS.items(), LANGUAGES):
                page = opened(started, f"{address}/{view}?watch=demo&language={language}", width, dark=dark)
                page.set_viewport_size({"width": width, "height": height})
                path = IMAGES / f"{name}-{language}.png"
                page.screenshot(path=path)
                page.close()
                size = path.stat().st_size
                say(f"{path.name}: {size / 1000:,.0f} kB")
                if size > LARGEST:
                    raise SystemExit(f"{path} is larger than {LARGEST / 1000:.0f} kB")


if __name__ == "__main__":
    main()
