"""JSON that is nested without end: read all the same, with what lies too deep cut out of the one record that has it."""

from __future__ import annotations

import json
import re
from typing import Any

DEEPEST_READ = 200
"""Brackets within brackets that are read: Python's reader stops near a thousand, and no tool nests its posts to ten."""
TOO_DEEP = "\ue000nested too deep\ue000"
"""Stands where something was cut; of the private use area, which no text for people has."""
_DECODER = json.JSONDecoder(parse_float=str)
"""Made once: a file may have a document a line."""
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


def loads(text: str) -> tuple[Any, bool]:
    """A JSON document, with numbers that are not whole kept as they are written.

    Parameters
    ----------
    text : str
        One document.

    Returns
    -------
    document : object
        With :data:`TOO_DEEP` in place of what lies deeper than :data:`DEEPEST_READ`, where Python's reader gives up.
    cut : bool
        Whether anything was cut.

    Raises
    ------
    ValueError
        It is no JSON.
    """
    try:
        return _DECODER.decode(text), False
    except RecursionError:
        pass
    try:
        return _DECODER.decode(_cut(text)), True
    except RecursionError as fault:
        raise ValueError("it is nested too deep") from fault


def _cut(text: str) -> str:
    """The document without what lies too deep; strings are passed over whole, since they may hold brackets."""
    parts: list[str] = []
    depth, done = 0, 0
    for mark in _MARKS.finditer(text):
        sign = mark[0][0]
        if sign in "[{":
            depth += 1
            if depth == DEEPEST_READ + 1:
                parts += [text[done : mark.start()], json.dumps(TOO_DEEP)]
        elif sign in "]}":
            depth -= 1
            if depth == DEEPEST_READ:
                done = mark.end()
    return "".join([*parts, text[done:]]) if depth < DEEPEST_READ + 1 else "".join(parts)


def holds_cut(value: Any) -> bool:
    """Whether something was cut out of a value.

    Parameters
    ----------
    value : object
        As :func:`loads` gives it.
    """
    pending = [value]
    while pending:
        one = pending.pop()
        if one == TOO_DEEP:
            return True
        pending += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return False
