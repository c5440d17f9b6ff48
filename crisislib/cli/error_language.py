"""In which language an error that ends a command is shown: a command's own words have it as an argument."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from crisislib.core.i18n import LANGUAGES

if TYPE_CHECKING:
    from crisislib.core.watch import Watch
    from crisislib.engine import Home

_asked: ContextVar[str] = ContextVar("_asked", default="")
_of_watch: ContextVar[str] = ContextVar("_of_watch", default="")


def forget_reader() -> None:
    """Before a command: what an earlier one in this process was asked for says nothing of its reader."""
    _asked.set("")
    _of_watch.set("")


def asked_for(language: str | None) -> str | None:
    """Remember what `--language` says; the callback of that option."""
    _asked.set(language if language in LANGUAGES else "")
    return language


def watch_in(place: Home, name: str) -> Watch:
    """A watch of a workbench; from here on errors are shown in its language."""
    chosen = place.watch(name)
    _of_watch.set(chosen.language)
    return chosen


def reader_of_errors() -> str:
    """The language that is asked for, else that of the watch, else of this machine."""
    from crisislib.engine.reader_language import reader_language

    return _asked.get() or _of_watch.get() or reader_language()
