"""The hand-written word lists as compiled patterns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import pyarrow as pa
import pyarrow.compute as pc
import yaml


@dataclass(frozen=True)
class WordList:
    """One list: its name, whether it reads sources, reactions or both, and one RE2 pattern for all entries."""

    name: str
    scope: str
    pattern: str


@cache
def word_lists() -> tuple[WordList, ...]:
    """All lists of `words.yml`, in the file's order."""
    raw = yaml.safe_load((resources.files("crisislib.spread.rumour") / "words.yml").read_text(encoding="utf-8"))
    return tuple(
        WordList(name, part["scope"], "(?i)(?:" + "|".join([*part["zh"], *part["en"]]) + ")")
        for name, part in raw.items()
    )


def lists_for(scope: str) -> list[WordList]:
    """The word lists that apply to one kind of text.

    Parameters
    ----------
    scope : str
        `source` or `reaction`.

    Returns
    -------
    list of WordList
    """
    return [words for words in word_lists() if words.scope in (scope, "both")]


def count(texts: pa.Array, pattern: str) -> pa.Array:
    """How often a pattern occurs in each text.

    Parameters
    ----------
    texts : pyarrow.Array of shape (n,)
        Strings.
    pattern : str
        Regular expression (RE2).

    Returns
    -------
    pyarrow.Array of shape (n,)
        Integers, null where the text is.
    """
    return pc.count_substring_regex(texts, pattern)


def has(texts: pa.Array, pattern: str) -> pa.Array:
    """Whether a pattern occurs in each text.

    Parameters
    ----------
    texts : pyarrow.Array of shape (n,)
        Strings.
    pattern : str
        Regular expression (RE2).

    Returns
    -------
    pyarrow.Array of shape (n,)
        Booleans, null where the text is.
    """
    return pc.match_substring_regex(texts, pattern)
