"""Names and places that a post mentions: the brand, its competitors, accounts, hashtags, organisations, places."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.brand_match import in_context
from crisislib.core.watch import Watch
from crisislib.nlp.label_batch import Batch, Part, evidence, quoted
from crisislib.nlp.preprocess.term_matcher import Hits, WordList
from crisislib.nlp.preprocess.word_lists import phrases, read

_ENDINGS = "有限公司|集团|公司|银行|大学|医院|市监局|市场监管局|公安局|法院|法庭|消协|委员会|总局|协会|报社|电视台"
_ORGANISATION = rf"(?P<m>[\p{{Han}}A-Za-z]{{2,10}}(?:{_ENDINGS}))"


@cache
def _places() -> WordList:
    lists = read("_places")
    return WordList(list(dict.fromkeys(phrases(str(lists["zh"])) + phrases(str(lists["en"])))))


def brand_words(watch: Watch) -> tuple[WordList, tuple[str, ...]]:
    """Matcher over the names of the watch's brand and of its competitors.

    Parameters
    ----------
    watch : Watch

    Returns
    -------
    words : WordList
        Names, without @ and #.
    owners : tuple of str
        The competitor that each word belongs to, empty for the brand.
    """
    # A name may be given as a handle or hashtag; the word inside is what is looked for.
    names = {word.lstrip("@#"): "" for word in watch.brand.names}
    for competitor, words in watch.brand.competitors.items():
        names |= {bare: competitor for word in words if (bare := word.lstrip("@#")) not in names}
    return WordList(list(names)), tuple(names.values())


def brand_hits(batch: Batch) -> tuple[WordList, Hits, npt.NDArray[np.bool_]]:
    """Where a batch names the brand and its competitors.

    Parameters
    ----------
    batch : Batch
        Texts; a name out of the context that the watch asks for is no mention of the brand.

    Returns
    -------
    WordList, Hits, numpy.ndarray of bool
        The names, where they stand, and which of the names are the brand's own.
    """
    words, owners = brand_words(batch.watch)
    own = np.array([owner == "" for owner in owners], dtype=bool)
    hits = words.find(batch.codes)
    fits = in_context(batch.watch, batch.texts)
    if fits is not None:
        hits = hits.take(fits.to_numpy(zero_copy_only=False)[hits.doc] | ~own[hits.word])
    return words, hits, own


def _joined(texts: pa.Array, pattern: str) -> pa.Array:
    """First match of a pattern as a JSON list of one."""
    match = pc.struct_field(pc.extract_regex(texts, pattern), "m")
    return pc.fill_null(pc.binary_join_element_wise("[", quoted(match), "]", ""), "[]")


def entity(batch: Batch) -> Iterator[Part]:
    """`entity` where a name is mentioned: value `brand`, `competitor`, `organisation`, `account` or `hashtag`.

    The value is the first of these that occurs; the evidence lists the names; score counts the brand's and
    competitors' mentions.

    Parameters
    ----------
    batch : Batch

    Yields
    ------
    Part
    """
    words, hits, own = brand_hits(batch)
    counts = np.bincount(hits.doc, minlength=batch.n).astype(float)
    is_brand = np.bincount(hits.doc[own[hits.word]], minlength=batch.n) > 0
    names = words.matched_words(hits, batch.n)
    others = {
        "organisation": _joined(batch.texts, _ORGANISATION),
        "account": _joined(batch.texts, r"[@＠](?P<m>[\p{L}\p{N}_\-·]{1,30})"),
        "hashtag": _joined(batch.texts, r"#(?P<m>[\p{L}\p{N}_·]{1,40})"),
    }
    order = {"brand": is_brand, "competitor": (counts > 0) & ~is_brand}
    order |= {kind: pc.not_equal(listed, "[]").to_numpy(zero_copy_only=False) for kind, listed in others.items()}
    text = pc.binary_join_element_wise(
        '{"words": ', names, *[x for k, v in others.items() for x in (f', "{k}": ', v)], "}", ""
    )
    taken = np.zeros(batch.n, dtype=bool)
    for kind, which in order.items():
        rows = np.flatnonzero(which & ~taken)
        taken |= which
        if len(rows):
            value = pa.array([kind] * len(rows), pa.string())
            yield Part("entity", rows, value, text.take(pa.array(rows)), score=counts[rows])


def place(batch: Batch) -> Iterator[Part]:
    """`place` where a place is named: value the first, all in the evidence, score their number.

    Parameters
    ----------
    batch : Batch

    Yields
    ------
    Part
    """
    places = _places()
    hits = places.find(batch.codes)
    rows, first, number = np.unique(hits.doc, return_index=True, return_counts=True)
    if len(rows):
        value = pa.array(places.words, pa.string()).take(pa.array(hits.word[first]))
        text = evidence(places.matched_words(hits, batch.n).take(pa.array(rows)))
        yield Part("place", rows, value, text, score=number.astype(float))
