"""The outside world into POSTS and ACCOUNTS: export files by layout, live sources by name."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.collect.import_batch import Batch, write_rejects
    from crisislib.collect.importing.export_file import read_export, read_exports
    from crisislib.collect.importing.layout_proposal import Proposal, layout_name, layout_text, propose_layout
    from crisislib.collect.importing.plain_table import read_table
    from crisislib.collect.source_registry import LAYOUTS, layouts_of
    from crisislib.collect.sources.source_table import SOURCES, check_use, fetch
    from crisislib.collect.sources.watch_query import own_query, queries_asked

__all__ = [
    "LAYOUTS",
    "SOURCES",
    "Batch",
    "Proposal",
    "check_use",
    "fetch",
    "layout_name",
    "layout_text",
    "layouts_of",
    "own_query",
    "propose_layout",
    "queries_asked",
    "read_export",
    "read_exports",
    "read_table",
    "write_rejects",
]

resolve_lazily(__name__)
