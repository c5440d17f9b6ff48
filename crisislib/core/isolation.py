"""The one place that catches every exception: one watch, source, task or page fails, and the others go on."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from crisislib.core.errors import CrisisError
from crisislib.core.ids import short_hash
from crisislib.core.log_handlers import log_context
from crisislib.core.sanitize import escape_controls, mask_secrets

T = TypeVar("T")


@dataclass(frozen=True)
class Failure:
    """What went wrong in isolated work.

    Attributes
    ----------
    name : str
        What was being done.
    error : Exception
        What it raised.
    error_id : str
        Eight hexadecimal digits that the log has with the traceback, to be shown to a reader. The same error at the
        same place has the same, so that it is found although the log does not repeat itself.
    """

    name: str
    error: Exception
    error_id: str

    @property
    def kind(self) -> str:
        """Class of the error."""
        return type(self.error).__name__

    @property
    def text(self) -> str:
        """The error in words, safe to show and to store; an unforeseen one with its class and its id."""
        words = escape_controls(mask_secrets(str(self.error)))
        return words if isinstance(self.error, CrisisError) else f"{self.kind}: {words} [error {self.error_id}]"


def run_isolated(
    name: str,
    work: Callable[[], T],
    *,
    on_error: Callable[[Failure], T],
    logger: logging.Logger,
    level: int | None = None,
    **context: str,
) -> T:
    """Do some work; whatever it raises is logged with its traceback and handed on as a :class:`Failure`.

    Parameters
    ----------
    name : str
        What is being done, for the log: `watch acme, job daily`.
    work : callable
        Does it.
    on_error : callable
        Records the failure where it belongs (a row of the ledger, a state of the monitor) and gives the result
        instead. What it raises itself goes to the caller.
    logger : logging.Logger
        Of the calling module.
    level : int, optional
        Of the log line; when left out WARNING for a :class:`CrisisError`, which was raised on purpose and says what
        to do, and ERROR for everything else.
    **context : str
        `watch`, `run_id`, `source`: go with every log line of the work.

    Returns
    -------
    T
        What the work or `on_error` returned.
    """
    with log_context(**context):
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - the one place; tests/rules forbids it anywhere else
            failure = Failure(name, error, _error_id(error))
        if level is None:
            level = logging.WARNING if isinstance(failure.error, CrisisError) else logging.ERROR
        words = str(failure.error) if isinstance(failure.error, CrisisError) else f"{failure.kind}: {failure.error}"
        logger.log(level, "%s failed: %s", name, words, exc_info=failure.error, extra={"error_id": failure.error_id})
        return on_error(failure)


def _error_id(error: Exception) -> str:
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return short_hash(type(error).__name__, str(error), *places, length=8)
