"""What the monitor knows of itself after a tick."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from crisislib.services.monitor.background import Fault


@dataclass
class MonitorState:
    """What is known after a tick.

    Attributes
    ----------
    at : datetime or None
        Wall clock of the tick; None before the first.
    seconds : float
        How long it took.
    posts : int
        New posts.
    sources : int
        Sources that were asked.
    failing : dict[str, str]
        `watch/source` → why it did not answer.
    fault_kinds : dict[str, str]
        `throttled`, `empty` or `failed` for each source that fails.
    silent : dict[str, datetime]
        `watch/source` → since when it has had nothing new.
    store_fault : str
        Why the lake cannot be written; empty where it can.
    faults : dict[str, str]
        Watch → why it could not be evaluated.
    given_up : list of str
        Notices that a channel has never taken.
    briefs_failed : list of str
        Alerts whose brief could not be written.
    tasks : dict[str, Fault]
        Background task → its failure.
    waiting : int
        Notices still to be sent.
    briefs : int
        Briefs queued or being written.
    behind_s : float
        Seconds since the evaluation of the watch whose last is the oldest.
    levels : dict[str, str]
        Watch → level.
    notes : list of str
        What the monitor noticed of itself, newest last.
    """

    at: datetime | None = None
    seconds: float = 0.0
    posts: int = 0
    sources: int = 0
    failing: dict[str, str] = field(default_factory=dict)
    fault_kinds: dict[str, str] = field(default_factory=dict)
    silent: dict[str, datetime] = field(default_factory=dict)
    store_fault: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    briefs_failed: list[str] = field(default_factory=list)
    tasks: dict[str, Fault] = field(default_factory=dict)
    """Background tasks that failed when they were last done."""
    waiting: int = 0
    briefs: int = 0
    behind_s: float = 0.0
    levels: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
