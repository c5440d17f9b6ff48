"""A live source in use: when it is due, since when it is silent, and the state that it keeps between calls."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from crisislib.collect import SOURCES
from crisislib.core.errors import CrisisError, ThrottledError
from crisislib.core.i18n import N_, tr
from crisislib.core.ids import short_hash
from crisislib.core.silence import LONGEST_PAUSE, NOTHING_KNOWN, Silence, pause_end
from crisislib.core.silence import from_json as silences_from
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse
from crisislib.engine.home import Home
from crisislib.lake.shared_files import SharedFiles

logger = logging.getLogger(__name__)

SILENT = N_(
    "{source} answers, but has had nothing new for unusually long; since {since} its time counts as not collected"
)
RESTING = N_("it asked us to pause until {until}")
FILED = ("folder",)
"""Sources whose spans are those of their files: an empty inbox does not prove silence, and has no habits to learn."""


@dataclass(frozen=True)
class Use:
    """A live source of a watch with what is remembered of it.

    Attributes
    ----------
    watch : Watch
        The watch.
    use : SourceUse
        The source and its options, with paths of the workbench.
    files : SharedFiles
        Of the lake.
    state_file : str
        The JSON file among them with those that follow.
    asked_at : datetime or None
        When it last answered.
    source : dict[str, object]
        The source's own state, as it returned it.
    silence : Silence
        Its waits for something new.
    wait_until : datetime or None
        Until when it asked to be left alone.
    """

    watch: Watch
    use: SourceUse
    files: SharedFiles
    state_file: str
    asked_at: datetime | None
    source: dict[str, object]
    silence: Silence = NOTHING_KNOWN
    wait_until: datetime | None = None

    @property
    def name(self) -> str:
        """How reports call it."""
        return self.use.name or self.use.source

    def due(self, now: datetime) -> bool:
        """Whether its `every_minutes` have passed since it was last asked; also where the clock was set back.

        Parameters
        ----------
        now : datetime
            Wall clock.

        Returns
        -------
        bool
            True for one that was never asked; False while it asked to be left alone.
        """
        if pause_end(self.wait_until, now) is not None:
            return False
        return self.asked_at is None or not timedelta(0) <= now - self.asked_at < timedelta(
            minutes=self.use.every_minutes
        )

    def silent_since(self, now: datetime) -> datetime | None:
        """Since when it has had nothing new for unusually long although it answers; None where it is well.

        Parameters
        ----------
        now : datetime
            Wall clock.

        Returns
        -------
        datetime or None
            See :meth:`crisislib.core.silence.Silence.since`; a folder of files is silent only where the watch sets a
            limit. Until a source's own history is known its expected rhythm counts.
        """
        minutes = self.use.silent_after_minutes
        if not minutes and self.use.source in FILED:
            return None
        if not minutes and self.silence.limit() is None:
            minutes = expected_minutes(self.use)
        return self.silence.since(now, minutes)

    def answered(self, record: pa.Table, now: datetime) -> tuple[pa.Table, Silence]:
        """The record of an answer, with a gap where the source is silent, and the source's waits after it.

        Parameters
        ----------
        record : pyarrow.Table, shape (1, columns)
            The BATCHES row of the answer.
        now : datetime
            Wall clock of the answer.

        Returns
        -------
        tuple of pyarrow.Table and Silence
            The row, and what to pass to :meth:`save_state`.
        """
        row = record.to_pylist()[0]
        silence = self.silence.after(now, new=row["n_read"] > row["n_duplicate"])
        since = replace(self, silence=silence).silent_since(now)
        if since is None or not row["ok"]:
            return record, silence
        begin = min(max(since, self.asked_at or since), now)
        facts = {"source": self.name, "since": f"{since.astimezone(self.watch.zone):%Y-%m-%d %H:%M}"}
        lines = [line for line in (row["warnings"], tr(SILENT, self.watch.language, **facts)) if line]
        end = now + timedelta(seconds=1)  # a span is closed: the last second of the answer counts to it
        gaps = [*json.loads(row["gaps"] or "[]"), [begin.isoformat(), end.isoformat()]]
        span = {"since": min(row["since"] or begin, begin), "until": now, "gaps": json.dumps(gaps)}
        made = pa.Table.from_pylist([{**row, **span, "warnings": "\n".join(lines)}], schema=record.schema)
        return conform(made, "BATCHES"), silence

    def save_state(self, after: Mapping[str, object], now: datetime, silence: Silence) -> None:
        """Store the state that the source returned; to be called once the lake has its posts.

        Parameters
        ----------
        after : Mapping[str, object]
            The source's own state, such as the id of the last post.
        now : datetime
            When it was asked.
        silence : Silence
            From :meth:`answered`.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        state = {"asked_at": now.isoformat(), "source": after, "silence": silence.to_json()}
        self.files.write(self.state_file, json.dumps(state).encode())

    def paused(self, fault: CrisisError, now: datetime) -> Use:
        """The source after a failure: left alone where it asked for it, also by the next process.

        Parameters
        ----------
        fault : CrisisError
            What it raised.
        now : datetime
            Wall clock.

        Returns
        -------
        Use
            Itself where it asked for nothing.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        if not isinstance(fault, ThrottledError) or not fault.wait_s:
            return self
        until = now + min(timedelta(seconds=fault.wait_s), LONGEST_PAUSE)
        state = {**_remembered(self.files, self.state_file), "wait_until": until.isoformat()}
        self.files.write(self.state_file, json.dumps(state).encode())
        return replace(self, wait_until=until)


def uses(home: Home, watch: Watch) -> list[Use]:
    """The live sources of a watch.

    Parameters
    ----------
    home : Home
        The workbench, which has their state files.
    watch : Watch
        The watch.

    Returns
    -------
    list of Use
        In the order of the watch file.
    """
    result, files = [], home.lake.shared
    for use in watch.sources:
        state_file = f"{watch.watch}/sources/{state_key(use)}.json"
        state = _remembered(files, state_file)
        asked = datetime.fromisoformat(state["asked_at"]) if "asked_at" in state else None
        silence = silences_from(state.get("silence"))
        own = _with_state_folder(placed(home, use), home.lake.artifact(watch.watch, "sources", state_key(use)))
        wait = datetime.fromisoformat(state["wait_until"]) if "wait_until" in state else None
        result.append(Use(watch, own, files, state_file, asked, dict(state.get("source", {})), silence, wait))
    return result


def _with_state_folder(use: SourceUse, folder: Path) -> SourceUse:
    """A source that stores more than a state is given a folder for it, beside its state."""
    if use.source not in SOURCES or "state_folder" not in SOURCES[use.source].options:
        return use
    return use.model_copy(update={"options": {"state_folder": str(folder), **use.options}})


def _remembered(files: SharedFiles, state_file: str) -> dict[str, Any]:
    """The stored state of a source; a file that is no JSON is a source that was never asked."""
    text = files.read(state_file)
    if text is None:
        return {}
    try:
        state = json.loads(text.decode("utf-8", "replace"))
    except json.JSONDecodeError as fault:
        logger.warning("%s is broken and left out; its source is asked from the beginning: %s", state_file, fault)
        return {}
    return state if isinstance(state, dict) else {}


def placed(home: Home, use: SourceUse) -> SourceUse:
    """A source with its paths read from the workbench, and with the workbench's layouts where it takes layouts.

    Parameters
    ----------
    home : Home
        The workbench; relative paths begin at its folder.
    use : SourceUse
        As the watch file has it.

    Returns
    -------
    SourceUse
        With absolute paths; unchanged where the source is unknown.
    """
    if use.source not in SOURCES:
        return use  # reported by the source's own check, where it is asked
    source = SOURCES[use.source]
    here = {k: str(home.root / str(v)) for k, v in use.options.items() if k in source.paths and v}
    own = {"layouts": [str(folder) for folder in home.layouts]} if "layouts" in source.options else {}
    return use.model_copy(update={"options": {**own, **use.options, **here}})


def expected_minutes(use: SourceUse) -> int:
    """How long a source may have nothing new: what the watch file says, else the rhythm that is expected of its kind.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file.

    Returns
    -------
    int
        Minutes; 0 where nothing can be expected before its history is known.
    """
    usual = SOURCES[use.source].rhythm_minutes if use.source in SOURCES else 0
    return use.silent_after_minutes or math.ceil(usual)


def state_key(use: SourceUse) -> str:
    """By what a source's state is kept: another name or other options are another source.

    Parameters
    ----------
    use : SourceUse
        As the watch names it.

    Returns
    -------
    str
        A short hash.
    """
    return short_hash(use.source, use.name, json.dumps(use.options, sort_keys=True))
