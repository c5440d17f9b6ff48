"""What every benchmark shares: arguments, progress, peak memory, predictions, the one JSON line."""

from __future__ import annotations

import argparse
import csv
import json
import math
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

Figures = dict[str, float]


def parser(name: str, about: str) -> argparse.ArgumentParser:
    """An argument parser with `--data` and `--out`."""
    found = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=about)
    found.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of data sets, or one data set")
    found.add_argument("--out", type=Path, help="CSV of every prediction")
    return found


def say(text: str) -> None:
    """Progress, on standard error."""
    print(text, file=sys.stderr, flush=True)


def folders(data: Path, *needed: str) -> Iterator[Path]:
    """Data sets at or below `data` that hold all the files named (glob patterns)."""
    if not data.is_dir():
        raise SystemExit(f"no folder {data}: give --data DIR")
    for folder in [data, *sorted(p for p in data.iterdir() if p.is_dir())]:
        if all(any(folder.glob(pattern)) for pattern in needed):
            yield folder


def peak_mb() -> float:
    """Peak resident memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def timed(figures: Figures, key: str) -> Iterator[None]:
    """Seconds of a block, under a key."""
    start = time.perf_counter()
    yield
    figures[key] = time.perf_counter() - start


def write_predictions(path: Path | None, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Every prediction as CSV, where `--out` was given."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    say(f"predictions in {path}")


def finish(name: str, figures: Mapping[str, float], peers: Mapping[str, Mapping[str, float]] | None = None) -> None:
    """Print the result: the last line of standard output, one JSON object."""
    print(
        json.dumps(
            {"benchmark": name, "figures": _plain(figures), "peers": {p: _plain(f) for p, f in (peers or {}).items()}}
        )
    )


def _plain(figures: Mapping[str, float]) -> dict[str, float | None]:
    """Plain JSON numbers; what could not be computed is null, never NaN."""
    return {k: None if not math.isfinite(float(v)) else round(float(v), 6) for k, v in figures.items()}
