"""What a report is asked for in words: a time, a state of the tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.tables import TABLES
from crisislib.lake import AsOf

if TYPE_CHECKING:
    pass


def parse_time(value: str | datetime | None, *, what: str = "time") -> datetime | None:
    """An instant from ISO 8601.

    Parameters
    ----------
    value : str or datetime, optional
        UTC where it names no zone.
    what : str
        Name of the argument, for the error.

    Returns
    -------
    datetime or None
        With a zone; None where the value is empty.

    Raises
    ------
    InputError
        The text is no time.
    """
    if value is None or value == "":
        return None
    try:
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except ValueError as fault:
        raise InputError(
            N_("{value!r} is not a time"),
            where=what,
            do=N_("write it like 2026-03-01 or 2026-03-01T12:00Z"),
            facts={"value": value},
        ) from fault
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def parse_as_of(value: AsOf | str | Path) -> AsOf:
    """What `as_of` means: nothing, an instant, versions per table, or the manifest that names them.

    Parameters
    ----------
    value : str, Path, datetime, mapping or None
        A time in ISO 8601, JSON, a path to a manifest, or what it stands for.

    Returns
    -------
    datetime, dict of str to int, or None
        None means the present.

    Raises
    ------
    InputError
        It is none of these, or a manifest without versions.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value
    if isinstance(value, str | Path):
        text = str(value).strip()
        if text.startswith("{"):
            return manifest_versions(json.loads(text))
        if Path(text).is_file():
            return manifest_versions(json.loads(Path(text).read_text(encoding="utf-8")))
        return parse_time(text, what="as_of: neither a time nor a manifest file")
    return dict(value)


def manifest_versions(manifest: dict[str, object]) -> dict[str, int]:
    """Versions per table out of a manifest.

    Parameters
    ----------
    manifest : dict
        A manifest with the entry `data`, or the versions themselves.

    Returns
    -------
    dict of str to int
        Table to version.

    Raises
    ------
    InputError
        There are no table versions in it.
    """
    versions = manifest.get("data", manifest)
    if not isinstance(versions, dict) or not all(k in TABLES and isinstance(v, int) for k, v in versions.items()):
        raise InputError(
            N_("no table versions in it"), where="as_of", do=N_("give a manifest.json that a report has written")
        )
    return dict(versions)
