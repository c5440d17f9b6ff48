"""Texts to words for topics: Chinese by rjieba with a user dictionary, other scripts by their spaces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

import opencc
import pyarrow as pa
import pyarrow.compute as pc
import rjieba

VERSION = "1"
_LOUD = 20_000_000
"""Weight of a user's own word, so that the segmenter never splits it."""

# What is not the author's own words, in this order; the quoted tail holds everything else.
_RULES: tuple[tuple[str, str], ...] = (
    (r"(?s)//\s*@.*$", " "),
    (r"(?i)(?:https?://|www\.|t\.cn/)[0-9a-z\-._~/?=&%+:#@]+", " "),
    (r"&(?:amp|lt|gt|quot|#39);", " "),
    (r"(?:\bRT\s+)?(?:回复|回覆)?@[\p{L}\p{N}_\-.·]+:?", " "),
    (r"\[[^\[\]\s]{1,12}\]", " "),
    (r"['’](?:s|t|re|ve|ll|d|m)\b", ""),
    # A word needs a letter: bare numbers, emoji and signs say nothing about a topic.
    (r"[^\p{L}\p{N}]+", " "),
    (r"(^| )\p{N}+($| )", " "),
)


@cache
def stop_words() -> frozenset[str]:
    """Chinese and English words that carry no topic, and the furniture of the platforms."""
    home = resources.files("crisislib.nlp.topics")
    lines = [(home / f"stopwords_{lang}.txt").read_text(encoding="utf-8").split("\n") for lang in ("zh", "en")]
    return frozenset(word for part in lines for line in part if not line.startswith("#") for word in line.split())


@cache
def _segmenter(dictionary: tuple[str, ...]) -> rjieba.Jieba:
    jieba = rjieba.Jieba()
    for word in dictionary:
        jieba.add_word(word, _LOUD, "nz")
    return jieba


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def clean(texts: pa.ChunkedArray | pa.Array) -> list[str]:
    """Texts in simplified Chinese, lower case and half width, without links, names, emoji and quoted tails.

    Parameters
    ----------
    texts : pyarrow.Array or pyarrow.ChunkedArray of shape (n,)

    Returns
    -------
    list of str
        Length n; empty for null.
    """
    column = pc.utf8_normalize(pc.fill_null(texts, ""), form="NFKC")
    for pattern, put in _RULES:
        column = pc.replace_substring_regex(column, pattern=pattern, replacement=put)
    column = pc.utf8_trim_whitespace(pc.utf8_lower(column))
    if len(column) == 0:
        return []
    joined: str = _simplifier().convert("\n".join(column.to_pylist()))
    return joined.split("\n")


def words(cleaned: Sequence[str], *, dictionary: Sequence[str] = (), stop: bool = True) -> list[str]:
    """Words of cleaned texts, separated by spaces.

    Parameters
    ----------
    cleaned : sequence of str
        From :func:`clean`.
    dictionary : sequence of str
        Words that must stay whole, such as the names of the brand.
    stop : bool
        Whether to leave out stop words, single characters and words without a letter.

    Returns
    -------
    list of str
        One string of words for each text, empty where nothing is left.
    """
    if not cleaned:
        return []
    own = tuple(sorted({w.casefold() for w in dictionary if len(w) > 1 and not re.search(r"[\s\d]", w)}))
    column = pa.array(cleaned, pa.string())
    # rjieba knows Chinese and plain Latin letters; it would cut other words at every accent.
    han = pc.match_substring_regex(column, r"\p{Han}")
    # One call over all Chinese texts: their line breaks come back as tokens of their own.
    cut = _segmenter(own).cut("\n".join(column.filter(han).to_pylist()))
    column = pc.replace_with_mask(
        column, han, pa.array(" ".join(cut).split("\n"), pa.string()).slice(0, pc.sum(han).as_py())
    )
    if stop:
        pieces = " \n ".join(column.to_pylist()).split(" ")
        table = pa.array(pieces, pa.string())
        letter = pc.match_substring_regex(table, r"^(?:\p{Han}{2,}|[\p{L}][\p{L}\p{N}]{2,})$")
        dull = pc.is_in(table, value_set=pa.array(sorted(stop_words())))
        keep = pc.or_(pc.equal(table, "\n"), pc.and_(letter, pc.invert(dull)))
        column = pa.array(" ".join(table.filter(keep).to_pylist()).split("\n"), pa.string())
    tidy = pc.utf8_trim_whitespace(pc.replace_substring_regex(column, pattern=r"\s+", replacement=" "))
    return list(tidy.to_pylist())
