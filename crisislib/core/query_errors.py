"""Errors of a query that point at the character."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crisislib.core.errors import QueryError

if TYPE_CHECKING:
    import lark

ARROW = "→"
"""Stands before the character that is meant."""
AROUND = 20
"""Characters of the query that are shown on either side: enough to find the place, short enough for one line."""


def query_error(what: str, text: str, position: int, do: str) -> QueryError:
    """An error that shows where.

    Parameters
    ----------
    what : str
        What cannot be read.
    text : str
        The whole query.
    position : int
        The character that is meant, counted from 0; the length of the text for its end.
    do : str
        What to do.

    Returns
    -------
    QueryError
        Its `where` is `position N`; its text shows the surroundings with an arrow at the character.
    """
    first, last = max(0, position - AROUND), position + AROUND
    shown = ("…" if first else "") + text[first:position] + ARROW + text[position:last]
    shown += "…" if last < len(text) else ""
    return QueryError(f"{what}, at {shown}", where=f"position {position}", do=do)


def explained(text: str, fault: lark.exceptions.UnexpectedInput) -> QueryError:
    """The parser's error in words.

    Parameters
    ----------
    text : str
        The query.
    fault : lark.exceptions.UnexpectedInput
        What the parser raised.

    Returns
    -------
    QueryError
    """
    position = fault.pos_in_stream if fault.pos_in_stream is not None else len(text)
    token = getattr(fault, "token", None)
    if token is None:  # no token begins here: only an open quotation mark can do that
        return query_error("this quotation mark is never closed", text, position, 'close every "')
    if token.type == "$END":
        opened = _open_group(text)
        if opened is not None and text.rstrip()[-1] not in "(":
            last = text.rstrip().rsplit(None, 1)[-1].upper()
            if last not in ("AND", "OR", "NOT") and not last.startswith("NEAR/"):
                return query_error("this ( is never closed", text, opened, "add a )")
        return query_error("the query ends too early", text, len(text), "add what is missing")
    position = token.start_pos or 0
    if token.type == "RPAR" and _open_group(text[: position + 1], closing=True) is None:
        return query_error("this ) was never opened", text, position, "remove it or open a (")
    return query_error(
        f"{str(token)!r} stands where a word is needed", text, position, "add a word, or put it in quotes"
    )


def _open_group(text: str, *, closing: bool = False) -> int | None:
    """Position of the last group that is open at the end; with `closing`, that the last character closes."""
    opened: list[int] = []
    quoted = False
    for position, char in enumerate(text):
        if char == '"' and text[position - 1 : position] != "\\":
            quoted = not quoted
        elif not quoted and char == "(":
            opened.append(position)
        elif not quoted and char == ")":
            if not opened:
                return None
            if closing and position == len(text) - 1:
                return opened[-1]
            opened.pop()
    return opened[-1] if opened else None
