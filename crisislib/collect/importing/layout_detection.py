"""Which layout a table of text is, by its column names; never by its file name."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from crisislib.collect.importing.column_roles import commonly_named
from crisislib.collect.importing.general_table import readable
from crisislib.collect.importing.layout import Layout, key
from crisislib.collect.importing.tabular_reader import Raw
from crisislib.core.errors import LayoutError
from crisislib.core.i18n import N_

ALIKE = 0.6
"""Share of a fingerprint that must be there to call a table like a known export: less is chance."""


def known_names(layouts: Mapping[str, Layout]) -> set[str]:
    """Every column name that some layout knows.

    Parameters
    ----------
    layouts : Mapping of str to Layout
        By name.
    """
    return set().union(*(layout.names for layout in layouts.values()))


def detect(raw: Raw, layouts: Mapping[str, Layout], own: Container[str] = ()) -> Layout:
    """The layout whose fingerprint is in the header; of several, the user's own, then the one that knows most columns.

    Parameters
    ----------
    raw : Raw
        A table.
    layouts : Mapping of str to Layout
        By name.
    own : container of str
        Names of the user's own, which go first.

    Raises
    ------
    LayoutError
        None fits; says which comes nearest and which of its columns is not there.
    """
    header = {key(name) for name in raw.header}
    fitting = [layout for layout in layouts.values() if fits(layout, header)]
    if not fitting and readable(raw.header, raw.table):
        return layouts["generic"]
    if not fitting:
        name, missing = nearest(raw.header, layouts)
        raise LayoutError(
            N_("no export layout fits; nearest is {name!r}, of which the column {missing} is not there")
            if name
            else N_("no known export layout has these columns, and no column looks like a time and a text"),
            where=raw.name,
            do=N_(
                "add --ask, which proposes what each column is; or, if a column was renamed or moved, "
                "add --map text=COLUMN --map created=COLUMN with columns of {shown}"
            ),
            facts={"name": name, "missing": missing, "shown": _shown(raw.header)},
        )
    return max(
        fitting,
        key=lambda lay: (not lay.last, lay.layout in own, len(lay.names & header), len(_best(lay, header))),
    )


def fits(layout: Layout, header: set[str]) -> bool:
    """Whether all columns of one of the layout's fingerprints are there.

    Parameters
    ----------
    layout : Layout
        A layout.
    header : set of str
        Column names as compared.
    """
    if layout.parts or any(key(name) in header for name in layout.absent):
        return False
    return any(all(key(name) in header for name in names) for names in layout.fingerprint)


def roles(layout: Layout, raws: Sequence[Raw]) -> dict[str, list[Raw]] | None:
    """Which tables are which part of a layout of several files; None when a needed part is not there.

    Parameters
    ----------
    layout : Layout
        A layout of several files.
    raws : sequence of Raw
        Tables.
    """
    found: dict[str, list[Raw]] = {}
    for raw in raws:
        header = {key(name) for name in raw.header}
        for part, spec in layout.parts.items():
            wanted = {key(name) for name in spec.fingerprint}
            if wanted == header if spec.exact else wanted <= header:
                found.setdefault(part, []).append(raw)
                break
    needed = [part for part, spec in layout.parts.items() if not spec.optional]
    return found if all(part in found for part in needed) else None


def _best(layout: Layout, header: set[str]) -> list[str]:
    met = [names for names in layout.fingerprint if all(key(n) in header for n in names)]
    return max(met, key=len, default=[])


def nearest(names: Sequence[str], layouts: Mapping[str, Layout]) -> tuple[str, list[str]]:
    """The known export that a table is most like, so that a renamed column is noticed at once.

    Parameters
    ----------
    names : sequence of str
        Column names.
    layouts : Mapping of str to Layout
        Those that are known.

    Returns
    -------
    layout : str
        Empty where no fingerprint is there by more than :data:`ALIKE`.
    missing : list of str
        Columns of its fingerprint that are not there.
    """
    header = {key(name) for name in names}
    best: tuple[float, str, list[str]] = (ALIKE, "", [])
    for layout in layouts.values():
        for some in () if layout.last else layout.fingerprint:
            missing = [n for n in some if key(n) not in header]
            share = (1 - len(missing) / len(some)) + len(layout.names & header) / (1000 + len(layout.names))
            own = [n for n in some if key(n) in header and not commonly_named(n)]
            if own and share > best[0]:
                best = (share, layout.layout, missing)
    return best[1], best[2]


def _shown(header: Sequence[str]) -> str:
    shown = ", ".join(name if len(name) <= 40 else f"{name[:40]}…" for name in header[:12])
    return shown + (", …" if len(header) > 12 else "")
