"""A crawler's command under supervision: its own process group, a bounded time, its last words, and how it ended.

A small process of ours stands between: it lives on when whoever started it has ended, so that the bound holds after
`crisis collect`, too. What the command prints goes to nobody's terminal; the last lines are stored, escaped and masked.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from crisislib.core.atomic_files import replace_file
from crisislib.core.credentials import remember_secret
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.sanitize import one_line

STATUS = "crawler.json"
"""Name of the file with the status of the newest run."""
LAST_LINES, LINE_LENGTH = 5, 300
"""Lines that are stored of what a command printed, and characters of each: an error and what led to it."""
GRACE_S = 10.0
"""Seconds between the request to end and the kill: a crawler closes its browser and its files meanwhile."""
STARTING_S = 60.0
"""Seconds that the supervising process may take to start; it takes a fifth of one, and a minute on a machine that a
crisis has loaded."""
CHECK_S = 0.2
"""Seconds between two looks at a command that runs: its end is noticed soon, and nobody feels the looking."""
SAME_START_S = 2.0
"""Two processes with one number that started this far apart are two: numbers are used again, clocks are coarse."""
_USUAL = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|DISPLAY|WAYLAND_DISPLAY|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|"
    r"PYTHONPATH|PYTHONUTF8|PYTHONIOENCODING|VIRTUAL_ENV|CONDA_\w+|NODE_PATH|PLAYWRIGHT_\w+|(?i:https?_proxy|all_proxy|no_proxy)$"
)
"""Environment variables that a program needs to find its parts, its language and the network."""


@dataclass(frozen=True)
class Run:
    """One run of a crawler's command.

    Attributes
    ----------
    supervisor, born : int, float
        Process id of our own process, and when it started (unix seconds), which tells it from a later one of that id.
    started : str
        ISO, UTC.
    ended : str
        ISO, UTC; empty while it runs.
    code : int or None
        Exit code; negative for a signal; None while it runs and where it could not be started.
    why : str
        `ended`, `late` (stopped at the end of its time), `stopped` (by a signal to the supervisor), `unstarted`; empty
        while it runs.
    last_lines : list of str
        What it printed last.
    """

    supervisor: int
    born: float
    started: str
    ended: str = ""
    code: int | None = None
    why: str = ""
    last_lines: Sequence[str] = ()

    @property
    def failed(self) -> bool:
        """Whether it ended otherwise than a crawler that is done."""
        return bool(self.ended) and (self.why != "ended" or self.code != 0)

    @property
    def running(self) -> bool:
        """Whether its supervisor is alive."""
        if self.ended:
            return False
        try:
            process = psutil.Process(self.supervisor)
            return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - self.born) < SAME_START_S
        except psutil.NoSuchProcess:
            return False


def last_run(folder: Path) -> Run | None:
    """The newest run; one whose supervisor is gone without a word counts as stopped.

    Parameters
    ----------
    folder : Path
        Where the status is.

    Returns
    -------
    Run or None
        None before the first.
    """
    path = folder / STATUS
    if not path.exists():
        return None
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError:
        return None
    run = Run(**stored)
    if run.ended or run.running:
        return run
    ended = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
    return replace(run, ended=ended, why="stopped")


def start(command: Sequence[str], *, cwd: Path, folder: Path, limit_s: float, environment: Sequence[str] = ()) -> Run:
    """Start a command under supervision; where another process of ours started it meanwhile, that run is given.

    Parameters
    ----------
    command : sequence of str
        Program and its words; no shell reads them.
    cwd : Path
        Where it runs.
    folder : Path
        For the status; made when it is not there.
    limit_s : float
        Seconds after which it is ended.
    environment : sequence of str
        Names of environment variables that it is given beside the usual ones; tokens of our own are not its business.

    Raises
    ------
    SourceError
        The supervisor did not come up.
    """
    spec = {"command": list(command), "cwd": str(cwd), "folder": str(folder), "limit_s": limit_s}
    spec["environment"] = {
        name: value for name, value in os.environ.items() if _USUAL.match(name) or name in environment
    }
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "crawler.lock", timeout=STARTING_S):
            now = last_run(folder)
            return now if now is not None and now.running else _started(spec, folder, now)
    except Timeout as fault:
        raise SourceError(
            N_("another process is starting the crawler and does not come to an end"),
            where=str(folder),
            do=N_("look for a crisis process that hangs"),
        ) from fault


def _started(spec: Mapping[str, object], folder: Path, before: Run | None) -> Run:
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin as pipe:  # where it ended at once, the loop below says so
        pipe.write(json.dumps(spec).encode())
    # It outlives us; as long as we live, somebody waits for it, so that its number is given back when it ends.
    threading.Thread(target=process.wait, daemon=True, name="crawler").start()
    ends = time.monotonic() + STARTING_S
    while time.monotonic() < ends:
        run = last_run(folder)
        if run is not None and (before is None or run.started != before.started):
            return run
        if process.poll() is not None:
            break
        time.sleep(CHECK_S / 4)
    process.kill()
    raise SourceError(
        N_("the supervisor of the crawler did not start"),
        where=str(folder),
        do=N_("see whether the folder can be written"),
    )


def supervise(command: Sequence[str], cwd: Path, folder: Path, limit_s: float, environment: Mapping[str, str]) -> None:
    """Run a command to its end or to the end of its time, and write how it ended; then end all that it started.

    Parameters
    ----------
    command : sequence of str
        Program and its words.
    cwd : Path
        Where it runs.
    folder : Path
        For the status.
    limit_s : float
        Seconds after which it is ended.
    environment : Mapping of str to str
        All environment variables that it gets.
    """
    asked_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_stop.set())
    for name, value in environment.items():
        if not _USUAL.match(name):  # a cookie or token that the watch lets it have, and that it may print
            remember_secret(value)
    me = psutil.Process()
    run = Run(me.pid, me.create_time(), _now())
    _write(folder, run)
    try:
        child = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as fault:
        _write(
            folder, Run(**{**asdict(run), "ended": _now(), "why": "unstarted", "last_lines": [one_line(str(fault))]})
        )
        return
    lines: deque[str] = deque(maxlen=LAST_LINES)
    reader = threading.Thread(target=_read, args=(child, lines), daemon=True)
    reader.start()
    ends, why = time.monotonic() + limit_s, "ended"
    while child.poll() is None:
        if asked_to_stop.is_set() or time.monotonic() > ends:
            why = "stopped" if asked_to_stop.is_set() else "late"
            break
        time.sleep(CHECK_S)
    _end(child)
    reader.join(timeout=1)
    _write(folder, replace(run, ended=_now(), code=child.returncode, why=why, last_lines=list(lines)))


def _read(child: subprocess.Popen[bytes], lines: deque[str]) -> None:
    """Take what the command prints, so that it does not wait for a reader; a line without end is cut."""
    assert child.stdout is not None
    while line := child.stdout.readline(LINE_LENGTH * 4):
        if text := one_line(line.decode("utf-8", "replace").strip())[:LINE_LENGTH]:
            lines.append(text)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the command and all that it started, browsers in groups of their own, too: asked first, then killed."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.NoSuchProcess):
        family = psutil.Process(child.pid).children(recursive=True)
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)
        ends = time.monotonic() + GRACE_S
        while time.monotonic() < ends and _group_alive(child):
            time.sleep(CHECK_S / 4)
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):  # psutil knows a number that is used again for another's
            process.kill()


def _group_alive(child: subprocess.Popen[bytes]) -> bool:
    child.poll()  # an ended leader that nobody has waited for would count as alive
    try:
        os.killpg(child.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _write(folder: Path, run: Run) -> None:
    replace_file(folder / STATUS, json.dumps(asdict(run), ensure_ascii=False))


def _now() -> str:
    return datetime.now(UTC).isoformat()


if __name__ == "__main__":
    given = json.load(sys.stdin)
    supervise(given["command"], Path(given["cwd"]), Path(given["folder"]), given["limit_s"], given["environment"])
