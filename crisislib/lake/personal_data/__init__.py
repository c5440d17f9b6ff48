"""Personal data: every store that can hold a person, and how it is shown, erased and expired.

Tables with their logs and older versions, rejected rows, models' states, journals, reports: each is one entry of
:data:`STORES`. A new kind of file below the lake or the reports folder is searched without being named here.
"""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.lake.personal_data.person import Person, identify
    from crisislib.lake.personal_data.personal_store import IncrementalState, Place, Removal, Store
    from crisislib.lake.personal_data.store_registry import STORES, erase, expire, export, find_person

__all__ = [
    "STORES",
    "IncrementalState",
    "Person",
    "Place",
    "Removal",
    "Store",
    "erase",
    "expire",
    "export",
    "find_person",
    "identify",
]

resolve_lazily(__name__)
