"""Logging: one set-up for the command line, the services, their helper processes and the kernels.

Every module logs to `logging.getLogger(__name__)`. Lines go to standard error, for people or as JSON; services also
write a file that rotates. Whatever is logged, secrets are masked and control characters escaped on the way out.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.log_handlers import Console, LogFile
from crisislib.core.phrase_types import Phrase

logger = logging.getLogger(__name__)

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
FORMATS = ("text", "json")


@dataclass(frozen=True)
class LogSettings:
    """How this process logs.

    Attributes
    ----------
    level : str
        One of :data:`LEVELS`.
    as_json : bool
        One JSON object a line instead of text.
    file : Path or None
        Where lines go besides standard error.
    """

    level: str = "WARNING"
    as_json: bool = False
    file: Path | None = None

    def environment(self) -> dict[str, str]:
        """Variables that make a child process log alike."""
        settings = {"CRISIS_LOG_LEVEL": self.level, "CRISIS_LOG_FORMAT": FORMATS[self.as_json]}
        return settings | ({"CRISIS_LOG_FILE": str(self.file.resolve())} if self.file else {})


_settings = LogSettings()


def current() -> LogSettings:
    """The settings of this process."""
    return _settings


def set_up(
    *,
    level: str | None = None,
    as_json: bool | None = None,
    default: str = "WARNING",
    stream: TextIO | None = None,
    only: str = "",
) -> LogSettings:
    """Log to standard error from now on; called again it replaces what it set up before.

    Parameters
    ----------
    level : str, optional
        Least level that is shown; `CRISIS_LOG_LEVEL`, else `default`, when left out.
    as_json : bool, optional
        JSON lines; `CRISIS_LOG_FORMAT=json` when left out.
    default : str
        Level where nobody chose one: WARNING for commands that end, INFO for services.
    stream : file, optional
        Instead of standard error.
    only : str
        Name of the logger to set up; the root, which takes libraries' warnings too, when empty.

    Raises
    ------
    InputError
        There is no such level or format.
    """
    global _settings
    chosen = _one_of(level or os.environ.get("CRISIS_LOG_LEVEL") or default, LEVELS, N_("log level"))
    form = os.environ.get("CRISIS_LOG_FORMAT") or "text" if as_json is None else FORMATS[as_json]
    structured = _one_of(form.lower(), FORMATS, N_("log format")) == "json"
    file = os.environ.get("CRISIS_LOG_FILE")
    _settings = LogSettings(chosen, structured, Path(file) if file else None)
    console = Console(stream, chosen, structured)
    target = logging.getLogger(only or None)
    _replace(target, Console, console)
    if _settings.file is not None:
        _replace(target, LogFile, LogFile(_settings.file, structured))
    # Loggers let INFO through to the file and counters even where the terminal shows warnings only.
    logging.getLogger("crisislib").setLevel(min(logging.INFO, logging.getLevelNamesMapping()[chosen]))
    return _settings


@contextmanager
def log_file(path: Path) -> Iterator[LogFile]:
    """Log to a rotating file too, as services do; several processes may share it.

    Parameters
    ----------
    path : Path
        The file; its folder is made.

    Returns
    -------
    Iterator of LogFile
        The handler, until the context ends; its `fault` says why a line could not be written. Settings, level and
        thread hook are then as before.
    """
    global _settings
    before, handler = _settings, LogFile(path, _settings.as_json)
    _settings = replace(before, file=path)
    root = logging.getLogger()
    root.addHandler(handler)
    logging.getLogger("crisislib").setLevel(min(logging.INFO, logging.getLevelNamesMapping()[before.level]))
    hook, threading.excepthook = threading.excepthook, _thread_died
    try:
        yield handler
    finally:
        threading.excepthook = hook
        root.removeHandler(handler)
        handler.close()
        _settings = before


def _thread_died(args: threading.ExceptHookArgs) -> None:
    """A thread that ends in an error says so in the log and not on a terminal that nobody sees."""
    name = args.thread.name if args.thread else "?"
    logger.critical("thread %s ended in an error", name, exc_info=args.exc_value)


def _one_of(value: str, known: tuple[str, ...], what: str) -> str:
    result = next((k for k in known if k.lower() == value.lower()), None)
    if result is None:
        raise InputError(
            N_("there is no {what} {value!r}"),
            where="logging",
            do=N_("use one of {known}"),
            facts={"what": Phrase(what), "value": value, "known": ", ".join(known).lower()},
        )
    return result


def _replace(logger: logging.Logger, kind: type[logging.Handler], handler: logging.Handler) -> None:
    for old in [h for h in logger.handlers if isinstance(h, kind)]:
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
