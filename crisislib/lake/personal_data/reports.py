"""Reports as a store of personal data: pages, executed notebooks, manifests."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crisislib.lake.personal_data.person import Person
from crisislib.lake.personal_data.personal_store import Place, Removal
from crisislib.lake.personal_data.stored_text import files_below, texts_of

QUOTING, OLD = "report that quotes it", "reports"
MANIFEST = "manifest.json"


class Reports:
    """Folders of reports. One that quotes a person goes as a whole.

    A page with words blacked out would no longer be what its manifest says it is.
    """

    name = "reports"

    def erase(self, place: Place, person: Person, *, quotes: bool, dry_run: bool) -> list[Removal]:
        """List the reports that quote the person; delete them where `quotes` agrees to it.

        Parameters as for :meth:`.Store.erase`; with `quotes`, reports that quote the person are deleted whole.

        Returns
        -------
        list of Removal
            One a report, each with `quotes` true.
        """
        result = []
        for unit in _units(place):
            files = files_below(unit) if unit.is_dir() else [unit]
            if any(person.traces.holds(t) for p in files for t in texts_of(p.name, p.read_bytes())):
                result.append(Removal(self.name, unit.relative_to(place.reports).as_posix(), QUOTING, 1, quotes=True))
                if quotes and not dry_run:
                    _remove(unit)
        return result

    def expire(self, place: Place, watch: str, before: datetime, *, dry_run: bool) -> list[Removal]:
        """Remove the watch's reports that were made, or whose window ended, before an instant.

        Parameters as for :meth:`.Store.expire`; the instant is the end of the report's
        window, or the time of making where it has none.

        Returns
        -------
        list of Removal
            At most one, with the number of reports.
        """
        mine = [u for u in _units(place) if u.relative_to(place.reports).parts[0] == watch]
        old = [u for u in mine if _at(u) < before]
        for unit in old if not dry_run else ():
            _remove(unit)
        return [Removal(self.name, watch, OLD, len(old))] if old else []

    def export(self, place: Place, person: Person) -> dict[str, list[dict[str, Any]]]:
        """Which reports quote the person.

        Parameters as for :meth:`.Store.export`.

        Returns
        -------
        dict[str, list of dict]
            `{"reports": [{"report": path}]}`, or empty.
        """
        quoting = self.erase(place, person, quotes=False, dry_run=True)
        return {"reports": [{"report": r.where} for r in quoting]} if quoting else {}


def _units(place: Place) -> list[Path]:
    """Folders with a manifest, or that a broken run has left; and files that lie in none.

    Where the lake lies below the reports the folder is somebody's own: nothing loose is ours there.
    """
    root, lake = place.reports, place.lake.root.resolve()
    shared = root.resolve() in lake.parents
    files = [p for p in files_below(root) if not shared or lake not in p.resolve().parents]
    folders = {p.parent for p in files if p.name == MANIFEST} | {
        q for p in files for q in p.parents if q.name.startswith(".report-") and root in q.parents
    }
    single = [p for p in files if not any(f in p.parents for f in folders)]
    return [*sorted(folders - {root}), *(single if not shared else ())]


def _at(unit: Path) -> datetime:
    """When a report was made, or when its window ended, if that is earlier."""
    made = datetime.fromtimestamp(unit.stat().st_mtime, UTC)
    manifest = unit / MANIFEST
    if manifest.is_file():
        try:
            about = json.loads(manifest.read_text(encoding="utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError):
            return made
        times = [datetime.fromisoformat(about[k]) for k in ("made_at", "until") if about.get(k)]
        return min([t.replace(tzinfo=t.tzinfo or UTC) for t in times], default=made)
    return made


def _remove(unit: Path) -> None:
    shutil.rmtree(unit) if unit.is_dir() else unit.unlink()
