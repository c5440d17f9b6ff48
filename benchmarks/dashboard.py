"""Speed of the dashboards in a real Chromium: the shared pages, and plain Voila with the same notebooks beside them.

A drill of 20,000 posts is run by the engine; ordinary posts from before it fill the watch up to `--posts`, so that
pages read a lake of that size. Cold is the first page of a server that has just begun to listen; warm are later ones.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from playwright.async_api import async_playwright
from playwright.sync_api import Page, sync_playwright

from benchmarks.harness import Figures, finish, parser, peak_mb, say, write_predictions
from benchmarks.page_server import PATIENCE_MS, chromium, served
from benchmarks.report import filled
from crisislib.engine import Home

DRILL = 20_000
"""Posts that the engine runs over; more would time the engine, not the page."""
CHUNK = 100_000
"""Ordinary posts that are added at once."""
CHART = ".course svg, .vega-embed canvas, .vega-embed svg"
SHARED, PLAIN = "/incident?watch=drill&language=en", "/voila/render/incident.ipynb?watch=drill&language=en"
PAINT = "performance.getEntriesByName('first-contentful-paint').map(e => e.startTime / 1000)[0]"

CHOOSE = """([name, wanted, chart]) => new Promise(done => {
  document.querySelector('h1').dataset.old = '1'
  const begin = performance.now()
  const seen = new MutationObserver(() => {
    if (document.querySelector('h1:not([data-old])') && document.querySelector(chart)) {
      seen.disconnect()
      requestAnimationFrame(() => done((performance.now() - begin) / 1000))
    }
  })
  seen.observe(document.documentElement, {childList: true, subtree: true})
  const box = document.querySelector('#filter-' + name)
  box.value = wanted
  box.dispatchEvent(new Event('change', {bubbles: true}))
})"""
"""Chooses a filter and says after how many seconds the page that follows is drawn. Measured inside the page: from
outside, the browser is asked for a change every half second only, and 0.35 s came out as 0.83."""


def fill_up(home: Home, posts: int, now: datetime) -> None:
    """Ordinary posts with their labels from the weeks before the drill, until the watch has so many."""
    known = home.lake.read("POSTS", watch="drill")
    plain = known.sort_values("created_at").head(5_000)
    begin, rng = known["created_at"].min(), np.random.default_rng(0)
    for first in range(len(known), posts, CHUNK):
        n = min(CHUNK, posts - first)
        rows = plain.sample(n, replace=True, random_state=first).reset_index(drop=True)
        ids = [f"{p}:more{first + i}" for i, p in enumerate(rows["platform"])]
        at = begin - pd.to_timedelta(rng.uniform(1, 20 * 86400, n), unit="s")
        rows = rows.assign(post_id=ids, created_at=at.astype("datetime64[us, UTC]"), parent_id=None, root_id=None)
        home.lake.append("POSTS", rows)
        mood = rng.choice(["negative", "neutral", "positive"], n, p=[0.3, 0.5, 0.2])
        labels = {"watch": "drill", "post_id": ids, "label": "sentiment", "model": "more@1", "at": now,
                  "created_at": rows["created_at"], "value": mood, "p": 0.9, "score": 0.3}  # fmt: skip
        home.lake.append("LABELS", pd.DataFrame(labels))
        say(f"{first + n:,} posts")


def prepared(root: Path, posts: int) -> tuple[Home, datetime]:
    """A filled watch and the moment at which it is read; one that was filled before is taken as it is."""
    stamp = root / "now.txt"
    if stamp.exists():
        return Home(root / "lake", root / "watches", root / "reports"), datetime.fromisoformat(
            stamp.read_text(encoding="utf-8")
        )
    root.mkdir(parents=True, exist_ok=True)
    home, now = filled(root, min(DRILL, posts))
    fill_up(home, posts, now)
    stamp.write_text(now.isoformat(), encoding="utf-8")
    return home, now


def opened(page: Page, address: str) -> tuple[float, float]:
    """Seconds until something is painted, and until a chart stands on the page."""
    start = time.perf_counter()
    page.goto(address, wait_until="commit", timeout=PATIENCE_MS)
    page.wait_for_selector(CHART, state="attached", timeout=PATIENCE_MS)
    chart = time.perf_counter() - start
    while (painted := page.evaluate(PAINT)) is None:  # the page's policy forbids a predicate that the browser polls
        page.wait_for_timeout(20)
    return float(painted), chart


def filter_times(page: Page, runs: int) -> list[float]:
    """Seconds from choosing a filter until the page shows what was chosen."""
    times = []
    values = page.eval_on_selector_all("#filter-platform option", "all => all.map(o => o.value)")
    offered = {"platform": values, "sentiment": ["negative", "neutral", "positive", ""]}

    for number in range(runs):
        name = ("platform", "sentiment")[number % 2]
        wanted = offered[name][(number // 2 + 1) % len(offered[name])]
        if page.input_value(f"#filter-{name}") == wanted:
            continue
        times.append(float(page.evaluate(CHOOSE, [name, wanted, CHART])))
    return times


async def together(address: str, path: str, viewers: int) -> float:
    """Seconds until the last of some viewers, who all come at once, has a chart."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])

        async def one() -> float:
            page = await (await browser.new_context()).new_page()
            start = time.perf_counter()
            await page.goto(address + path, wait_until="commit", timeout=PATIENCE_MS)
            await page.wait_for_selector(CHART, state="attached", timeout=PATIENCE_MS)
            return time.perf_counter() - start

        times = await asyncio.gather(*(one() for _ in range(viewers)))
        await browser.close()
        return max(times)


def memory_mb(server: psutil.Process) -> float:
    """Memory of a server and its kernels."""
    every = [server, *server.children(recursive=True)]
    return sum(p.memory_info().rss for p in every if p.is_running()) / 2**20


def one_reader(home: Home, now: datetime, path: str, runs: int) -> dict[str, float]:
    """Figures of a reader who is alone."""
    with sync_playwright() as play, served(home, now.isoformat()) as (address, _):
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        _, cold = opened(page, address + path)
        warm = [opened(page, address + path) for _ in range(runs)]
        filters = filter_times(page, 8 * runs) if path == SHARED else []
        browser.close()
    say(f"{path}: cold {cold:.2f} s, warm {np.round(warm, 2).tolist()}, filters {np.round(filters, 2).tolist()}")
    return {
        "first_paint_s": float(np.median([paint for paint, _ in warm])),
        "first_chart_warm_s": float(np.median([chart for _, chart in warm])),
        "first_chart_cold_s": cold,
        "filter_p95_s": float(np.quantile(filters, 0.95)) if filters else float("nan"),
    }


def many_readers(home: Home, now: datetime, path: str, viewers: int) -> dict[str, float]:
    """Figures of readers who come at once to a server that is up."""
    with served(home, now.isoformat()) as (address, server):
        asyncio.run(together(address, path, 1))
        slowest = asyncio.run(together(address, path, viewers))
        say(f"{path}: the last of {viewers} viewers has a chart after {slowest:.2f} s")
        return {f"viewers{viewers}_first_chart_s": slowest, "mb_per_viewer": memory_mb(server) / viewers}


def main() -> None:
    """Measure and print."""
    arguments = parser("dashboard", __doc__ or "")
    arguments.add_argument("--posts", type=int, default=200_000)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--viewers", type=int, default=20)
    arguments.add_argument("--peer-viewers", type=int, default=4, help="of plain Voila, each of which takes a kernel")
    arguments.add_argument("--no-peer", action="store_true", help="leave plain Voila out")
    arguments.add_argument("--home", type=Path, help="folder of the filled watch; used again where it is filled")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, now = prepared(chosen.home or Path(folder), chosen.posts)
        figures: Figures = one_reader(home, now, SHARED, chosen.runs) | many_readers(home, now, SHARED, chosen.viewers)
        peer: Figures = {}
        if not chosen.no_peer:
            peer = one_reader(home, now, PLAIN, chosen.runs) | many_readers(home, now, PLAIN, chosen.peer_viewers)
    figures |= {"posts": float(chosen.posts), "peak_mb": peak_mb()}
    write_predictions(chosen.out, ["figure", "value"], [(k, float(v)) for k, v in figures.items()])
    finish("dashboard", figures, {"plain_voila": peer} if peer else None)


if __name__ == "__main__":
    main()
