"""Which layout reads which of several tables: parts of one export together, the others each for itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from crisislib.collect.import_batch import Message
from crisislib.collect.importing.layout import Layout
from crisislib.collect.importing.layout_detection import detect, nearest, roles
from crisislib.collect.importing.layout_files import Layouts
from crisislib.collect.importing.tabular_reader import Raw
from crisislib.core.errors import LayoutError
from crisislib.core.i18n import N_

IGNORED = N_("{file} was left out: {why}")
NO_PART = N_("{files}: left out, no part of the export {layout}")
ALMOST = N_("{file} is nearly the export {layout}, of which these columns are not there: {columns}")
SIDE = N_("its columns are of no known export")

Chosen = list[tuple[Layout, list[Raw]]]
"""Layouts, each with the tables that it reads."""


def choose(
    raws: Sequence[Raw], layouts: Layouts, name: str | None, mapping: Mapping[str, str], named: Collection[str] = ()
) -> tuple[Chosen, list[Message]]:
    """Which layout reads which tables.

    Parameters
    ----------
    raws : sequence of Raw
        All tables of all files.
    layouts : Layouts
        Those that there are.
    name : str or None
        The layout that was asked for.
    mapping : Mapping[str, str]
        As the user gave it.
    named : collection of str
        Files that were given by name: each is read for itself, also beside an export of several parts.

    Raises
    ------
    LayoutError
        No table fits a layout, or a part of the layout that was asked for is not there.
    """
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
            N_("layout {name!r} needs files with these columns: {needed}"),
            where=", ".join(r.name for r in raws),
            do=N_("give all its files together, or their folder"),
            facts={"name": name, "needed": needed},
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
                messages.append((IGNORED, {"file": raw.name, "why": fault.wrong}))
    return chosen, messages


def _specific(
    chosen: Chosen, messages: list[Message], names: list[str], named: Collection[str]
) -> tuple[Chosen, list[Message]]:
    """In an archive, database or folder with a known table, one that only the general layout takes is left out."""
    if not chosen:
        raise LayoutError(
            N_("no file here fits a known export layout"),
            where=", ".join(names),
            do=N_("add --map text=COLUMN --map created=COLUMN with columns of the file"),
        )
    known = {raw.given for layout, some in chosen if not layout.last for raw in some}
    side = {some[0].name for layout, some in chosen if layout.last and some[0].given in known} - {*named}
    messages += [(IGNORED, {"file": name, "why": SIDE}) for name in sorted(side)]
    chosen = [(layout, some) for layout, some in chosen if not layout.last or some[0].name not in side]
    return chosen, messages
