"""Layout files by name, out of several folders, read when they are first needed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path

from crisislib.collect.importing.layout import Layout, parse_layout
from crisislib.core.errors import LayoutError
from crisislib.core.i18n import N_

logger = logging.getLogger(__name__)
PACKAGE = Path(__file__).parents[1] / "layouts"
"""The folder of the package's own layouts, two levels up."""


class Layouts(Mapping[str, Layout]):
    """Export layouts by name, general ones last.

    Parameters
    ----------
    folders : sequence of Path
        Searched in this order before the package's own: of two files of one name the first counts.

    Attributes
    ----------
    faults : list of LayoutError
        Files of these folders that are no layout. They are left out and never keep the others from being read.
    origin : Mapping[str, Path]
        Name -> file.
    own : frozenset of str
        Names of those that are not the package's.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._folders = [f for f in folders if f.resolve() != PACKAGE.resolve()]

    @cached_property
    def _read(self) -> tuple[dict[str, Layout], dict[str, Path], list[LayoutError]]:
        found: dict[str, Layout] = {}
        origin: dict[str, Path] = {}
        faults: list[LayoutError] = []
        for path in (p for folder in self._folders for p in sorted(folder.glob("*.yml"))):
            if path.stem in found:
                continue
            try:
                found[path.stem] = read_layout(path)
                origin[path.stem] = path
            except LayoutError as fault:
                faults.append(fault)
        faults += _package()[1]
        for name, layout in shipped().items():
            if name not in found:
                found[name], origin[name] = layout, PACKAGE / f"{name}.yml"
        return dict(sorted(found.items(), key=lambda item: (item[1].last, item[0]))), origin, faults

    @property
    def faults(self) -> list[LayoutError]:
        """What is wrong with files of these folders."""
        return self._read[2]

    @property
    def origin(self) -> Mapping[str, Path]:
        """The file of each layout."""
        return self._read[1]

    @cached_property
    def own(self) -> frozenset[str]:
        """Layouts of the user's own."""
        return frozenset(name for name, path in self.origin.items() if path.parent != PACKAGE)

    def __getitem__(self, name: str) -> Layout:
        return self._read[0][name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read[0])

    def __len__(self) -> int:
        return len(self._read[0])


def read_layout(path: Path) -> Layout:
    """One checked layout file.

    Parameters
    ----------
    path : Path
        A YAML file.

    Raises
    ------
    LayoutError
        It cannot be read, breaks the schema, or has another name inside than outside; says file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise LayoutError(
            N_("not readable: {fault}"), where=str(path), do=N_("save it as UTF-8 text"), facts={"fault": fault}
        ) from fault
    layout = parse_layout(text, str(path))
    if layout.layout != path.stem:
        raise LayoutError(
            N_("the file is called {stem}, the layout in it {layout}"),
            where=str(path),
            do=N_("give both one name"),
            facts={"stem": path.stem, "layout": layout.layout},
        )
    return layout


@cache
def _package() -> tuple[Mapping[str, Layout], list[LayoutError]]:
    """The package's layouts and the files of it that are none, read once."""
    found: dict[str, Layout] = {}
    faults: list[LayoutError] = []
    for path in sorted(PACKAGE.glob("*.yml")):
        try:
            found[path.stem] = read_layout(path)
        except LayoutError as fault:
            logger.exception("layout %s is left out", path.name)
            faults.append(fault)
    return found, faults


def shipped() -> Mapping[str, Layout]:
    """The package's layouts, read once; a file that is no layout is left out and takes no other with it."""
    return _package()[0]
