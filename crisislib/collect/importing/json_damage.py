"""A list of records in JSON that breaks off or is damaged in between: whole records are read, each bad one is named."""

from __future__ import annotations

import json
import re
from typing import Any

_LIST = re.compile(r"\[\s*(?=\{)")
"""Where a list of objects begins."""
_NEXT = re.compile(r"\}\s*,\s*(?=\{\s*\")")
"""Where one object of a list ends and the next begins."""
_SPACE = re.compile(r"[\s,]*")
ALIKE = 0.5
"""Share of the first record's keys that one behind a damaged place has; an object from within a record has fewer."""
SHOWN = 500
"""Characters of a damaged record that are kept."""


def whole_records(text: str) -> tuple[list[tuple[int, dict[str, Any]]], list[tuple[int, str]]]:
    """The records of a damaged list that are whole, and those that are not.

    Parameters
    ----------
    text : str
        JSON with a list of objects, which may stand in an envelope.

    Returns
    -------
    whole : list of (number, record)
        Numbers count from 1.
    damaged : list of (number, text)
        The beginning of each.
    """
    whole: list[tuple[int, dict[str, Any]]] = []
    damaged: list[tuple[int, str]] = []
    begin = _LIST.search(text)
    decoder = json.JSONDecoder(parse_float=str)
    at = begin.end() if begin else len(text)
    number = 0
    while at < len(text) and text[at] != "]":
        number += 1
        try:
            record, end = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            following = _NEXT.search(text, at)
            end = following.start() + 1 if following else len(text)
            damaged.append((number, text[at : min(end, at + SHOWN)]))
        else:
            if isinstance(record, dict) and (not damaged or not whole or _alike(record, whole[0][1])):
                whole.append((number, record))
            else:
                number -= 1  # a part of the damaged record before it
        step = _SPACE.match(text, end)
        at = step.end() if step else end
    return whole, damaged


def _alike(record: dict[str, Any], first: dict[str, Any]) -> bool:
    return len(record.keys() & first.keys()) >= ALIKE * len(first)
