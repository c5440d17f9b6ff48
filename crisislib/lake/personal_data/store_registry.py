"""The stores that can hold a person, and what is done with all of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crisislib.lake.personal_data.person import Person, identify
from crisislib.lake.personal_data.person_files import Artifacts
from crisislib.lake.personal_data.person_tables import Tables
from crisislib.lake.personal_data.personal_store import Place, Removal, Store
from crisislib.lake.personal_data.rejected_rows import Rejects
from crisislib.lake.personal_data.reports import Reports

STORES: tuple[Store, ...] = (Reports(), Artifacts(), Rejects(), Tables())
"""In the order of erasure: the tables, by which a person is recognised, come last, so that a killed one can go on."""
WAIT_S = 10.0
"""Seconds that runs and imports under way are waited for, when the caller names no other time."""


def find_person(place: Place, account_id: str) -> tuple[Person, list[Removal]]:
    """What is stored about an account, as an erasure would remove it; changes nothing.

    Parameters
    ----------
    place : Place
        The workbench.
    account_id : str
        `platform:id`.

    Returns
    -------
    tuple of Person and list of Removal
        The person (the id alone where it is not known), and what :func:`erase` would remove.
    """
    person = identify(place.lake, account_id)
    return person, [result for s in STORES for result in s.erase(place, person, quotes=True, dry_run=True)]


def export(place: Place, account_id: str) -> dict[str, Any]:
    """What is stored about an account, for the person: each store, each place, its rows.

    Parameters
    ----------
    place : Place
        The workbench.
    account_id : str
        `platform:id`.

    Returns
    -------
    dict[str, Any]
        `account_id`, `names`, and for each store with something place → rows; JSON values only.
    """
    person = identify(place.lake, account_id)
    places = {s.name: s.export(place, person) for s in STORES}
    return {"account_id": account_id, "names": sorted(person.names), **{k: v for k, v in places.items() if v}}


def erase(place: Place, account_id: str, *, quotes: bool, wait_s: float = WAIT_S) -> list[Removal]:
    """Erase an account from every store, with older versions of the tables, which places it.

    Older reports can then not be made again: erasure of a person's data goes before reproducibility.

    Parameters
    ----------
    place : Place
        Lake and reports.
    account_id : str
        `platform:id`.
    quotes : bool
        Whether to redact what others wrote of the account, and to remove reports that quote it.
    wait_s : float
        Seconds to wait for others that are writing.

    Returns
    -------
    list of Removal
        What was removed; what was left because `quotes` is off has its `quotes` set.

    Raises
    ------
    LakeError
        A monitor, a run or an import is at work.
    """
    with place.lake.locks.alone(wait_s=wait_s):
        place.lake.locks.outdate()
        person = identify(place.lake, account_id)
        return [result for s in STORES for result in s.erase(place, person, quotes=quotes, dry_run=False)]


def expire(
    place: Place, watch: str, before: datetime, *, dry_run: bool = False, wait_s: float = WAIT_S
) -> list[Removal]:
    """Retention: remove what a watch holds from before an instant, from every store.

    Parameters
    ----------
    place : Place
        Lake and reports.
    watch : str
        Name of the watch.
    before : datetime
        What is older goes.
    dry_run : bool
        Only say what would go.
    wait_s : float
        Seconds to wait for others that are writing.

    Returns
    -------
    list of Removal

    Raises
    ------
    LakeError
        A monitor, a run or an import is at work.
    """
    if dry_run:
        return [result for s in STORES for result in s.expire(place, watch, before, dry_run=True)]
    with place.lake.locks.alone(wait_s=wait_s):
        return [result for s in STORES for result in s.expire(place, watch, before, dry_run=False)]
