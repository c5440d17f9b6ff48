"""What a post says itself, and what it only passes on: `RT @name: …`, `own words//@name: …`, 转发微博."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_NAME = r"@([^\s:：@/]{1,60})"
_QUOTED = re.compile(rf"(?:(?<![^\s])RT\s+{_NAME}[:：]?|//\s*{_NAME}\s*[:：])", re.IGNORECASE)
"""Where the words of somebody else begin."""
_MARK = r"(?i)(?:(?:^|\s)RT\s+@|//\s*@)"
"""A quick test for the same in RE2, over whole columns."""
_EMPTY = re.compile(
    r"(?:转发微博|轉發微博|转发了?|轉發了?|快转|repost(?:ed)?|reposting|shared?|https?://\S+|@\S+|\[[^\[\]\s]{1,12}\])",
    re.IGNORECASE,
)
"""What is written without saying anything: the platform's own words, links, tagged friends, emoticons."""


@dataclass(frozen=True)
class Passed:
    """Posts that pass on the words of others.

    Attributes
    ----------
    row : numpy.ndarray of int64, (n,)
        Their rows in the table.
    bare : numpy.ndarray of bool, (n,)
        Whether they add no word of their own.
    quoted : list of str
        The words passed on, as far as the text carries them.
    name : list of str
        Whose words they are, as the text names them; empty where it does not.
    """

    row: npt.NDArray[np.int64]
    bare: npt.NDArray[np.bool_]
    quoted: list[str]
    name: list[str]


def split(text: str) -> tuple[str, str, str]:
    """Own words, the words passed on, and the name that they are ascribed to.

    Parameters
    ----------
    text : str
        Of one post.

    Returns
    -------
    own, quoted, name : str
        `quoted` and `name` are empty where the text quotes nobody. Of a chain `//@B:…//@C:…` the first link that
        says something is quoted.
    """
    marks = list(_QUOTED.finditer(text))
    if not marks:
        return text, "", ""
    own = text[: marks[0].start()]
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=True):
        words = text[mark.end() : end].strip()
        if says_something(words):
            return own, words, mark[1] or mark[2]
    return own, "", marks[-1][1] or marks[-1][2]


def says_something(text: str) -> bool:
    """Whether a text has any word beside those that platforms put there.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
    """
    return any(char.isalnum() for char in _EMPTY.sub(" ", text))


def passed_on(posts: pa.Table) -> Passed:
    """The posts that pass on something: reposts by their kind, and texts that quote.

    Parameters
    ----------
    posts : pyarrow.Table
        With `kind` and `text`.

    Returns
    -------
    Passed
        In the order of the table.
    """
    texts = pc.fill_null(posts["text"], "")
    reposts = pc.fill_null(pc.equal(posts["kind"], "repost"), False)
    rows = np.flatnonzero(pc.or_(reposts, pc.match_substring_regex(texts, _MARK)).to_numpy(zero_copy_only=False))
    parts = [split(text) for text in texts.take(pa.array(rows)).to_pylist()]
    bare = np.array([not says_something(own) for own, _, _ in parts], dtype=bool)
    return Passed(rows.astype(np.int64), bare, [q for _, q, _ in parts], [n for _, _, n in parts])
