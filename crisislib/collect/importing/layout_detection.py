"""Which layout a table of text is, by its column names; never by its file name."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from crisislib.collect.importing.layout import Layout, key
from crisislib.collect.importing.tabular_reader import Raw
from crisislib.core.errors import LayoutError

_NEEDED = (("created",), ("text", "title"))


def known_names(layouts: Mapping[str, Layout]) -> set[str]:
    """Every column name that some layout knows."""
    return set().union(*(layout.names for layout in layouts.values()))


def detect(raw: Raw, layouts: Mapping[str, Layout], own: Container[str] = ()) -> Layout:
    """The layout whose fingerprint is in the header; of several, the user's own, then the one that knows most columns.

    Raises
    ------
    LayoutError
        None fits; says which comes nearest and which of its columns is not there.
    """
    header = {key(name) for name in raw.header}
    fitting = [layout for layout in layouts.values() if fits(layout, header)]
    if not fitting:
        raise LayoutError(_nearest(header, layouts), where=raw.name, do=_remedy(raw.header))
    return max(
        fitting,
        key=lambda lay: (not lay.last, lay.layout in own, len(lay.names & header), len(_best(lay, header))),
    )


def fits(layout: Layout, header: set[str]) -> bool:
    """Whether all columns of one of the layout's fingerprints are there."""
    if layout.parts or any(key(name) in header for name in layout.absent):
        return False
    if layout.last and not layout.fingerprint:
        words = [
            {key(n) for r in wanted if r in layout.columns for n in layout.columns[r].columns} for wanted in _NEEDED
        ]
        return all(some & header for some in words)
    return any(all(key(name) in header for name in names) for names in layout.fingerprint)


def roles(layout: Layout, raws: Sequence[Raw]) -> dict[str, list[Raw]] | None:
    """Which tables are which part of a layout of several files; None when a needed part is not there."""
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


def _nearest(header: set[str], layouts: Mapping[str, Layout]) -> str:
    """The sentence that says what comes nearest, so that a renamed column is found at once."""
    best: tuple[float, str, list[str]] = (0.0, "", [])
    for layout in layouts.values():
        if layout.last:
            continue
        for names in layout.fingerprint:
            missing = [n for n in names if key(n) not in header]
            share = (1 - len(missing) / len(names)) + len(layout.names & header) / (1000 + len(layout.names))
            if len(missing) < len(names) and share > best[0]:
                best = (share, layout.layout, missing)
    if not best[1]:
        return "no known export layout has these columns"
    return f"no export layout fits; nearest is {best[1]!r}, of which the column {best[2]} is not there"


def _remedy(header: Sequence[str]) -> str:
    shown = ", ".join(header[:12]) + (", …" if len(header) > 12 else "")
    return (
        f"if a column was renamed or moved, give a mapping such as text=COLUMN created=COLUMN; the columns are: {shown}"
    )
