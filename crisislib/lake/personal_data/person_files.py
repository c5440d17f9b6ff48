"""Models, states of sources, journals and logs beside the tables, as a store of personal data."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crisislib.core.atomic_files import replace_file
from crisislib.lake.personal_data.person import Person
from crisislib.lake.personal_data.personal_store import IncrementalState, Place, Removal
from crisislib.lake.personal_data.stored_text import files_below, is_journal, texts_of

LINES_OF, NAMING, FILES = "lines", "file that names it", "files"
STATE, POSTS = "model that the next run makes anew", "remembered posts"
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?")


class Artifacts:
    """Models, states of sources, journals and logs below `artifacts`."""

    name = "artifacts"

    def erase(self, place: Place, person: Person, *, quotes: bool, dry_run: bool) -> list[Removal]:
        """Let incremental states forget, cut lines from journals, redact JSON; any other file with traces is deleted.

        Parameters as for :meth:`.Store.erase`; `quotes` is not used: artefacts are
        derived, so that traces in them always go.

        Returns
        -------
        list of Removal
            What was, or would be, removed from each file.
        """
        result = []
        for folder, state in _states(place):
            n = len(_posts_named(folder, person))
            result += [Removal(self.name, place.below(folder), POSTS, n)] if n else []
            if n and not dry_run:
                state.erase(folder, _watch_of(folder), person.posts)
                # Generations that a kill has left beside the present one.
                for path in _posts_named(folder, person).values():
                    shutil.rmtree(path.parent, ignore_errors=True)
        for path in _others(place):
            if path.exists():
                result += self._erase_file(place, path, person, dry_run=dry_run)
        return result

    def _erase_file(self, place: Place, path: Path, person: Person, *, dry_run: bool) -> list[Removal]:
        data, where = path.read_bytes(), place.below(path)
        if not any(person.traces.holds(text) for text in texts_of(path.name, data)):
            return []
        if is_journal(path):
            lines = data.decode("utf-8", "replace").splitlines(keepends=True)
            remaining = [line for line in lines if not person.traces.holds(line)]
            if not dry_run:
                replace_file(path, "".join(remaining))
            return [Removal(self.name, where, LINES_OF, len(lines) - len(remaining))]
        if path.suffix == ".json":
            if not dry_run:
                _scrub_file(path, data, person)
            return [Removal(self.name, where, NAMING, 1)]
        model = _model_of(path, place)
        if not dry_run:
            shutil.rmtree(model) if model else path.unlink()
        return [Removal(self.name, place.below(model or path), STATE if model else FILES, 1)]

    def expire(self, place: Place, watch: str, before: datetime, *, dry_run: bool) -> list[Removal]:
        """Let the watch's states forget posts from before an instant, and cut its older lines from journals.

        Parameters as for :meth:`.Store.expire`; the instant is the event time of posts and the time of lines.

        Returns
        -------
        list of Removal
            One for each state or journal that holds something as old.
        """
        result = []
        for folder, state in _states(place):
            if _watch_of(folder) == watch:
                n = state.expire(folder, watch, before, dry_run)
                result += [Removal(self.name, place.below(folder), POSTS, n)] if n else []
        own = place.lake.root / "artifacts" / watch / "listen"
        for path in [p for p in _others(place) if is_journal(p)]:
            if own in path.parents and path.stat().st_mtime < before.timestamp():
                result.append(Removal(self.name, place.below(path), FILES, 1))
                if not dry_run:
                    path.unlink()
                continue
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
            remaining = _newer(lines, "" if own in path.parents else watch, before)
            if len(remaining) < len(lines):
                result.append(Removal(self.name, place.below(path), LINES_OF, len(lines) - len(remaining)))
                if not dry_run:
                    replace_file(path, "".join(remaining))
        return result

    def export(self, place: Place, person: Person) -> dict[str, list[dict[str, Any]]]:
        """The lines of journals that are about the person; states hold numbers, nothing that can be read.

        Parameters as for :meth:`.Store.export`.

        Returns
        -------
        dict[str, list of dict]
            File below the workbench → `{"line": …}`.
        """
        result = {}
        for path in [p for p in _others(place) if is_journal(p)]:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            about = [{"line": line} for line in lines if person.traces.holds(line)]
            if about:
                result[place.below(path)] = about
        return result


def _scrub_file(path: Path, data: bytes, person: Person) -> None:
    """JSON without a person; a file that is none is of no use to anybody and goes."""
    try:
        node = json.loads(data)
    except (json.JSONDecodeError, UnicodeDecodeError):
        path.unlink()
        return
    replace_file(path, json.dumps(person.traces.scrub_json(node), ensure_ascii=False))


def _states(place: Place) -> Iterator[tuple[Path, IncrementalState]]:
    """Folders of models that know how to forget."""
    for folder in sorted(place.lake.root.glob("artifacts/*/models/*")):
        if folder.name in place.states and folder.is_dir():
            yield folder, place.states[folder.name]


def _others(place: Place) -> list[Path]:
    """Every other file below `artifacts`, but for locks, which are empty or hold a number."""
    root = place.lake.root / "artifacts"
    own = [folder for folder, _ in _states(place)]
    files = [p for p in files_below(root) if p.relative_to(root).parts[0] != "locks"]
    return [p for p in files if not any(folder in p.parents for folder in own)]


def _posts_named(folder: Path, person: Person) -> dict[str, Path]:
    """Which of the person's posts the files of a state name, and where."""
    named = ((text, path) for path in files_below(folder) for text in texts_of(path.name, path.read_bytes()))
    return {text: path for text, path in named if text in person.posts}


def _watch_of(folder: Path) -> str:
    """The watch of `artifacts/WATCH/models/NAME`."""
    return folder.parent.parent.name


def _model_of(path: Path, place: Place) -> Path | None:
    """The folder `artifacts/WATCH/models/NAME` that a file belongs to."""
    parts = path.relative_to(place.lake.root / "artifacts").parts
    return place.lake.root.joinpath("artifacts", *parts[:3]) if len(parts) > 3 and parts[1] == "models" else None


def _newer(lines: list[str], watch: str, before: datetime) -> list[str]:
    """Lines that do not speak of a watch at a time before an instant; one without a time goes with the one above.

    With an empty watch every line speaks of it: a folder of its own has the posts that were sent and not stored.
    """
    remaining, old = [], False
    for line in lines:
        result = _STAMP.search(line)
        if result is not None:
            old = watch in line and datetime.fromisoformat(result[0]).replace(tzinfo=UTC) < before
        if not old:
            remaining.append(line)
    return remaining
