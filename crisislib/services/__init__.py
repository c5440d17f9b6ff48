"""Drivers of the engine: batch runs, the demonstration, the monitor, the scheduler, the dashboards' server."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.services.batch import run
    from crisislib.services.dashboards_server import (
        lab_command,
        lab_environment,
        taken,
        voila_command,
        voila_environment,
    )
    from crisislib.services.demonstration import demo, demonstration_options
    from crisislib.services.jobs import scheduled
    from crisislib.services.publish import print_pdf, report
    from crisislib.services.templates import write_template
    from crisislib.services.watch_files import readable_watches
    from crisislib.services.workspace import create_workspace

__all__ = [
    "create_workspace", "demo", "demonstration_options", "lab_command", "lab_environment", "print_pdf",
    "readable_watches", "report", "run", "scheduled", "taken", "voila_command", "voila_environment", "write_template",
]  # fmt: skip

resolve_lazily(__name__)
