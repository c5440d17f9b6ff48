"""What a text is compared by: one script, one width, no emoji, names, tags, links or quoted tails."""

from __future__ import annotations

from functools import cache

import numpy as np
import opencc
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

VERSION = "1"
"""Raise when the rules below change: sketches of another version are not compared with these."""

# In this order: the quoted tail holds everything else, and links hold @ and #.
_RULES: tuple[tuple[str, str], ...] = (
    (r"(?s)//\s*@.*$", " "),
    (r"(?i)(?:https?://|www\.|t\.cn/)[0-9a-z\-._~/?=&%+:#@]+", " "),
    (r"(?i)\bRT\s+@[\p{L}\p{N}_\-.]+:?", " "),
    (r"(?:回复|回覆)\s*@[^\s:]+:", " "),
    (r"@[\p{L}\p{N}_\-.·]+", " "),
    (r"#[^#\n]{1,60}#", " "),
    (r"#[\p{L}\p{N}_]+", " "),
    (r"\[[^\[\]\s]{1,12}\]", " "),
    (r"(?i)(?:\.{3}|…)\s*(?:展开全文|展开|展開|全文|read more|more)?\s*$", " "),
    (r"(?i)(?:转发微博|轉發微博|网页链接|網頁鏈接|查看图片|分享图片|\S{1,20}的微博视频|^repost$)", " "),
    # Letters and digits of every script stay; emoji, punctuation, symbols and spaces go.
    (r"[^\p{L}\p{N}]+", ""),
)


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def normalise(texts: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Texts as compared, in the order given.

    Full width becomes half width (NFKC), letters lower case, traditional Chinese simplified; links,
    `@names`, `#tags`, `[emoticons]`, emoji, punctuation, spaces and a quoted `//@name:` tail go.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray or pyarrow.Array of string
        Post texts, null where there is none.

    Returns
    -------
    pyarrow.Array of string
        Same length; empty where nothing is left to compare.
    """
    column = pc.utf8_lower(pc.utf8_normalize(pc.fill_null(texts, ""), form="NFKC"))
    for pattern, put in _RULES:
        column = pc.replace_substring_regex(column, pattern=pattern, replacement=put)
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if len(column) == 0:
        return pa.array([], pa.string())
    # No text holds a line break any more, so one call converts all of them.
    return pa.array(_simplifier().convert("\n".join(column.to_pylist())).split("\n"), pa.string())


def text_keys(normal: pa.Array) -> np.ndarray:
    """64-bit key of each normalised text: equal texts, equal keys, on every machine.

    Parameters
    ----------
    normal : pyarrow.Array of shape (n,)
        Normalised texts.

    Returns
    -------
    numpy.ndarray of uint64, shape (n,)
    """
    return pd.util.hash_array(np.asarray(normal.to_pylist(), dtype=object), categorize=False)
