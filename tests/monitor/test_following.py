"""Posts whose counters still move are observed again by the monitor, and a gain is a level when it was made."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

from crisislib.core.levels import rank
from crisislib.core.watch import load_watch
from crisislib.engine import Home
from crisislib.services.monitor import Monitor
from tests.monitor.test_monitor import Turned
from tests.monitor.world import CALM, PATIENCE_S, START, history, written

ACCUSED = "Acme guards dragged my grandmother off the platform, she is hurt. Video inside"
SEEN = {0.2: 0, 3.2: 400, 7.2: 15_000, 12.2: 88_000}
"""Hours after the start -> reposts of one post of an account that nobody follows."""


@contextmanager
def vendor(now: Turned) -> Iterator[tuple[str, list[datetime]]]:
    """A tool that answers with the mentions of a span, their counters as they stand; since when each question asked."""
    calm = written(START, START + timedelta(hours=20), rate=8, words=CALM, seed=2)
    asked: list[datetime] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlparse(self.path).query)
            since, until = (datetime.fromisoformat(query[name][0]) for name in ("startDate", "endDate"))
            asked.append(since)
            hours = (now.at - START) / timedelta(hours=1)
            moved = max((n for at, n in SEEN.items() if at <= hours), default=0)
            rows = [row(f"c{i}", at.to_pydatetime(), text, 1) for i, (at, text) in enumerate(calm.to_numpy())]
            rows.append(row("viral", START + timedelta(minutes=6), ACCUSED, moved))
            body = [one for one in rows if since <= datetime.fromisoformat(str(one["date"])) < min(until, now.at)]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"results": body, "resultsTotal": len(body)}).encode())

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def row(name: str, at: datetime, text: str, reposts: int) -> dict[str, object]:
    return {
        "guid": name, "url": f"https://twitter.com/tiny/status/{name}", "date": at.isoformat(), "added": at.isoformat(),
        "author": f"u{name}", "fullText": text, "pageType": "twitter", "twitterRetweets": reposts,
        "twitterLikeCount": 2 * reposts,
    }  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("follow_hours", [24, 0])
def test_counters_are_observed_again_while_they_may_move(
    tmp_path: Path, follow_hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED_TOKEN", "t")
    now = Turned(START)
    with vendor(now) as (url, asked):
        (tmp_path / "watches").mkdir()
        file = tmp_path / "watches" / "acme.yml"
        file.write_text(
            "watch: acme\ntitle: {en: Acme}\nbrand: {names: [Acme]}\nsources:\n"
            f"  - {{source: brandwatch, name: feed, every_minutes: 30, options: {{url: '{url}', "
            f"token: '${{FEED_TOKEN}}', project: 1, query: 2, first_hours: 1, follow_hours: {follow_hours}}}}}\n",
            encoding="utf-8",
        )
        home, watch = Home(tmp_path / "lake", tmp_path / "watches", tmp_path / "reports"), load_watch(file)
        history(home.lake, watch, START, hours=21 * 24)
        monitor = Monitor(home, [watch], clock=now.clock(), briefs=False, patience_s=PATIENCE_S)
        for hours in SEEN:
            now.at = START + timedelta(hours=hours, minutes=12)
            monitor.tick()
        monitor.close()
    observed = home.lake.read("POSTS", watch="acme", present=False)
    mine = observed[observed["text"] == ACCUSED].sort_values("collected_at")
    if not follow_hours:
        assert mine["n_reposts"].tolist() == [0] and min(asked) >= START - timedelta(hours=1)
        return
    assert mine["n_reposts"].tolist() == list(SEEN.values())
    incidents = home.lake.read("INCIDENTS", present=False).sort_values("at")
    raised = incidents[incidents["level"].map(rank) >= rank("blue")]
    assert len(raised) and raised["at"].iloc[0] <= START + timedelta(hours=8)
    assert mine["post_id"].iloc[0] in raised["evidence"].iloc[0]
