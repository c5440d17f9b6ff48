"""Reading export files into a batch: open, recognise, map, validate every row, count."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from crisislib.collect.import_batch import Batch, Message, batch_id, record, rejected
from crisislib.collect.importing import related_files
from crisislib.collect.importing.containers import ENDINGS
from crisislib.collect.importing.decode import Opened, open_files
from crisislib.collect.importing.field_mapping import Header, options, with_mapping
from crisislib.collect.importing.layout import Layout
from crisislib.collect.importing.layout_detection import detect, known_names, nearest, roles
from crisislib.collect.importing.layout_files import Layouts
from crisislib.collect.importing.tabular_reader import Raw, read_raw
from crisislib.collect.importing.validate_rows import ValidatedTable, validate
from crisislib.collect.source_registry import layouts_of
from crisislib.core.errors import InputError, LayoutError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.memory_database import session
from crisislib.core.watch import Watch

Progress = Callable[[int, int | None], None]

IGNORED = N_("{file} was left out: {why}")
NO_PART = N_("{files}: left out, no part of the export {layout}")
SAME_FILE = N_("{file} has the same content as {other} and was read once")
ALMOST = N_("{file} is nearly the export {layout}, of which these columns are not there: {columns}")
SIDE = N_("its columns are of no known export")
NO_MATCH = N_("none of the rows that could be read ({n}) matches the watch's query")
NOT_MATCHING = N_(
    "{n} {n:row|rows} {n:does not match the watch's query and was|do not match the watch's query and were} left out"
)


def read_export(
    path: Path | str | Sequence[Path | str],
    watch: Watch,
    *,
    layout: str | None = None,
    mapping: Mapping[str, str] | None = None,
    folders: Sequence[Path] = (),
    now: datetime,
    progress: Progress | None = None,
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
    progress : callable, optional
        Called with (rows done, rows in all or None).

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
    layouts = layouts_of(folders)
    if layout is not None and layout not in layouts:
        raise next(
            (fault for fault in layouts.faults if Path(fault.where).stem == layout),
            LayoutError(f"there is no layout {layout!r}", where="layout", do=f"use one of {', '.join(layouts)}"),
        )
    files, messages = _opened(_files(path))
    messages += [(IGNORED, {"file": fault.where, "why": fault.what}) for fault in layouts.faults]
    names = known_names(layouts) | {v.casefold() for v in (mapping or {}).values()}
    raws, unread = _raws(files, names)
    messages += unread
    files = [replace(file, data=b"") for file in files]  # the cells are read; a large file's bytes need not stay
    pa.default_memory_pool().release_unused()
    chosen, left = _choose(raws, layouts, layout, mapping or {}, _named(path))
    messages += left
    total = sum(raw.table.num_rows for _, some in chosen for raw in some)
    if progress:
        progress(0, total)
    done, tables = 0, []
    digest = files[0].sha256 if len(files) == 1 else short_hash(*sorted(f.sha256 for f in files), length=64)
    names_read = "+".join(dict.fromkeys(lay.layout for lay, _ in chosen))
    settings = [f"{field}={column}" for field, column in sorted((mapping or {}).items())]
    batch = batch_id(watch.watch, digest, names_read, watch.query, watch.timezone, *settings)
    for one, some in chosen:
        tables.append(_one(one, some, watch, mapping or {}, batch, now))
        done += sum(raw.table.num_rows for raw in some)
        if progress:
            progress(done, total)
    batch_read = _joined(tables, chosen, files, messages, watch=watch, batch=batch, digest=digest, now=now)
    raws.clear()
    chosen.clear()
    pa.default_memory_pool().release_unused()  # the cells; the posts stand elsewhere
    return batch_read


def _files(path: Path | str | Sequence[Path | str]) -> list[Path]:
    given = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path]
    found: list[Path] = []
    for one in given:
        if one.is_dir():
            found += sorted(p for p in one.iterdir() if p.is_file() and not p.name.startswith(".") and _data(p))
        else:
            found.append(one)
    if not found:
        raise InputError("there is no export file", where=str(path), do="give a CSV, JSON, XLSX or Parquet file")
    return found


def _named(path: Path | str | Sequence[Path | str]) -> set[str]:
    """Names of the files that were given one by one: each is meant, whatever lies beside it."""
    given = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path]
    return {one.name for one in given if not one.is_dir()}


def _data(path: Path) -> bool:
    """Whether a file of a folder looks like data: its readme and its settings do not."""
    name = path.name.removesuffix(".gz").lower()
    return name.endswith((*ENDINGS, ".zip"))


def _opened(paths: Sequence[Path]) -> tuple[list[Opened], list[Message]]:
    files: dict[str, Opened] = {}
    messages: list[Message] = []
    for path in paths:
        some, more = open_files(path)
        messages += more
        for one in some:
            if one.sha256 in files:
                messages.append((SAME_FILE, {"file": one.path.name, "other": files[one.sha256].path.name}))
            files.setdefault(one.sha256, one)
    return list(files.values()), messages


def _raws(files: Sequence[Opened], names: set[str]) -> tuple[list[Raw], list[Message]]:
    """Every table of every file; among several files, one that cannot be read is messages and left out."""
    raws: list[Raw] = []
    messages: list[Message] = []
    for file in files:
        try:
            raws += read_raw(file, names)
        except InputError as fault:
            if len(files) == 1:
                raise
            messages.append((IGNORED, {"file": file.path.name, "why": fault.what}))
    return raws, messages


Chosen = list[tuple[Layout, list[Raw]]]


def _choose(
    raws: Sequence[Raw], layouts: Layouts, name: str | None, mapping: Mapping[str, str], named: Collection[str] = ()
) -> tuple[Chosen, list[Message]]:
    """Which layout reads which tables; a file in `named` is read for itself, also beside an export of several parts."""
    own_first = sorted(layouts.items(), key=lambda item: item[0] not in layouts.own)
    for layout in [layouts[name]] if name else [layout for _, layout in own_first]:
        if layout.parts and (found := roles(layout, raws)) is not None:
            kept = [raw for some in found.values() for raw in some]
            others = [raw for raw in raws if all(raw is not k for k in kept)]
            asked = [] if name else [raw for raw in others if raw.name in named]
            out = ", ".join(raw.name for raw in others if all(raw is not a for a in asked))
            messages: list[Message] = [(NO_PART, {"files": out, "layout": layout.layout})] if out else []
            more, left = _each(asked, layouts, mapping) if asked else ([], [])
            return [(layout, kept), *more], messages + left
    if name and layouts[name].parts:
        needed = {part: spec.fingerprint for part, spec in layouts[name].parts.items() if not spec.optional}
        raise LayoutError(
            f"layout {name!r} needs files with these columns: {needed}",
            where=", ".join(r.name for r in raws),
            do="give all its files together, or their folder",
        )
    if name:
        return [(layouts[name], [raw]) for raw in raws], []
    chosen, left = _each(raws, layouts, mapping, alone=len(raws) == 1)
    return _specific(chosen, left, [raw.name for raw in raws], named)


def _each(
    raws: Sequence[Raw], layouts: Layouts, mapping: Mapping[str, str], *, alone: bool = False
) -> tuple[Chosen, list[Message]]:
    """The layout of each table by itself; one of several that none fits is a message."""
    chosen: Chosen = []
    messages: list[Message] = []
    for raw in raws:
        try:
            layout = detect(raw, layouts, layouts.own)
            chosen.append((layout, [raw]))
            like, missing = nearest(raw.header, layouts) if layout.last else ("", [])
            if like and not mapping:
                messages.append((ALMOST, {"file": raw.name, "layout": like, "columns": ", ".join(missing)}))
        except LayoutError as fault:
            if mapping:
                chosen.append((layouts["generic"], [raw]))
            elif alone:
                raise
            else:
                messages.append((IGNORED, {"file": raw.name, "why": fault.what}))
    return chosen, messages


def _specific(
    chosen: Chosen, messages: list[Message], names: list[str], named: Collection[str]
) -> tuple[Chosen, list[Message]]:
    """Beside tables that a layout knows, one that only the general layout takes is a side table, unless `named`."""
    if not chosen:
        raise LayoutError(
            "no file here fits a known export layout",
            where=", ".join(names),
            do="add --map text=COLUMN --map created=COLUMN with columns of the file",
        )
    if any(not layout.last for layout, _ in chosen) and any(layout.last for layout, _ in chosen):
        side = {some[0].name for layout, some in chosen if layout.last} - {*named}
        messages += [(IGNORED, {"file": name, "why": SIDE}) for name in sorted(side)]
        chosen = [(layout, some) for layout, some in chosen if not layout.last or some[0].name not in side]
    return chosen, messages


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


def _joined(
    tables: Sequence[ValidatedTable],
    chosen: Chosen,
    files: Sequence[Opened],
    messages: list[Message],
    *,
    watch: Watch,
    batch: str,
    digest: str,
    now: datetime,
) -> Batch:
    """One batch of all that was read."""
    counts = {name: sum(j.counts[name] for j in tables) for name in ("n_read", "n_kept", "n_rejected", "n_duplicate")}
    missed = counts["n_read"] - counts["n_kept"] - counts["n_rejected"] - counts["n_duplicate"]
    messages = [*messages, *(s for j in tables for s in j.messages)]
    if missed:
        messages.append((NO_MATCH, {"n": missed}) if not counts["n_kept"] else (NOT_MATCHING, {"n": missed}))
    layout = "+".join(dict.fromkeys(lay.layout for lay, _ in chosen))
    rows = [(no, col, why, cells) for j in tables for no, col, why, cells in j.rejects]
    spans = [j.span for j in tables if j.span[0] is not None]
    return Batch(
        posts=pa.concat_tables([j.posts for j in tables]),
        accounts=pa.concat_tables([j.accounts for j in tables]),
        rejects=rejected(rows, watch.language),
        record=record(
            batch=batch,
            now=now,
            watch=watch.watch,
            language=watch.language,
            source=layout,
            file=", ".join(f.path.name for f in files),
            sha256=digest,
            layout=layout,
            counts=counts,
            span=(min(s[0] for s in spans), max(s[1] for s in spans)) if spans else (None, None),  # type: ignore[type-var]
            messages=messages,
            ok=counts["n_kept"] > 0,
            gaps=[g for j in tables for g in j.gaps],
        ),
    )
