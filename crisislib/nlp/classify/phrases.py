"""Calls to action, claims and questions: patterns over the folded text, with the words that matched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.nlp.label_batch import Batch, Part, quoted
from crisislib.nlp.preprocess.word_lists import read

Mask = npt.NDArray[np.bool_]


@cache
def pattern(list_name: str, kind: str) -> str:
    """The entries of a list as one pattern.

    Parameters
    ----------
    list_name : str
        Name of the list file.
    kind : str
        Entry of the list.

    Returns
    -------
    str
        RE2, without numbered groups.
    """
    either = "|".join(f"(?:{pattern})" for pattern in read(list_name)[kind])  # type: ignore[attr-defined]
    # list files write plain groups; Arrow's extraction wants every group but the one asked for unnumbered
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", either)


def matches(texts: pa.Array, list_name: str, kind: str) -> Mask:
    """Which texts a kind of pattern matches.

    Parameters
    ----------
    texts : pyarrow.Array of shape (n,)
        Folded strings.
    list_name : str
        Name of the list file.
    kind : str
        Entry of the list.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
    """
    return np.asarray(pc.match_substring_regex(texts, pattern(list_name, kind)).to_numpy(zero_copy_only=False))


def first_words(texts: pa.Array, list_name: str, kind: str) -> pa.Array:
    """The first matching stretch of each text, as a JSON list.

    Parameters
    ----------
    texts : pyarrow.Array of shape (n,)
        Folded strings.
    list_name : str
        Name of the list file.
    kind : str
        Entry of the list.

    Returns
    -------
    pyarrow.Array of shape (n,)
        JSON lists of one string of at most 60 characters; `[]` where nothing matches.
    """
    match = pc.extract_regex(texts, f"(?P<m>{pattern(list_name, kind)})")
    stretch = pc.utf8_slice_codeunits(pc.struct_field(match, "m"), 0, 60)
    return pc.fill_null(pc.binary_join_element_wise("[", quoted(pc.utf8_trim_whitespace(stretch)), "]", ""), "[]")


def call_to_action(batch: Batch) -> Iterator[Part]:
    """`call_to_action` on hits: value the first kind of the list that matches, all kinds in the evidence.

    score counts the kinds.

    Parameters
    ----------
    batch : Batch

    Yields
    ------
    Part
    """
    kinds = list(read("_calls"))
    masks = np.stack([matches(batch.folded, "_calls", kind) for kind in kinds], axis=1)
    first = masks.argmax(axis=1)
    names = np.array(kinds, dtype=object)
    for column, kind in enumerate(kinds):
        rows = np.flatnonzero(masks.any(axis=1) & (first == column))
        if not len(rows):
            continue
        words = first_words(batch.folded.take(pa.array(rows)), "_calls", kind)
        listed = np.where(masks[rows], np.array([f'"{k}"' for k in kinds], dtype=object), "")
        also = pa.array([",".join(filter(None, row)) for row in np.unique(listed.astype(str), axis=0)])
        code = np.unique(listed.astype(str), axis=0, return_inverse=True)[1].ravel()
        text = pc.binary_join_element_wise('{"words": ', words, ', "kinds": [', also.take(pa.array(code)), "]}", "")
        value = pa.array([str(names[column])] * len(rows), pa.string())
        yield Part("call_to_action", rows, value, text, score=masks[rows].sum(axis=1).astype(float))


def claim(batch: Batch) -> Iterator[Part]:
    """`claim` where a post states something that can be checked.

    Value `reported` (said to be known from somebody, or stated as having happened) or `figures` (amounts with a
    time); score counts the kinds of marks, 1-3. Posts that only ask are left out.

    Parameters
    ----------
    batch : Batch

    Yields
    ------
    Part
    """
    asserted = matches(batch.folded, "_claims", "assertion")
    figures = matches(batch.folded, "_claims", "quantity") & matches(batch.folded, "_claims", "named_time")
    score = asserted.astype(float) + figures * 2.0
    for kind, which, list_kind in (
        ("reported", asserted, "assertion"),
        ("figures", figures & ~asserted, "quantity"),
    ):
        rows = np.flatnonzero(which)
        if len(rows):
            words = first_words(batch.folded.take(pa.array(rows)), "_claims", list_kind)
            value = pa.array([kind] * len(rows), pa.string())
            text = pc.binary_join_element_wise('{"words": ', words, "}", "")
            yield Part("claim", rows, value, text, score=score[rows])


def question(batch: Batch) -> Iterator[Part]:
    """`question` on hits: value `asks` (wants an answer) or `rhetorical`.

    Parameters
    ----------
    batch : Batch

    Yields
    ------
    Part
    """
    rhetorical = matches(batch.folded, "_questions", "rhetorical")
    asks = matches(batch.folded, "_questions", "asks") & ~rhetorical
    for kind, which in (("asks", asks), ("rhetorical", rhetorical)):
        rows = np.flatnonzero(which)
        if len(rows):
            words = first_words(batch.folded.take(pa.array(rows)), "_questions", kind)
            value = pa.array([kind] * len(rows), pa.string())
            yield Part("question", rows, value, pc.binary_join_element_wise('{"words": ', words, "}", ""))
