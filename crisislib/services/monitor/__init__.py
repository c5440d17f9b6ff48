"""Around the clock: collects, labels, measures, decides and tells, for many watches, whatever happens to machines."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.services.monitor.clock import Clock, Jump
    from crisislib.services.monitor.process import serve
    from crisislib.services.monitor.service import Monitor
    from crisislib.services.monitor.tick import Tick

__all__ = ["Clock", "Jump", "Monitor", "Tick", "serve"]

resolve_lazily(__name__)
