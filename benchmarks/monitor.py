"""The monitor under load, and through a week of kills; a loopback feed and hook, no data needed.

Load: a feed of 50 watches; seconds from a post's publication at the feed to the decision that includes it: the full
look at its watch, or the quick look that found nothing unusual, with the alerts in the lake and on their way. Memory
is that of the monitor and its asking processes by `psutil`; held rows grow through a window and are let go after it,
so that a slope over less than two windows shows where in a window it was measured. `others_cpu` is what the machine
did beside the monitor and the feed, in cores: figures of seconds mean nothing where it is not near zero.
Week: the clock is turned half an hour at a time and waits for the monitor, so that a run with kills must give
the very alerts of a run without; emergency briefs are left out of both.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import psutil

from benchmarks.harness import Figures, finish, parser, say
from crisislib.lake import Lake

STEP_MIN, BASELINE_DAYS, STORMING = 10, 2, 2
WEEK_STEPS, WEEK_STEP = 336, timedelta(minutes=30)
WEEK_START = datetime(2026, 3, 2, tzinfo=UTC)
HISTORY_H = 72
WEEK_EVERY_S = "0.4"
"""Between ticks of the week: the clock is waited for, not raced."""


@contextmanager
def process(module: str, *more: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A benchmark module in a process of its own, killed at the end."""
    with log.open("ab") as file:
        running = subprocess.Popen([sys.executable, "-m", f"benchmarks.{module}", *more], stdout=file, stderr=file)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@contextmanager
def feed(root: Path) -> Iterator[str]:
    """The address of a running feed."""
    (root / "port").unlink(missing_ok=True)
    with process("monitor_feed", str(root), log=root / "feed.log"):
        end = time.monotonic() + 60
        while not (root / "port").exists() or not (root / "port").read_text():
            if time.monotonic() > end:
                raise SystemExit(f"the feed did not start: {(root / 'feed.log').read_text()}")
            time.sleep(0.05)
        yield f"127.0.0.1:{(root / 'port').read_text()}"


def write_watch(root: Path, name: str, url: str, *, every_s: float, window: str) -> None:
    """A watch that reads its own timeline of the feed and tells the hook."""
    (root / "watches").mkdir(exist_ok=True)
    (root / "watches" / f"{name}.yml").write_text(
        f"watch: {name}\ntitle: {{en: Acme {name}}}\nbrand: {{names: [Acme]}}\nwindow: {window}\nsources:\n"
        f"  - {{source: mastodon, name: feed, every_minutes: {every_s / 60:.4f}, options: {{url: 'http://{url}/{name}'}}}}\n"
        f"notify:\n  - {{name: hook, url: 'json://{url}/', from_level: blue}}\n"
    )


def beat(root: Path) -> dict[str, object]:
    """The heartbeat, empty before the first."""
    file = root / "lake" / "artifacts" / "monitor" / "heartbeat.json"
    found: dict[str, object] = json.loads(file.read_text()) if file.exists() else {}
    return found


def waited(root: Path, running: subprocess.Popen[bytes], at: datetime | None, *, seconds: float = 900.0) -> bool:
    """Until this process has done a tick (at that time) and owes no message; False where it ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        said = beat(root)
        if said.get("pid") == running.pid and (at is None or _settled(said, at)):
            return True
        if running.poll() is not None:
            return False
        time.sleep(0.05)
    raise SystemExit(f"the monitor does not tick: {said}; {(root / 'monitor.log').read_text()[-2000:]}")


def _settled(said: dict[str, object], at: datetime) -> bool:
    """Whether every watch was looked at at that time, and every message is out."""
    behind = float(str(said["behind_seconds"]))
    return said["at"] == at.isoformat() and not said["messages_waiting"] and behind < WEEK_STEP.total_seconds()


def usual(root: Path, names: list[str], rate: float, now: datetime) -> None:
    """Two days of signals at the very rate of the stream: a busy watch is used to being busy."""
    at = pd.date_range(
        end=pd.Timestamp(now).floor(f"{STEP_MIN}min"), periods=BASELINE_DAYS * 1440 // STEP_MIN, freq=f"{STEP_MIN}min"
    )
    at = at[:-1].as_unit("us")
    rng, lake, per = np.random.default_rng(0), Lake(root / "lake"), rate * STEP_MIN * 60
    means = {"volume": per, "authors": min(per, 5000.0), "negative_posts": 0.1 * per, "sensitive_posts": 0.02 * per}
    rows = [
        pd.DataFrame(
            {"watch": name, "signal": signal_, "at": at, "step_s": STEP_MIN * 60, "made_at": pd.Timestamp(now),
             "value": rng.normal(mean, 0.05 * mean, len(at)).round(), "n_posts": round(per), "complete": 1.0,
             "method": "seeded"}
        )
        for name in names for signal_, mean in means.items()
    ]  # fmt: skip
    lake.append("SIGNALS", pd.concat(rows, ignore_index=True))


def load(root: Path, *, seconds: float, rate: float, watches: int) -> Figures:
    """Waits, throughput and memory under a steady stream; two of the watches in a storm."""
    names = [f"w{i:02d}" for i in range(watches)]
    usual(root, names, rate / watches, datetime.now(UTC))
    with feed(root) as url, process_of(root, url, names) as running:
        if not waited(root, running, None):
            raise SystemExit(f"the monitor ended: {(root / 'monitor.log').read_text()[-2000:]}")
        say(f"started; {rate:.0f} posts/s over {watches} watches for {seconds:.0f} s")
        begin = time.time() + 1
        plan = {n: {"rate": [begin, rate / watches, i < STORMING]} for i, n in enumerate(names)}
        part = root / "plan.part"
        part.write_text(json.dumps(plan))
        part.replace(root / "plan.json")
        seen, memory, busy = psutil.Process(running.pid), [], _busy(running.pid)
        while time.time() < begin + seconds:
            family = [seen, *seen.children(recursive=True)]
            memory.append((time.time() - begin, sum(p.memory_info().rss for p in family) / 2**20))
            time.sleep(1.0)
        waits = np.fromfile(root / "waits")
        ran, used_cpu = time.time() - begin, _busy(running.pid) - busy
    when, used = np.array(memory).T
    late = when > seconds / 3
    return {
        "p50_s": float(np.quantile(waits, 0.5)) if len(waits) else float("nan"),
        "p99_s": float(np.quantile(waits, 0.99)) if len(waits) else float("nan"),
        "posts_per_s": len(waits) / ran,
        "memory_slope_mb_per_h": float(np.polyfit(when[late] / 3600, used[late], 1)[0]),
        "peak_mb": float(used.max()),
        "behind_s": float(str(beat(root).get("behind_seconds", "nan"))),
        "monitor_cpu": float(used_cpu[0] / ran),
        "others_cpu": float((used_cpu[1] - used_cpu[2]) / ran),
    }


def _busy(monitor: int) -> npt.NDArray[np.float64]:
    """CPU seconds so far: of the monitor with its processes, of the machine, of all that this benchmark runs."""

    def spent(family: list[psutil.Process]) -> float:
        return sum(t.user + t.system for t in (p.cpu_times() for p in family))

    whole, seen = psutil.cpu_times(), psutil.Process(monitor)
    ours = psutil.Process()
    return np.array(
        [
            spent([seen, *seen.children(recursive=True)]),
            sum(whole) - whole.idle - getattr(whole, "iowait", 0.0),
            spent([ours, *ours.children(recursive=True)]),
        ]
    )


@contextmanager
def process_of(root: Path, url: str, names: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A monitor over the load's watches."""
    for name in names:
        write_watch(
            root, name, url, every_s=5.0, window=f"{{step_minutes: {STEP_MIN}, baseline_days: {BASELINE_DAYS}}}"
        )
    with process("monitor_run", str(root), "5.0", log=root / "monitor.log") as running:
        yield running


def week_plan(names: list[str], steps: int) -> dict[str, dict[str, list[float]]]:
    """Calm hours, then the compressed week: three storms of three hours on the first watch, one on each other."""
    rng = np.random.default_rng(3)
    begin, length = WEEK_START.timestamp(), steps * WEEK_STEP.total_seconds()
    plan = {}
    for number, name in enumerate(names):
        calm = np.sort(
            rng.uniform(begin - HISTORY_H * 3600, begin + length, rng.poisson(8 * (HISTORY_H + length / 3600)))
        )
        storms = [begin + f * length for f in ((0.15, 0.45, 0.8) if number == 0 else (0.6,))]
        grave = [np.sort(rng.uniform(at, at + 3 * 3600, 900)) for at in storms]
        at = np.concatenate([calm, *grave])
        kind = np.concatenate([np.zeros(len(calm)), *(np.ones(len(g)) for g in grave)])
        order = np.argsort(at, kind="stable")
        plan[name] = {"at": at[order].tolist(), "grave": kind[order].tolist()}
    return plan


def week(root: Path, *, steps: int, kills: int) -> tuple[set[str], Counter[str], int]:
    """One compressed week: alerts in the lake, item ids that the hook got, kills made."""
    names, rng = ["a", "b"], np.random.default_rng(11)
    (root / "plan.json").write_text(json.dumps(week_plan(names, steps)))
    doomed = Counter(rng.integers(1, steps + 1, kills).tolist())
    turn(root, WEEK_START)
    made, log = 0, root / "monitor.log"
    with feed(root) as url:
        for name in names:
            write_watch(root, name, url, every_s=60.0, window="{step_minutes: 60}")
        at, step = WEEK_START, 0
        while step < steps:
            with process("monitor_run", str(root), WEEK_EVERY_S, log=log) as running:
                fresh = True  # kills while it starts, too
                if step == 0 and made == 0:
                    waited(root, running, WEEK_START)
                while step < steps:
                    if doomed[step + 1] > 0:
                        doomed[step + 1] -= 1
                        turn(root, at + WEEK_STEP)
                        time.sleep(float(rng.uniform(0.0, 8.0 if fresh else 1.5)))
                        running.send_signal(signal.SIGKILL)
                        made += 1
                        break
                    at, step, fresh = at + WEEK_STEP, step + 1, False
                    turn(root, at)
                    if not waited(root, running, at):
                        raise SystemExit(f"the monitor ended: {log.read_text()[-2000:]}")
            say(f"step {step} of {steps}, {made} kills")
    alerts = Lake(root / "lake").read("ALERTS")
    got = (root / "got").read_text().split() if (root / "got").exists() else []
    return set(alerts["alert_id"]), Counter(got), made


def turn(root: Path, at: datetime) -> None:
    """Set the clock of a week."""
    part = root / "clock.part"
    part.write_text(at.isoformat())
    part.replace(root / "clock")


def kills(root: Path, n: int) -> Figures:
    """A week with kills against the same week without."""
    steps = max(24, round(WEEK_STEPS * min(1.0, n / 100)))
    for name in ("quiet", "killed"):
        (root / name).mkdir(parents=True)
    with ThreadPoolExecutor(2) as both:  # each drives processes of its own and waits for them
        quiet = both.submit(week, root / "quiet", steps=steps, kills=0)
        killed = both.submit(week, root / "killed", steps=steps, kills=n)
    (wanted, told, _), (held, got, made) = quiet.result(), killed.result()
    say(f"{len(wanted)} alerts without kills, {len(held)} with {made}")
    say(f"{sum(told.values())} and {sum(got.values())} messages reached the hook")
    return {
        "alerts": len(wanted),
        "kills": made,
        "alerts_lost": len(wanted - held) + len(set(told) - set(got)),
        "alerts_doubled": len(held - wanted) + sum(count - 1 for count in got.values()),
    }


def main() -> None:
    """Run both parts; either is left out at 0."""
    args = parser("monitor", __doc__ or "")
    args.add_argument("--seconds", type=float, default=600)
    args.add_argument("--rate", type=float, default=1000, help="posts a second, all watches together")
    args.add_argument("--watches", type=int, default=50)
    args.add_argument("--kills", type=int, default=100, help="of a compressed week; fewer shorten it")
    given = args.parse_args()
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="crisis-monitor-") as folder:
        root = Path(folder)
        if given.seconds:
            (root / "load").mkdir()
            figures |= load(root / "load", seconds=given.seconds, rate=given.rate, watches=given.watches)
            say(json.dumps(figures))
        if given.kills:
            figures |= kills(root, given.kills)
    finish("monitor", figures)


if __name__ == "__main__":
    main()
