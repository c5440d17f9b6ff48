"""Errors of a query that point at the character."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crisislib.core.errors import QueryError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import Phrase

if TYPE_CHECKING:
    import lark

ARROW = "→"
"""Stands before the character that is meant."""
AROUND = 20
"""Characters of the query that are shown on either side: enough to find the place, short enough for one line."""


def query_error(what: str, text: str, position: int, do: str, **facts: object) -> QueryError:
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
    **facts : object
        Fill the places of both.

    Returns
    -------
    QueryError
        Its `where` is `position N`; its text shows the surroundings with an arrow at the character.
    """
    first, last = max(0, position - AROUND), position + AROUND
    shown = ("…" if first else "") + text[first:position] + ARROW + text[position:last]
    shown += "…" if last < len(text) else ""
    return QueryError(
        N_("{what}, at {shown}"),
        where=Phrase(N_("position {position}"), {"position": str(position)}),
        do=do,
        facts={"what": Phrase(what, facts), "shown": shown, **facts},
    )


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
        return query_error(N_("this quotation mark is never closed"), text, position, N_('close every "'))
    if token.type == "$END":
        opened = _open_group(text)
        if opened is not None and text.rstrip()[-1] not in "(":
            last = text.rstrip().rsplit(None, 1)[-1].upper()
            if last not in ("AND", "OR", "NOT") and not last.startswith("NEAR/"):
                return query_error(N_("this ( is never closed"), text, opened, N_("add a )"))
        return query_error(N_("the query ends too early"), text, len(text), N_("add what is missing"))
    position = token.start_pos or 0
    if token.type == "RPAR" and _open_group(text[: position + 1], closing=True) is None:
        return query_error(N_("this ) was never opened"), text, position, N_("remove it or open a ("))
    return query_error(
        N_("{token!r} stands where a word is needed"),
        text,
        position,
        N_("add a word, or put it in quotes"),
        token=str(token),
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


_LOOK_ALIKES = {
    "|": "OR", "||": "OR", "&&": "AND", "!": "NOT", "-": "NOT", "｜": "OR", "且": "AND", "并且": "AND", "或": "OR",
    "或者": "OR", "非": "NOT",
}  # fmt: skip
"""What other search boxes read as operators; as words they would silently look for that mark or character."""


def refuse_look_alikes(word: str, position: int, text: str) -> None:
    """What is most likely meant as an operator is an error, for as a word it would find next to nothing.

    Parameters
    ----------
    word : str
        A bare word of the query.
    position : int
        Where it stands.
    text : str
        The whole query.

    Raises
    ------
    QueryError
        It is meant as an operator.
    """
    if word in _LOOK_ALIKES:
        name = _LOOK_ALIKES[word]
        raise query_error(
            N_("{word!r} is no operator here"),
            text,
            position,
            N_('write {name}, or "{word}" for the mark'),
            word=word,
            name=name,
        )
    if re.fullmatch(r"near(/.*)?", word, re.IGNORECASE) and (word.isupper() or "/" in word):
        raise query_error(
            N_("{word!r} needs a distance"), text, position, N_("write NEAR/5, or quotes around the word"), word=word
        )
    if re.match(r"[-!]\w", word):
        raise query_error(
            N_("{word!r} begins with {mark!r}"),
            text,
            position,
            N_('write NOT {rest}, or "{word}"'),
            word=word,
            mark=word[0],
            rest=word[1:],
        )
    if re.fullmatch(r"['‘’].+['‘’]", word):
        raise query_error(
            N_("{word} stands in single quotation marks"),
            text,
            position,
            N_('write "{plain}"'),
            word=word,
            plain=word[1:-1],
        )
    if re.match(r"['‘]\w", word) and re.search(r"\w['’](?=[\s)]|$)", text[position + len(word) :]):
        raise query_error(N_("a phrase cannot begin with a single quotation mark"), text, position, N_('put it in "…"'))
    if mark := re.search(r"[|｜]", word):
        raise query_error(
            N_("{word!r} is no operator here"),
            text,
            position + mark.start(),
            N_("write OR, or quotes around it"),
            word="|",
        )
    if mark := re.search(r"[,，、;；](?!\d)", word):
        raise query_error(
            N_("{mark!r} does not separate words"),
            text,
            position + mark.start(),
            N_("write OR between them, or quotes"),
            mark=mark[0],
        )
