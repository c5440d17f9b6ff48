"""YAML files that people write: read with the place of every key, so that a fault names its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from crisislib.core.errors import CrisisError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import BESIDE, Listing, Phrase
from crisislib.core.schema_faults import faults

# The C loader is ten times as fast where libyaml is there; both are safe loaders.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def spot(place: Sequence[int | str]) -> str | Phrase:
    """A place in a file as it is named in errors: `levels.red`.

    Parameters
    ----------
    place : sequence of int or str
        Keys and list positions.

    Returns
    -------
    str or Phrase
        Words for the file as a whole where there are no keys.
    """
    return ".".join(map(str, place)) or Phrase(N_("(file)"))


def at_line(path: object, line: int) -> Phrase:
    """A line of a file, as the place of an error.

    Parameters
    ----------
    path : object
        The file.
    line : int
        From 1.

    Returns
    -------
    Phrase
        `FILE, line 12`.
    """
    return Phrase(N_("{path}, line {line}"), {"path": str(path), "line": str(line)})


class Located:
    """A mapping out of a YAML file.

    Attributes
    ----------
    data : dict
        What it says.
    """

    def __init__(self, text: str) -> None:
        """Read it.

        Raises
        ------
        ValueError
            It is no YAML, no mapping, or a key stands twice (YAML would silently take the last); says the line.
        """
        try:
            loader = _LOADER(text)
            node = loader.get_single_node()
            data = loader.construct_document(node) if node is not None else None
        except yaml.YAMLError as fault:
            raise ValueError(f"not readable as YAML: {fault}") from fault
        if not isinstance(data, dict) or node is None:
            raise ValueError("not a mapping of keys")
        if twice := [f"line {second}: the key {key!r} stands twice" for key, _, second in duplicate_keys(node)]:
            raise ValueError("; ".join(twice))
        self.data: dict[str, Any] = data
        self._node: yaml.Node = node

    def line(self, place: Sequence[int | str]) -> int:
        """Line, from 1, of the value at a place such as `("levels", "red")`, as deep as the file goes.

        Parameters
        ----------
        place : Sequence of int or str
            Keys and list positions from the top.

        Returns
        -------
        int
            The line of the nearest part that the file has.
        """
        return line_of(self._node, place)

    def faults(self, fault: ValidationError, schema: type[BaseModel]) -> Listing:
        """Every fault that a schema found, with its line and its place.

        Parameters
        ----------
        fault : pydantic.ValidationError
            What validation of :attr:`data` raised.
        schema : type of BaseModel
            What it was checked against.

        Returns
        -------
        Listing
            `line 12: levels.red: is 'high'; write number`, one a fault, in the order of the schema.
        """
        return Listing(
            tuple(
                Phrase(
                    N_("line {line}: {key}: {what}; {do}") if do.render("en") else N_("line {line}: {key}: {what}"),
                    {"line": str(self.line(place)), "key": spot(place), "what": what, "do": do},
                )
                for place, what, do in faults(fault, schema, self.data)
            ),
            BESIDE,
        )


M = TypeVar("M", bound=BaseModel)


def checked(text: str, schema: type[M], error: type[CrisisError], *, what: str, where: str, do: str) -> M:
    """A file's text as its schema has it.

    Parameters
    ----------
    text : str
        YAML.
    schema : type of BaseModel
        What it must fit.
    error : type of CrisisError
        Raised where it does not.
    what : str
        What it should be, such as `a layout`.
    where : str
        The file, named in errors.
    do : str
        What to compare it with.

    Returns
    -------
    BaseModel
        Of the schema.

    Raises
    ------
    CrisisError
        Of the class given, with every wrong key and its line.
    """
    try:
        found = Located(text)
    except ValueError as fault:
        raise error(
            N_("not {what}: {fault}"),
            where=where,
            do=N_("correct the line named"),
            facts={"what": Phrase(what), "fault": fault},
        ) from fault
    try:
        return schema.model_validate(found.data)
    except ValidationError as fault:
        raise error(
            N_("not {what}: {faults}"),
            where=where,
            do=N_("correct these lines; {do}"),
            facts={"what": Phrase(what), "faults": found.faults(fault, schema), "do": Phrase(do)},
        ) from fault


def read_located(path: Path) -> Located:
    """Read a YAML file with the line of every key.

    Parameters
    ----------
    path : Path
        The file, in UTF-8.

    Returns
    -------
    Located
        Its data and lines.
    """
    try:
        return Located(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as fault:
        raise ValueError(f"not readable as UTF-8: {fault}") from fault


def line_of(node: yaml.Node, place: Sequence[int | str]) -> int:
    """Line, from 1, of a place in a tree, or of the nearest thing around it that is there.

    Parameters
    ----------
    node : yaml.Node
        Root of the tree.
    place : Sequence of int or str
        Keys and list positions from the root.

    Returns
    -------
    int
        Line from 1.
    """
    here = node
    for step in place:
        below = None
        if isinstance(here, yaml.MappingNode):
            below = next((value for key, value in here.value if key.value == str(step)), None)
        elif isinstance(here, yaml.SequenceNode) and isinstance(step, int) and step < len(here.value):
            below = here.value[step]
        if below is None:
            break
        here = below
    return int(here.start_mark.line) + 1


def duplicate_keys(node: yaml.Node) -> Iterator[tuple[str, int, int]]:
    """Keys that stand twice in one mapping, wherever in the tree, with both lines; of `<<` there may be several.

    Parameters
    ----------
    node : yaml.Node
        Root of the tree.

    Returns
    -------
    Iterator of (str, int, int)
        The key, the line where it stands first and the line where it stands again, from 1.
    """
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from duplicate_keys(item)
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in lines and name != "<<":
                yield name, lines[name], line
            lines[name] = line
            yield from duplicate_keys(value)
