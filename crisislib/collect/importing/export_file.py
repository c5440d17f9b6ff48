"""Reading export files into a batch: open, recognise, map, validate every row, count."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from crisislib.collect.import_batch import Batch, Message
from crisislib.collect.importing import related_files
from crisislib.collect.importing.containers import ENDINGS, PACKED
from crisislib.collect.importing.decode import LEFT_OUT, SHOWN, Opened, open_files
from crisislib.collect.importing.export_parts import (
    ExportPart,
    batch_of,
    batches_in_order,
    files_of,
    groups_of,
    in_order,
    joined,
)
from crisislib.collect.importing.field_mapping import Header, options, with_mapping
from crisislib.collect.importing.layout import Layout
from crisislib.collect.importing.layout_choice import IGNORED, choose
from crisislib.collect.importing.layout_detection import known_names
from crisislib.collect.importing.layout_files import Layouts
from crisislib.collect.importing.tabular_reader import Raw, read_raw
from crisislib.collect.importing.validate_rows import ValidatedTable, validate
from crisislib.collect.source_registry import layouts_of
from crisislib.core.errors import InputError, LayoutError
from crisislib.core.i18n import N_
from crisislib.core.memory_database import session
from crisislib.core.phrase_types import BESIDE, Listing, Phrase
from crisislib.core.watch import Watch

Progress = Callable[[int, int | None], None]

MANY_FILES = N_("the folder holds more than {n} files, with those in its folders")
MOST_FILES = 20_000
"""Files of a folder: a year of a chat with fifty channels has as many; who has more has given the wrong folder."""
SAME_FILE = N_("{file} has the same content as {other} and was read once")


def read_export(
    path: Path | str | Sequence[Path | str],
    watch: Watch,
    *,
    layout: str | None = None,
    mapping: Mapping[str, str] | None = None,
    folders: Sequence[Path] = (),
    now: datetime,
) -> Batch:
    """Read one export: a file, several files that belong together, or a folder of them.

    Parameters
    ----------
    path : Path, str or sequence of these
        CSV (any delimiter, any of the field's encodings), JSON, JSON lines, XLSX or Parquet;
        gzip is undone. A folder stands for the files in it.
    watch : Watch
        Its query chooses the posts, its zone reads times without one, its language is that of the
        reasons and warnings.
    layout : str, optional
        A name of one that there is; else the columns tell.
    mapping : Mapping[str, str], optional
        Field -> column (`text`, `created`, `id`, `account`, `parent`, …), `platform`/`kind` -> column
        or `=constant`, `timezone` -> IANA name, `dates` -> mdy or dmy, and the layout's own options.
    folders : sequence of Path
        Folders with layouts of the user's own, searched before the package's. A file there that is no layout is left
        out and messages in the warnings.
    now : datetime
        UTC; `collected_at` where the export does not say, and the limit of what is future.

    Returns
    -------
    Batch
        With n_read = n_kept + n_rejected + n_duplicate + rows that do not match the query.

    Raises
    ------
    InputError
        A file is absent, empty, damaged or in an unknown encoding.
    LayoutError
        No layout fits, a needed column is not there, or the mapping is wrong.
    """
    return _read(path, watch, layout, mapping or {}, folders, now, None, apart=False)[0]


def read_exports(
    path: Path | str | Sequence[Path | str],
    watch: Watch,
    *,
    layout: str | None = None,
    mapping: Mapping[str, str] | None = None,
    folders: Sequence[Path] = (),
    now: datetime,
    progress: Progress | None = None,
) -> list[Batch]:
    """Like :func:`read_export`, one batch for each file or group of files that belong together, the oldest first.

    Parameters
    ----------
    path : Path, str or sequence of these
        Files, zips or folders.
    watch : Watch
        The watch.
    layout : str, optional
        By name; else the columns tell.
    mapping : Mapping[str, str], optional
        Field -> column.
    folders : sequence of Path
        Folders with layouts of the user's own.
    now : datetime
        UTC.
    progress : callable, optional
        Called with (rows done, rows in all or None).

    Returns
    -------
    list of Batch
        In the order in which they were collected (:func:`collection_times`), so that the state of a post is that of
        the newest file.

    Raises
    ------
    InputError, LayoutError
        As :func:`read_export`.
    """
    return _read(path, watch, layout, mapping or {}, folders, now, progress, apart=True)


def _read(
    path: Path | str | Sequence[Path | str],
    watch: Watch,
    layout: str | None,
    mapping: Mapping[str, str],
    folders: Sequence[Path],
    now: datetime,
    progress: Progress | None,
    *,
    apart: bool,
) -> list[Batch]:
    """The batches of some files: one of all, or `apart` one of each group that belongs together."""
    with ThreadPoolExecutor(1) as beside:  # reading and hashing wait for the disk while the layouts are read
        opening = beside.submit(_opened, *_files(path))
        layouts = _layouts(folders, layout)
        files, messages = opening.result()
    messages += [(IGNORED, {"file": fault.where, "why": fault.wrong}) for fault in layouts.faults]
    names = known_names(layouts) | {v.casefold() for v in mapping.values()}
    raws, unread = _raws(files, names)
    files = [replace(file, data=b"") for file in files]  # the cells are read; a large file's bytes need not stay
    pa.default_memory_pool().release_unused()
    chosen, left = choose(raws, layouts, layout, mapping, _named(path))
    messages += unread + left
    done, total = 0, sum(raw.table.num_rows for _, some in chosen for raw in some)
    if progress:
        progress(0, total)
    parts: list[ExportPart] = []
    for group in groups_of(chosen):
        mine = files_of(group, files)
        batch = batch_of(watch, group, mine, mapping) if apart else batch_of(watch, chosen, files, mapping)
        tables = []
        for one, some in group:
            tables.append(_one(one, some, watch, mapping, batch, now))
            done += sum(raw.table.num_rows for raw in some)
            if progress:
                progress(done, total)
        parts.append(ExportPart(group, mine, batch, tables))
    raws.clear()
    read = (
        batches_in_order(parts, messages, watch=watch, now=now)
        if apart
        else [joined(_ordered(parts, watch, now), messages, watch=watch, now=now, files=files)]
    )
    pa.default_memory_pool().release_unused()  # the cells; the posts stand elsewhere
    return read


def _ordered(parts: list[ExportPart], watch: Watch, now: datetime) -> list[ExportPart]:
    """Several files are so many observations; one was collected when it is read."""
    return in_order(parts, watch, now) if len(parts) > 1 else parts


def _layouts(folders: Sequence[Path], name: str | None) -> Layouts:
    """The layouts there are; an error where the one asked for is not among them."""
    layouts = layouts_of(folders)
    if name is not None and name not in layouts:
        raise next(
            (fault for fault in layouts.faults if Path(fault.where).stem == name),
            LayoutError(
                N_("there is no layout {name!r}"),
                where="layout",
                do=N_("use one of {layouts}"),
                facts={"name": name, "layouts": ", ".join(layouts)},
            ),
        )
    return layouts


def _files(path: Path | str | Sequence[Path | str]) -> tuple[dict[Path, str], list[Message]]:
    """The files that are meant, each with what was given for it, and what of a folder is none: a note, a pipe."""
    given = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path]
    found: dict[Path, str] = {}
    messages: list[Message] = []
    for one in given:
        if one.is_dir():
            inside = _inside(one)
            data = [p for p in inside if p.is_file() and _data(p)]
            found |= {p: str(one) for p in data if p not in found}
            if left := [str(p.relative_to(one)) for p in inside if p not in data]:
                messages.append((LEFT_OUT, {"file": one.name, "files": ", ".join(left[:SHOWN])}))
        else:
            found[one] = str(one)
    if not found:
        do = N_("give a CSV, JSON, XLSX or Parquet file")
        raise InputError(N_("there is no export file"), where=str(path), do=do)
    return found, messages


def _inside(folder: Path) -> list[Path]:
    """What lies in a folder and in those below it, as crawlers sort their files; links lead nowhere."""
    found: list[Path] = []
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        found += [Path(where) / name for name in sorted(names) if not name.startswith(".")]
        if len(found) > MOST_FILES:
            do = N_("give the folders that hold the export one by one")
            raise InputError(MANY_FILES, where=str(folder), do=do, facts={"n": MOST_FILES})
    return found


def _named(path: Path | str | Sequence[Path | str]) -> set[str]:
    """Names of the files that were given one by one: each is meant, whatever lies beside it."""
    given = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path]
    return {one.name for one in given if not one.is_dir()}


def _data(path: Path) -> bool:
    """Whether a file of a folder looks like data: its readme and its settings do not."""
    return path.name.lower().endswith((*ENDINGS, *PACKED))


def _opened(paths: Mapping[Path, str], notes: Sequence[Message]) -> tuple[list[Opened], list[Message]]:
    files: dict[str, Opened] = {}
    messages = list(notes)
    for path, given in paths.items():
        try:
            some, more = open_files(path)
        except InputError as fault:
            if len(paths) == 1:
                raise
            some, more = [], [(IGNORED, {"file": path.name, "why": fault.wrong})]
        messages += more
        for one in some:
            if one.sha256 in files:
                messages.append((SAME_FILE, {"file": one.path.name, "other": files[one.sha256].path.name}))
            files.setdefault(one.sha256, replace(one, given=given))
    if not files:
        whys = [Phrase(N_("{file}: {why}"), facts) for said, facts in messages if said == IGNORED]
        facts = {"what": Listing(tuple(whys), BESIDE)}
        where, do = ", ".join(path.name for path in paths), N_("see the reason beside each")
        raise InputError(N_("no file can be read: {what}"), where=where, do=do, facts=facts)
    return list(files.values()), messages


def _raws(files: Sequence[Opened], names: set[str]) -> tuple[list[Raw], list[Message]]:
    """Every table of every file; among several files, one that cannot be read is messages and left out."""
    raws: list[Raw] = []
    messages: list[Message] = []
    for file in files:
        try:
            raws += [replace(raw, digest=file.sha256, given=file.given) for raw in read_raw(file, names)]
        except InputError as fault:
            if len(files) == 1:
                raise
            messages.append((IGNORED, {"file": file.path.name, "why": fault.wrong}))
    return raws, messages


def _one(
    layout: Layout, raws: list[Raw], watch: Watch, mapping: Mapping[str, str], batch: str, now: datetime
) -> ValidatedTable:
    """Map and validate the rows of one table, or of the several that one layout joins."""
    where = ", ".join(raw.name for raw in raws)
    gaps: list[tuple[str, str]] = []
    raw = raws[0]
    with closing(session()) as db:
        if layout.parts:
            raw, gaps = related_files.join(layout, raws, options(layout, mapping, where), db)
        changed = with_mapping(layout, mapping, Header(raw.header), where)
        return validate(changed, raw, watch, batch=batch, now=now, gaps=gaps, db=db)
