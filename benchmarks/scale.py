"""The same work on this machine, on a Spark Connect server (Sail), and over a lake on an object store.

`equal` is 1 where every table of the demonstration has the same rows, value by value, whichever engine made it and
wherever the lake lies; floats may differ by one in 10⁹. Rows per second: the text labellers over the posts of the
demonstration, and an hourly count with sums over posts that are stored; each on its own engine after a first run that
is not counted, so that models are loaded and the server is warm. Appends: commits of one row to a lake in a folder and
to one on an S3-speaking server on this machine, whose network has no length: on a real one each takes its round trips.
Needs moto; without pysail the keys of Sail are left out. No peer.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import narwhals as nw
import pandas as pd
import pyarrow as pa

from benchmarks.harness import finish, parser, say
from benchmarks.lake_differences import differences
from benchmarks.s3_server import bucket, s3_server
from crisislib import services
from crisislib.core.tables import empty
from crisislib.engine import Home
from crisislib.engine.backend import open_backend
from crisislib.engine.backend.local_backend import LocalBackend
from crisislib.engine.enrich import SHARED, models_of
from crisislib.engine.text_labelling import TextLabelling, packed
from crisislib.lake import Lake

NOW = datetime(2026, 10, 1, tzinfo=UTC)
"""Later than anything in the demonstration: what lies in the future is rejected, and nothing would be compared."""
APPENDS = 20


@contextmanager
def sail(workers: int) -> Iterator[None]:
    """A Spark Connect server in this process, named in the environment; nothing without pysail."""
    if importlib.util.find_spec("pysail") is None:
        yield
        return
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    os.environ["SAIL_EXECUTION__DEFAULT_PARALLELISM"] = str(workers)
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    os.environ["SPARK_REMOTE"] = f"sc://127.0.0.1:{server.listening_address[1]}"
    try:
        yield
    finally:
        del os.environ["SPARK_REMOTE"]
        if (active := SparkSession.getActiveSession()) is not None:
            active.stop()  # else the next server would be asked through this connection, which nobody answers
        server.stop()


def seconds(work: Callable[[], object]) -> float:
    """How long it takes when it has been done once before."""
    work()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def rates(home: Home, engine: LocalBackend) -> dict[str, float]:
    """Rows a second of each step that an engine does."""
    watch = home.watch("demo")
    posts = home.lake.arrow("POSTS", watch=watch.watch)
    folder = models_of(home, watch)
    work = TextLabelling(watch, NOW, SHARED, packed(folder) if engine.elsewhere else folder)

    def hourly() -> pa.Table:
        hour = nw.col("created_at").dt.truncate("1h")
        rows = engine.scan(home.lake, "POSTS", watch=watch.watch)
        return rows.group_by(hour).agg(n=nw.len(), likes=nw.col("n_likes").sum()).collect("pyarrow").to_native()

    label = seconds(lambda: engine.map_batches(posts, work, empty("LABELS").schema))
    return {"label_rows_per_s": posts.num_rows / label, "hourly_rows_per_s": posts.num_rows / seconds(hourly)}


def append_ms(lake: Lake) -> float:
    """Milliseconds of a commit of one row, the median."""
    took = []
    for n in range(APPENDS):
        row = {"watch": "w", "post_id": f"x:{n}", "collected_at": NOW, "created_at": NOW, "text": str(n)}
        began = time.perf_counter()
        lake.append("POSTS", pd.DataFrame([row]))
        took.append(1000 * (time.perf_counter() - began))
    return float(pd.Series(took).median())


def measure(folder: Path, posts: int, workers: list[int]) -> dict[str, float]:
    """All figures."""
    figures: dict[str, float] = {}
    with s3_server() as address:
        os.environ.update(bucket(address, "benchmark"))
        places: dict[str, Path | None] = {"folder": None, "store": Path("s3://benchmark/demo")}
        for name, lake in places.items():
            say(f"demonstration, lake on {name}")
            services.demo(folder / name, posts=posts, now=NOW, lake=lake)
        if importlib.util.find_spec("pysail") is not None:
            with sail(workers[-1]):
                say("demonstration on Sail")
                services.demo(folder / "sail", posts=posts, now=NOW)
                if Home.at(folder / "sail").backend.name != "spark":
                    raise SystemExit("the demonstration did not run on Sail: nothing to compare")
        homes = [Home.at(p) for p in sorted(folder.iterdir())]
        wrong = [line for home in homes[1:] for line in differences(homes[0].lake, home.lake)]
        for line in wrong:
            say(line)
        figures["equal"] = float(not wrong)
        figures |= {f"local.{k}": v for k, v in rates(homes[0], open_backend("local")).items()}
        for n in workers if len(homes) > len(places) else []:
            with sail(n):
                figures |= {f"sail@{n}.{k}": v for k, v in rates(homes[0], open_backend("spark")).items()}
        figures["append_ms.folder"] = append_ms(Lake(folder / "appends"))
        figures["append_ms.store"] = append_ms(Home.here(lake="s3://benchmark/appends", root=folder).lake)
    return figures


def main() -> None:
    """Run the demonstration on each engine, compare, time the steps, print the figures."""
    arguments = parser("scale", __doc__ or "")
    arguments.add_argument("--posts", type=int, default=20_000)
    arguments.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="threads of Sail")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as place:
        figures = measure(Path(place), given.posts, given.workers)
    finish("scale", {"posts": given.posts, "processors": os.cpu_count() or 1, **figures})


if __name__ == "__main__":
    main()
