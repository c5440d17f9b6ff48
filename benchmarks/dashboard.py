"""Seconds from opening a dashboard to its first chart in a real Chromium, with a cold and with a pooled kernel."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.harness import Figures, finish, parser, peak_mb, say, write_predictions
from benchmarks.report import filled
from crisislib.engine import Home
from crisislib.services.dashboards_server import voila_command, voila_environment

CHART = ".vega-embed canvas, .vega-embed svg"
NAMES = ("situation", "incident", "spread", "response")
SETTLE_S = 20  # a pooled kernel is started when the one before is taken; readers come less often than that


@contextmanager
def served(home: Home, now: str, pool: int) -> Iterator[str]:
    """A running Voila."""
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        port = int(held.getsockname()[1])
    env = {**voila_environment(home), "CRISIS_NOW": now, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *voila_command(home, host="127.0.0.1", port=port, pool=pool)[1:]]
    server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(120):
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.5)
        time.sleep(SETTLE_S)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def first_chart(browser: Browser, address: str) -> float:
    """Seconds until a chart stands on the page."""
    page = browser.new_page()
    page.route("**/*", lambda r: r.continue_() if r.request.url.startswith(("http://127.0.0.1", "data:")) else None)
    start = time.perf_counter()
    page.goto(address, wait_until="commit", timeout=120_000)
    page.wait_for_selector(CHART, timeout=120_000)
    seconds = time.perf_counter() - start
    page.close()
    return seconds


def main() -> None:
    """Measure and print."""
    arguments = parser("dashboard", __doc__ or "")
    arguments.add_argument("--posts", type=int, default=20_000)
    arguments.add_argument("--runs", type=int, default=3)
    chosen = arguments.parse_args()
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("no Chromium on this machine: install chromium")
    rows: list[tuple[str, str, int, float]] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        home, now = filled(Path(folder), chosen.posts)
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for kind, pool in (("cold", 0), ("pooled", 1)):
            with served(home, now.isoformat(), pool) as address:
                first_chart(browser, f"{address}/voila/render/situation.ipynb")  # the browser's own cache
                for number in range(chosen.runs):
                    for name in NAMES:
                        time.sleep(SETTLE_S if pool else 1)
                        seconds = first_chart(browser, f"{address}/voila/render/{name}.ipynb")
                        say(f"{kind} {name} {seconds:.2f} s")
                        rows.append((kind, name, number, seconds))
        browser.close()
    figures: Figures = {}
    for kind in ("cold", "pooled"):
        mine = sorted(s for k, _, _, s in rows if k == kind)
        figures[f"{kind}.seconds"] = mine[len(mine) // 2]
        for name in NAMES:
            each = sorted(s for k, n, _, s in rows if (k, n) == (kind, name))
            figures[f"{kind}.{name}_seconds"] = each[len(each) // 2]
    figures["peak_mb"] = peak_mb()
    write_predictions(chosen.out, ["kernel", "dashboard", "run", "seconds"], rows)
    finish("dashboard", figures)


if __name__ == "__main__":
    main()
