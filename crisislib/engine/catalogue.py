"""What can be named in a workbench: export layouts and live sources, as facts for a face to list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crisislib import collect
from crisislib.core.errors import CrisisError
from crisislib.engine.home import Home


@dataclass(frozen=True)
class KnownLayout:
    """An export layout: its name, what it is, the columns that tell it (a set for each part), and its own file.

    Attributes
    ----------
    name : str
        As `--layout` takes it.
    title : str
        What exports it is for, in English.
    recognised_by : tuple of tuple of str
        Columns that tell it, a set for each part.
    file : Path or None
        The user's file; None for one of the package.
    """

    name: str
    title: str
    recognised_by: tuple[tuple[str, ...], ...]
    file: Path | None
    """None for a shipped one."""


@dataclass(frozen=True)
class KnownSource:
    """A live source: its name, what it is, and its options with what they mean.

    Attributes
    ----------
    name : str
        As a watch file names it.
    title : str
        What it is.
    options : dict[str, str]
        Option → what it means.
    required : frozenset of str
        Options without which it cannot be asked.
    secrets : frozenset of str
        Options that are written as `${NAME}` only.
    terms, unconfirmed : Mapping[str, str]
        What its provider asks, and what of its interface could not be confirmed; by language, empty where nothing.
    pace : str
        What its provider allows, such as `30/10 min`; empty where it does not say.
    """

    name: str
    title: str
    options: dict[str, str]
    required: frozenset[str]
    secrets: frozenset[str]
    terms: Mapping[str, str]
    unconfirmed: Mapping[str, str]
    pace: str

    def example(self) -> str:
        """An entry of a watch file with the options that it needs."""
        needed = [key for key in self.options if key in self.required | (self.secrets if not self.required else set())]
        values = {key: f'"${{{self.name.upper()}_{key.upper()}}}"' if key in self.secrets else "…" for key in needed}
        options = ", ".join(f"{key}: {value}" for key, value in values.items())
        return f"- source: {self.name}\n  name: …\n  every_minutes: 15\n  options: {{{options}}}"


def known_layouts(home: Home) -> tuple[list[KnownLayout], list[CrisisError]]:
    """Layouts that an import recognises, in the order in which they are tried, and layout files that are wrong.

    Parameters
    ----------
    home : Home
        The workbench; its own folders come before the package.

    Returns
    -------
    tuple of list of KnownLayout and list of CrisisError
        Layouts with their columns, and one error a wrong file.
    """
    known = collect.layouts_of(home.layouts)
    result = []
    for name, layout in known.items():
        columns = [spec.fingerprint for spec in layout.parts.values()] or layout.fingerprint
        file = known.origin[name] if name in known.own else None
        result.append(KnownLayout(name, layout.title["en"], tuple(tuple(c) for c in columns), file))
    return result, list(known.faults)


def known_sources() -> list[KnownSource]:
    """Live sources that a watch file can name."""
    return [
        KnownSource(
            name,
            source.title["en"],
            {key: option.about for key, option in source.options.items()},
            frozenset(key for key in source.options if key in source.required),
            frozenset(source.secrets),
            source.terms,
            source.unconfirmed,
            str(source.pace or ""),
        )
        for name, source in collect.SOURCES.items()
    ]
