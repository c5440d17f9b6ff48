"""YAML files that people write: read with the place of every key, so that a fault names its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

# The C loader is ten times as fast where libyaml is there; both are safe loaders.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
            node = yaml.compose(text, Loader=_LOADER)
            data = yaml.load(text, Loader=_LOADER)
        except yaml.YAMLError as fault:
            raise ValueError(f"not readable as YAML: {fault}") from fault
        if not isinstance(data, dict) or node is None:
            raise ValueError("not a mapping of keys")
        if twice := _twice(node):
            raise ValueError("; ".join(twice))
        self.data: dict[str, Any] = data
        self._node: yaml.Node = node

    def line(self, place: Sequence[int | str]) -> int:
        """Line, from 1, of the value at a place such as `("levels", "red")`, as deep as the file goes."""
        here = self._node
        for step in place:
            if isinstance(here, yaml.MappingNode):
                below = next((value for key, value in here.value if key.value == str(step)), None)
            else:
                below = here.value[step] if isinstance(here, yaml.SequenceNode) and isinstance(step, int) else None
            if below is None:
                break
            here = below
        return int(here.start_mark.line) + 1

    def faults(self, fault: ValidationError) -> list[str]:
        """Every fault that a schema found, with its line and its place."""
        said = []
        for error in fault.errors():
            place = ".".join(str(step) for step in error["loc"] if step != "[key]") or "(file)"
            said.append(f"line {self.line(error['loc'])}: {place}: {error['msg'].removeprefix('Value error, ')}")
        return said


def read_located(path: Path) -> Located:
    """A YAML file with its lines.

    Raises
    ------
    ValueError
        See :class:`Located`; also where it is not UTF-8.
    OSError
        It cannot be read.
    """
    try:
        return Located(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as fault:
        raise ValueError(f"not readable as UTF-8: {fault}") from fault


def _twice(node: yaml.Node) -> list[str]:
    """Keys that stand twice in one mapping, wherever in the file."""
    found: list[str] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key.value, str) and key.value in seen and key.value != "<<":
                found.append(f"line {key.start_mark.line + 1}: the key {key.value!r} stands twice")
            seen.add(str(key.value))
            found += _twice(value)
    elif isinstance(node, yaml.SequenceNode):
        found += [line for item in node.value for line in _twice(item)]
    return found
