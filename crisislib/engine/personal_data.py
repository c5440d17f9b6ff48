"""What is stored about a person, erasure, and retention, over everything that a workbench writes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

from crisislib.core.atomic_files import replace_file
from crisislib.core.errors import LakeError, ModelError
from crisislib.core.i18n import N_
from crisislib.engine.breach_people import accounts_with
from crisislib.engine.home import Home
from crisislib.engine.pseudonyms import CONTACT, pseudonym_of
from crisislib.lake import personal_data as stores
from crisislib.lake.personal_data import IncrementalState, Person, Removal
from crisislib.nlp.duplicates import expire as expire_narratives
from crisislib.nlp.duplicates import forget as forget_narratives

__all__ = ["Removal", "erase", "expire", "export_person", "find_person", "source_files"]


def find_person(home: Home, account_id: str) -> tuple[Person, list[Removal]]:
    """What is stored about an account, as an erasure would remove it; changes nothing.

    Parameters
    ----------
    home : Home
        Lake and reports.
    account_id : str
        `platform:id`.
    """
    person, found = stores.find_person(_place(home), account_id)
    for hidden in _hidden(home, account_id):
        behind, more = stores.find_person(_place(home), hidden)
        person, found = person if person.posts else behind, list(dict.fromkeys(found + more))
    return person, found


def source_files(home: Home, person: Person) -> list[str]:
    """Names of the export files that brought a person; they are the user's own and stay as they are.

    Parameters
    ----------
    home : Home
        The workbench.
    person : Person
        Account, names, posts and batches.

    Returns
    -------
    list of str
        Sorted file names.
    """
    records = home.lake.arrow("BATCHES").to_pylist()
    return sorted({r["file"] for r in records if r["batch_id"] in person.batches and r["file"]})


def export_person(home: Home, account_id: str, file: Path) -> int:
    """Write what is stored about an account as JSON, for the person.

    Parameters
    ----------
    home : Home
        The workbench.
    account_id : str
        `platform:id`.
    file : Path
        The JSON file; replaced where it exists.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    places = stores.export(_place(home), account_id)
    for hidden in _hidden(home, account_id):
        for name, more in stores.export(_place(home), hidden).items():
            known = places.get(name)
            places[name] = {**known, **more} if isinstance(known, dict) else known or more
    replace_file(file, json.dumps(places, ensure_ascii=False, indent=2, default=str))
    return sum(len(rows) for places in places.values() if isinstance(places, dict) for rows in places.values())


def erase(home: Home, account_id: str, *, quotes: bool, wait_s: float) -> list[Removal]:
    """Erase an account everywhere; see :func:`crisislib.lake.personal_data.erase`.

    Parameters
    ----------
    home : Home
        The workbench.
    account_id : str
        `platform:id`.
    quotes : bool
        Whether what others say of the person is removed too.
    wait_s : float
        Seconds to wait for other sessions to end.

    Returns
    -------
    list of Removal
        What was removed, store by store.

    Raises
    ------
    LakeError
        Another session is still at work.
    """
    behind = _hidden(home, account_id)  # before the lists that lead to them are changed
    removed = stores.erase(_place(home), account_id, quotes=quotes, wait_s=wait_s)
    for hidden in behind:
        removed += stores.erase(_place(home), hidden, quotes=quotes, wait_s=wait_s)
    return removed


def expire(home: Home, watch: str, before: datetime, *, dry_run: bool, wait_s: float) -> list[Removal]:
    """Retention of a watch everywhere; see :func:`crisislib.lake.personal_data.expire`.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : str
        Name of the watch.
    before : datetime
        Event time before which is removed.
    dry_run : bool
        Change nothing and return what would be removed.
    wait_s : float
        Seconds to wait for other sessions to end.

    Returns
    -------
    list of Removal
        What was removed, store by store.

    Raises
    ------
    LakeError
        Another session is still at work.
    """
    return stores.expire(_place(home), watch, before, dry_run=dry_run, wait_s=wait_s)


def _hidden(home: Home, account_id: str) -> list[str]:
    """Under which hashes a person is stored; an affected person has that of one of several contacts."""
    own = pseudonym_of(home, account_id)
    platform, _, contact = account_id.partition(":")
    others = accounts_with(home, contact) if platform == CONTACT else []
    return [] if own is None else list(dict.fromkeys([own, *others]))


def _place(home: Home) -> stores.Place:
    """What is searched and cleared: files of this machine; of a store, older versions and others' caches would stay."""
    if home.lake.address:
        raise LakeError(
            N_("personal data of a lake on an object store cannot be searched or removed in place"),
            where=home.lake.address,
            do=N_(
                "stop what writes to it; crisis lake copy ADDRESS FOLDER; do this with --lake FOLDER; copy it to a new "
                "address, and delete the old one with all versions of the bucket"
            ),
        )
    return stores.Place(home.lake, home.reports, {"narratives": IncrementalState(_forget, _expire)})


def _forget(folder: Path, watch: str, post_ids: Collection[str]) -> int:
    return _or_remove(folder, lambda: forget_narratives(folder, watch, post_ids))


def _expire(folder: Path, watch: str, before: datetime, dry_run: bool) -> int:
    return _or_remove(folder, lambda: expire_narratives(folder, watch, before, dry_run=dry_run), dry_run=dry_run)


def _or_remove(folder: Path, work: Callable[[], int], *, dry_run: bool = False) -> int:
    """A state that another version wrote cannot be read by any of us: it goes, and is made anew."""
    try:
        return work()
    except ModelError:
        if not dry_run:
            shutil.rmtree(folder)
        return 1
