"""Indicators and live sources of the user's own: Python files in a marked workbench, entered into the registries.

A file of a user's must not break a run: one that does not load is left out, logged, and named by `crisis check`; an
indicator that fails later has no value, which is null and not zero.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, cast

import pandas as pd

from crisislib.core import i18n
from crisislib.core.errors import CrisisError, SourceError, TableError
from crisislib.core.i18n import N_
from crisislib.core.isolation import Failure, run_isolated

logger = logging.getLogger(__name__)
_loaded: dict[Path, int] = {}
"""File -> its time of change when it was entered: every call looks, and reads only what is new."""


def load_user_code(indicators: Path, sources: Path) -> None:
    """Enter the indicators and sources of two folders; what is wrong is logged and left out.

    Parameters
    ----------
    indicators, sources : Path
        Folders of `.py` files; they need not be there.
    """
    for folder, enter in ((indicators, enter_indicator), (sources, enter_source)):
        for path in sorted(folder.glob("*.py")):
            changed = path.stat().st_mtime_ns
            if _loaded.get(path) != changed:
                _loaded[path] = changed
                run_isolated(f"own file {path.name}", _entering(enter, path), on_error=_left_out, logger=logger)


def load_kind_titles(folders: Sequence[Path]) -> None:
    """Let pages name the kinds of crisis that a user's playbooks add, in the reader's language.

    Parameters
    ----------
    folders : sequence of Path
        With playbooks and, perhaps, `kinds.yml`; `crisis check` says what is wrong in them.
    """
    changed = sum(path.stat().st_mtime_ns for folder in folders for path in folder.glob("*.yml"))
    if not changed or _loaded.get(folders[0]) == changed:
        return
    from crisislib.respond import load_playbooks
    from crisislib.warn import KINDS

    _loaded[folders[0]] = changed
    for kind, title in load_playbooks(folders).kinds.items():
        if kind not in KINDS:
            i18n.add_words("en", {kind: title.en or title.zh})
            i18n.add_words("zh", {kind: title.zh or title.en})


def _entering(enter: Callable[[Path], object], path: Path) -> Callable[[], None]:
    return lambda: cast(None, enter(path))


def _left_out(_: Failure) -> None:
    return None


def read_python(path: Path, name: str) -> Any:
    """What a file defines under a name.

    Parameters
    ----------
    path : Path
        A Python file; it is run.
    name : str
        `INDICATOR` or `SOURCE`.

    Returns
    -------
    object
        Whatever it is.

    Raises
    ------
    CrisisError
        The file cannot be run, or defines no such thing.
    """
    spec = spec_from_file_location(f"crisis_user_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise CrisisError(N_("this is no Python file"), where=str(path), do=N_("name it NAME.py"))
    module = module_from_spec(spec)
    run = spec.loader.exec_module

    def wrong(failure: Failure) -> None:
        error = failure.error
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = error.lineno if isinstance(error, SyntaxError) else next(reversed(lines), None)
        where = f"{path}, line {line}" if line else str(path)
        raise CrisisError(
            N_("does not run: {text}"), where=where, do=N_("correct that line"), facts={"text": failure.text}
        )

    run_isolated(f"file {path.name}", lambda: run(module), on_error=wrong, logger=logger, level=logging.DEBUG)
    if not hasattr(module, name):
        raise CrisisError(
            N_("it defines no {name}"), where=str(path), do=N_("end it with {name} = …"), facts={"name": name}
        )
    return getattr(module, name)


def read_indicator(path: Path) -> Any:
    """The indicator of a file, checked.

    Parameters
    ----------
    path : Path
        The user's file; it is run.

    Returns
    -------
    Indicator
        Whose function gives nothing, and logs, where it fails.

    Raises
    ------
    TableError
        Its name, kind or dimension is wrong, or a title is missing.
    """
    from crisislib.signals import Indicator
    from crisislib.warn import DIMENSIONS

    found = read_python(path, "INDICATOR")
    where = str(path)
    if not isinstance(found, Indicator):
        raise TableError(
            N_("INDICATOR is no crisislib.signals.Indicator"), where=where, do=N_("crisis new indicator NAME")
        )
    if found.name != path.stem or not re.fullmatch(r"[a-z][a-z0-9_]*", found.name):
        raise TableError(
            N_("name is {name}"),
            where=where,
            do=N_("give the file and the indicator one name, as a_b"),
            facts={"name": repr(found.name)},
        )
    if found.kind not in ("count", "share", "amount", "change"):
        raise TableError(
            N_("kind is {kind}"),
            where=where,
            do=N_("use count, share, amount or change"),
            facts={"kind": repr(found.kind)},
        )
    if found.dimension and found.dimension not in DIMENSIONS:
        known = ", ".join(DIMENSIONS)
        raise TableError(
            N_("there is no dimension {dimension}"),
            where=where,
            do=N_("use {known}, or leave it out"),
            facts={"dimension": repr(found.dimension), "known": known},
        )
    if not found.title or not found.title_zh:
        raise TableError(
            N_("a title is missing"), where=where, do=N_("give title= in English and title_zh= in Chinese")
        )
    return replace(found, fn=_safe(found.fn, found.name, where))


def enter_indicator(path: Path) -> None:
    """Enter an indicator: SIGNALS get it, its dimension counts it, pages name it.

    Parameters
    ----------
    path : Path
        The user's file; it is run.

    Raises
    ------
    TableError
        As :func:`read_indicator`, or a shipped indicator has the name.
    """
    from crisislib.signals import INDICATORS
    from crisislib.warn import DIMENSIONS
    from crisislib.warn.dimension_labels import SIGNALS

    found = read_indicator(path)
    before = INDICATORS.get(found.name)
    if found.name in SIGNALS and not getattr(before, "title_zh", ""):
        raise TableError(
            N_("{name} is a shipped indicator"),
            where=str(path),
            do=N_("choose another name"),
            facts={"name": found.name},
        )
    INDICATORS[found.name] = found
    i18n.add_words("zh", {found.title: found.title_zh})
    SIGNALS[found.name] = found.title
    for dimension, names in DIMENSIONS.items():
        rest = tuple(name for name in names if name != found.name)
        DIMENSIONS[dimension] = (*rest, found.name) if dimension == found.dimension else rest


def _safe(fn: Callable[[Any], pd.DataFrame], name: str, where: str) -> Callable[[Any], pd.DataFrame]:
    """The function of an own indicator; where it fails no window has a value."""
    from crisislib.signals.indicators.indicator import nothing

    def measured(cut: Any) -> pd.DataFrame:
        return run_isolated(
            f"indicator {name} ({where})", lambda: fn(cut), on_error=lambda _: nothing("k"), logger=logger
        )

    return measured


def try_indicator(path: Path) -> None:
    """Measure an indicator over a simulated crisis.

    Parameters
    ----------
    path : Path
        The user's file; it is run.

    Raises
    ------
    TableError
        It fails, or its frame lacks a column.
    """
    import narwhals as nw
    import numpy as np

    from crisislib import nlp, signals, simulation
    from crisislib.signals.frames import cut

    indicator = read_indicator(path)
    drill = simulation.simulate(0, 600)
    first, last = drill.posts["created_at"][0].as_py(), drill.posts["created_at"][-1].as_py()
    labels = nlp.label(drill.posts, drill.watch, now=last)
    posts, read = (nw.from_native(t, eager_only=True).lazy() for t in (drill.posts, labels))
    windows = signals.grid(drill.watch, first, last)
    narrow = cut(signals.Frames(posts=posts, labels=read), drill.watch, windows, np.ones(windows.n))

    def wrong(failure: Failure) -> pd.DataFrame:
        raise TableError(
            N_("it fails: {text}"),
            where=str(path),
            do=N_("correct it; cut.posts and cut.labels are lazy"),
            facts={"text": failure.text},
        )

    raw = read_python(path, "INDICATOR").fn
    found = run_isolated("indicator", lambda: raw(narrow), on_error=wrong, logger=logger, level=logging.DEBUG)
    needed = ["w", "value", "n_posts", *(["k"] if indicator.kind == "share" else [])]
    if missing := [column for column in needed if column not in found]:
        raise TableError(
            N_("its frame lacks {missing}"),
            where=str(path),
            do=N_("give {needed}"),
            facts={"missing": ", ".join(missing), "needed": ", ".join(needed)},
        )


def enter_source(path: Path) -> None:
    """Enter a live source, so that watch files may name it.

    Parameters
    ----------
    path : Path
        The user's file; it is run.

    Raises
    ------
    SourceError
        SOURCE is none, or a shipped source has the name.
    """
    from crisislib.collect import SOURCES
    from crisislib.collect.sources.live_source import Source
    from crisislib.collect.sources.source_table import SHIPPED

    found = read_python(path, "SOURCE")
    if not isinstance(found, Source) or found.name != path.stem:
        raise SourceError(
            N_("SOURCE is no source named {stem}"),
            where=str(path),
            do=N_("crisis new source NAME"),
            facts={"stem": path.stem},
        )
    if found.name in SHIPPED:
        raise SourceError(
            N_("{name} is a shipped source"), where=str(path), do=N_("choose another name"), facts={"name": found.name}
        )
    cast(dict[str, Source], SOURCES)[found.name] = found
