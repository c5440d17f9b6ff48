"""Rejected rows as a store of personal data."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crisislib.core.atomic_files import replace_file
from crisislib.lake.personal_data.person import Person
from crisislib.lake.personal_data.person_files import FILES
from crisislib.lake.personal_data.personal_store import Place, Removal
from crisislib.lake.personal_data.stored_text import files_below

ROWS = "rejected rows"


class Rejects:
    """CSV files of rows that could not be imported."""

    name = "rejects"

    def erase(self, place: Place, person: Person, *, quotes: bool, dry_run: bool) -> list[Removal]:
        """Delete every rejected row that holds a trace of the person; a file without rows left is removed.

        Parameters as for :meth:`.Store.erase`; `quotes` is not used: a rejected row is nobody's report.

        Returns
        -------
        list of Removal
            One for each file with such rows, with their number.
        """
        result = []
        for path in files_below(place.lake.root / "rejects"):
            header, rows = _read(path)
            remaining = [r for r in rows if not _betrays(r, person)]
            if len(remaining) == len(rows):
                continue
            result.append(Removal(self.name, place.below(path), ROWS, len(rows) - len(remaining)))
            if not dry_run:
                _write(path, header, remaining)
        return result

    def expire(self, place: Place, watch: str, before: datetime, *, dry_run: bool) -> list[Removal]:
        """Remove files of the watch's imports from before an instant, and of imports that have no record.

        Parameters as for :meth:`.Store.expire`; the instant is the time of the import;
        for a file without a record, its time of change.

        Returns
        -------
        list of Removal
            At most one, with the number of files.
        """
        batches = place.lake.arrow("BATCHES", present=False).select(["batch_id", "watch", "at"]).to_pylist()
        known = {f"rejects-{b['batch_id']}.csv": b for b in batches}
        old = []
        for path in files_below(place.lake.root / "rejects"):
            batch = known.get(path.name)
            at = batch["at"] if batch else datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if at < before and (batch is None or batch["watch"] == watch):
                old.append(path)
        for path in old if not dry_run else ():
            path.unlink()
        return [Removal(self.name, "rejects", FILES, len(old))] if old else []

    def export(self, place: Place, person: Person) -> dict[str, list[dict[str, Any]]]:
        """The rejected rows that are about the person.

        Parameters as for :meth:`.Store.export`.

        Returns
        -------
        dict[str, list of dict]
            File below the workbench → rows as column → value.
        """
        result = {}
        for path in files_below(place.lake.root / "rejects"):
            header, rows = _read(path)
            about = [dict(zip(header, r, strict=False)) for r in rows if _betrays(r, person)]
            if about:
                result[place.below(path)] = about
        return result


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV file."""
    csv.field_size_limit(2**31 - 1)  # a rejected row is as long as its sender liked
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig", errors="replace"), newline="")))
    return (rows[0], rows[1:]) if rows else ([], [])


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    if not rows:
        path.unlink()
        return
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    replace_file(path, text.getvalue().encode("utf-8-sig"))


def _betrays(row: list[str], person: Person) -> bool:
    """Whether a rejected row is about the person: also by a value that is nothing but a name, whatever it is."""
    names = {n.casefold() for n in person.traces.names}
    for cell in row:
        if person.traces.holds(cell) or person.traces.scrub(cell) != cell:
            return True
        try:
            values = json.loads(cell) if cell[:1] == "{" else {}
        except json.JSONDecodeError:
            continue
        if any(isinstance(v, str) and v.strip().lstrip("@").casefold() in names for v in values.values()):
            return True
    return False
