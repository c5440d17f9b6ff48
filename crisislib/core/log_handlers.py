"""How log lines look and where they go: text for people, JSON for machines, standard error, a file that rotates."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import TextIO

from crisislib.core.errors import CrisisError
from crisislib.core.sanitize import escape_controls, mask_secrets

CONTEXT = ("watch", "run_id", "source")
"""What a line can belong to."""
MAX_BYTES, BACKUPS = 5_000_000, 5
"""A file at INFO lasts for weeks of calm; six of them are small beside any lake and read well in an editor."""
REPEAT_S = 600.0
"""The same warning is shown again after so long only, or a dead source that is asked every minute hides the rest."""
REPEATS_KEPT = 500
"""Different messages remembered for that; the oldest is forgotten first."""

_context: ContextVar[Mapping[str, str] | None] = ContextVar("crisislib_log_context", default=None)


@contextmanager
def log_context(**values: str) -> Iterator[None]:
    """Lines logged inside belong to a `watch`, a `run_id`, a `source`.

    Parameters
    ----------
    **values : str
        Names of :data:`CONTEXT` with their values; an empty one leaves what an outer context says.
    """
    token = _context.set({**(_context.get() or {}), **{k: v for k, v in values.items() if v}})
    try:
        yield
    finally:
        _context.reset(token)


class ContextFilter(logging.Filter):
    """Puts the watch, run and source that a line belongs to on its record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the context of the running work (watch, job, run …) to a record that lacks it.

        Parameters
        ----------
        record : logging.LogRecord
            Gets one attribute for each name of :data:`CONTEXT`; None where the context has none.

        Returns
        -------
        bool
            Always true: no record is refused.
        """
        for name in CONTEXT:
            if not hasattr(record, name):
                setattr(record, name, (_context.get() or {}).get(name))
        return True


class RepeatFilter(logging.Filter):
    """Lets the same message pass once in :data:`REPEAT_S`, with the number that was left out."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is to be written: a warning or an error like the last one is not, for a while.

        Parameters
        ----------
        record : logging.LogRecord
            Gets `repeated`: how many like it were left out since the last that was written.

        Returns
        -------
        bool
            False for one of the same logger, message and class of error within :data:`REPEAT_S` seconds.
        """
        if record.levelno < logging.WARNING:
            return True
        error = record.exc_info[1] if record.exc_info else None
        key = (record.name, record.getMessage(), type(error).__name__)
        at, left_out = self._last.pop(key, (float("-inf"), 0))
        passes = not 0 <= record.created - at < REPEAT_S
        self._last[key] = (record.created, 0) if passes else (at, left_out + 1)
        if len(self._last) > REPEATS_KEPT:
            self._last.pop(next(iter(self._last)))
        record.repeated = left_out if passes else 0
        return passes


class TextFormatter(logging.Formatter):
    """One line for people; what follows (a remedy, a traceback) is indented, so that no text can forge a line.

    Parameters
    ----------
    traces : bool
        Whether errors that were raised on purpose get a traceback too.
    """

    def __init__(self, *, traces: bool) -> None:
        super().__init__()
        self._traces = traces

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line for people; a traceback follows on indented lines.

        Parameters
        ----------
        record : logging.LogRecord
            As the filters left it.

        Returns
        -------
        str
            Secrets masked, control characters escaped.
        """
        facts = [f"{name}={value}" for name in CONTEXT if (value := getattr(record, name, None))]
        facts += [f"error={getattr(record, 'error_id', '')}"] if getattr(record, "error_id", "") else []
        facts += [f"{repeated} more like it"] if (repeated := getattr(record, "repeated", 0)) else []
        about = f" [{' '.join(facts)}]" if facts else ""
        name = record.name.removeprefix("crisislib.")
        text = f"{_time(record)} {record.levelname} {name}{about}: {record.getMessage()}"
        if record.exc_info and (self._traces or not isinstance(record.exc_info[1], CrisisError)):
            text += "\n" + self.formatException(record.exc_info)
        return escape_controls(mask_secrets(text)).replace("\n", "\n    ")


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one JSON object; keys that it has no value for are null.

        Parameters
        ----------
        record : logging.LogRecord
            As the filters left it.

        Returns
        -------
        str
            One line; `time`, `level`, `logger`, `message`, the context, `error_id`, `repeated` and `traceback`.
        """
        trace = self.formatException(record.exc_info) if record.exc_info else None
        row: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: getattr(record, name, None) for name in CONTEXT},
            "error_id": getattr(record, "error_id", None),
            "repeated": getattr(record, "repeated", 0),
            "traceback": trace,
        }
        safe = {k: escape_controls(mask_secrets(v)) if isinstance(v, str) else v for k, v in row.items()}
        return json.dumps(safe, ensure_ascii=False, default=str)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Console(logging.Handler):
    """Standard error as it is when a line comes: progress bars and tests put another in its place.

    Parameters
    ----------
    stream : TextIO or None
        Where lines go; the standard error of the moment when None.
    level : str
        Least level that is written.
    structured : bool
        Whether lines are JSON.
    """

    def __init__(self, stream: TextIO | None, level: str, structured: bool) -> None:
        super().__init__(level)
        self._stream = stream
        self.addFilter(ContextFilter())
        self.addFilter(RepeatFilter())
        # An error that was raised on purpose says what to do; its traceback is for whoever asks for details.
        self.setFormatter(JsonFormatter() if structured else TextFormatter(traces=level == "DEBUG"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line to the stream; a closed terminal or a broken pipe is passed over.

        Parameters
        ----------
        record : logging.LogRecord
            What to write.
        """
        line = self.format(record)
        # A terminal that was closed (ValueError) or a pipe that broke must not end a service.
        with suppress(OSError, ValueError):
            print(line, file=self._stream or sys.stderr, flush=True)


class LogFile(WatchedFileHandler):
    """A file that rotates under a lock, so that several processes may write it.

    Attributes
    ----------
    path : Path
        The newest file; older ones are `.1` to `.5`.
    written : float or None
        When the last line was written, seconds of the epoch; None before the first.
    fault : str
        Why the last line could not be written; empty where it was. Shown by `/health`: a log that is silent because
        the disk is full must not look like a log of a calm night.
    """

    def __init__(self, path: Path, structured: bool = False) -> None:
        self.path, self.fault = Path(path), ""
        self.written: float | None = None
        super().__init__(path, encoding="utf-8", delay=True, errors="backslashreplace")
        self.addFilter(ContextFilter())
        self.addFilter(RepeatFilter())
        self.setFormatter(JsonFormatter() if structured else TextFormatter(traces=True))

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, after rotating a file that is over :data:`MAX_BYTES`; a fault is remembered in `fault`.

        Parameters
        ----------
        record : logging.LogRecord
            What to write; its time becomes `written`.
        """
        self.fault = ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists() and self.path.stat().st_size > MAX_BYTES:
                self._turn_over()
            super().emit(record)
            self.written = record.created
        except OSError as fault:
            self.fault = str(fault)

    def handleError(self, record: logging.LogRecord) -> None:
        """Remember in `fault` why a line could not be written.

        Parameters
        ----------
        record : logging.LogRecord
            The record that was being written.
        """
        self.fault = str(sys.exception())

    def _turn_over(self) -> None:
        """Number the files anew; who does not get the lock goes on in the old file."""
        from filelock import FileLock, Timeout

        with suppress(Timeout), FileLock(f"{self.path}.lock", timeout=0):
            if self.path.stat().st_size > MAX_BYTES:  # another process may just have done it
                for number in range(BACKUPS, 0, -1):
                    older = Path(f"{self.path}.{number - 1}") if number > 1 else self.path
                    if older.exists():
                        older.replace(f"{self.path}.{number}")
