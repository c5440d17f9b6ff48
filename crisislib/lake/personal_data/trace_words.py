"""Which names and numbers betray a person, and how they are spelled in text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from crisislib.core.levels import LEVELS
from crisislib.core.tables import TABLES

LONG_ID = 6
"""Digits from which a bare number is taken for an id: shorter ones are counts and years."""
DISTINCT, DISTINCT_CJK = 6, 4
"""Letters from which a name is searched inside a text; shorter ones are words of the language or parts of others."""
WORDS = 12
"""Letters from which a text is known by its beginning: shorter ones are written by many."""
RESERVED = frozenset(
    {*LEVELS, "positive", "neutral", "negative", "unknown", "true", "false", "posts"}
    | {column for table in TABLES.values() for column in table.columns}
)
"""Words of the tables that a person may be called by, too: they are the person only after an @, or as an id."""
_CODED = re.compile(r"\\u([0-9a-fA-F]{4})")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def is_number(native: str) -> bool:
    """Whether a platform's own id has so many digits that no text contains it by chance.

    Parameters
    ----------
    native : str
        The id without its platform.

    Returns
    -------
    bool
        At least :data:`LONG_ID` digits.
    """
    return sum(c.isdigit() for c in native) >= LONG_ID


def is_word(name: str) -> bool:
    """Whether a name cannot be distinguished from a word of the tables or a short word of a language.

    Parameters
    ----------
    name : str
        Display name or native id.

    Returns
    -------
    bool
        True: searching for it alone would redact words of everybody.
    """
    return name.casefold() in RESERVED or (name.isascii() and name.isalpha() and len(name) < DISTINCT)


def name_pattern(name: str) -> str:
    """The pattern of a name: inside words where it is distinct, else between other letters' borders; always after an @.

    Parameters
    ----------
    name : str
        Display name or native id.

    Returns
    -------
    str
        A regular expression.
    """
    plain = re.escape(name)
    if len(name) == 1 or is_word(name):
        return rf"(?:(?<=@)|(?<=\bu/)){plain}(?!\w)"
    if len(name) >= (DISTINCT_CJK if _CJK.search(name) else DISTINCT):
        before = r"(?<![A-Za-z0-9_])" if name[0].isascii() and name[0].isalnum() else ""
        after = r"(?![A-Za-z0-9_])" if name[-1].isascii() and name[-1].isalnum() else ""
        return before + plain + after
    return rf"(?<!\w){plain}(?!\w)"


def begins_alike(quoted: str, wanted: set[str]) -> bool:
    """Whether a quotation begins like one of some texts, or breaks off, with dots or at its end.

    Parameters
    ----------
    quoted : str
        What is quoted, folded.
    wanted : set of str
        Texts of the person and their begins, folded.

    Returns
    -------
    bool
        True where it is the same text.
    """
    if any(quoted[:n] in wanted for n in range(WORDS, len(quoted) + 1)):
        return True
    short = quoted.rstrip("….")
    breaks_off = short != quoted or len(quoted) < 2 * WORDS
    return breaks_off and any(one.startswith(short) for one in wanted)


def end_of_quote(text: str, match: re.Match[str]) -> int:
    """Where the words of a name end: in `…//@name: words//@other: …` they are the person's own.

    Parameters
    ----------
    text : str
        The whole text.
    match : re.Match
        Where the name stands.

    Returns
    -------
    int
        Position after the last letter.
    """
    after = text[match.end() : match.end() + 1]
    if text[max(0, match.start() - 3) : match.start()] != "//@" or after not in (":", "："):
        return match.end()
    following = text.find("//@", match.end())
    return len(text) if following < 0 else following


def spellings(text: str) -> Iterator[str]:
    """A text as it stands, and with what pages, JSON and addresses write in another way.

    Parameters
    ----------
    text : str
        As stored.

    Returns
    -------
    iterator of str
        One or two.
    """
    yield text
    plain = html.unescape(text) if "&" in text else text
    plain = _CODED.sub(lambda m: chr(int(m[1], 16)), plain) if "\\u" in plain else plain
    plain = unquote(plain) if "%" in plain else plain
    if plain != text:
        yield plain
