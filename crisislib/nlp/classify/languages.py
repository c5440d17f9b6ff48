"""Language of a post by the script of its letters and, for Latin script, by its commonest words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pyarrow as pa

from crisislib.nlp.label_batch import Batch, Part, evidence
from crisislib.nlp.preprocess.codepoints import Codes
from crisislib.nlp.preprocess.word_lists import Weighted, weighted

_RANGES = {
    "zh": ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
    "ja": ((0x3040, 0x30FF),),
    "ko": ((0xAC00, 0xD7AF), (0x1100, 0x11FF)),
    "ru": ((0x0400, 0x052F),),
    "ar": ((0x0600, 0x06FF),),
    "th": ((0x0E00, 0x0E7F),),
    "hi": ((0x0900, 0x097F),),
    "latin": ((0x61, 0x7A), (0xDF, 0x24F)),
}
_COMMON = {
    "en": "the and to of is it in you that for my on with this are not have be was so but at just your we me what i'm",
    "es": "el los que en una por con para las del se lo como más pero está muy mi porque gracias",
    "fr": "les des est une dans que pour pas qui sur avec je vous nous mais c'est plus cette très merci",
    "de": "der und die das ist nicht ich ein mit auf für eine auch sich wir sie war dem haben aber danke",
    "pt": "que uma não para com os por mais como mas muito você isso está são obrigado também foi",
    "it": "che di non una per con sono il della questo anche più gli mi ma grazie ho questa",
    "id": "yang dan di ini itu dengan untuk tidak dari ada saya aku kita bisa juga sudah akan banget nya",
}


@cache
def _common() -> Weighted:
    return weighted({name: {1: text} for name, text in _COMMON.items()})


def _counts(codes: Codes) -> dict[str, np.ndarray]:
    """Letters of each script per text; a Chinese character counts as two and a half Latin letters."""
    counts = {}
    for name, ranges in _RANGES.items():
        inside = np.zeros(len(codes.points), dtype=bool)
        for low, high in ranges:
            inside |= (codes.points >= low) & (codes.points <= high)
        counts[name] = np.bincount(codes.docs[inside], minlength=codes.n).astype(float)
    counts["zh"] *= 2.5
    return counts


def label(batch: Batch) -> Iterator[Part]:
    """`lang` of every text: an ISO 639-1 code, or `und` where there are no letters.

    score is the share of that script among the letters, 0-1; it is not a probability.

    Parameters
    ----------
    batch : Batch

    Yields
    ------
    Part
    """
    names = [name for name in _RANGES if name != "latin"] + list(_COMMON)
    counts = _counts(batch.codes)
    common = _common()
    matched_words, hits = common.sums(batch.codes)
    weight = np.zeros((batch.n, len(names)))
    for column, name in enumerate(names[: len(_RANGES) - 1]):
        weight[:, column] = counts[name]
    # kana beside Chinese characters is Japanese
    weight[:, names.index("ja")] *= np.where(counts["ja"] * 6 > counts["zh"] / 2.5, 40.0, 1.0)
    latin = np.zeros_like(matched_words)
    if batch.n:
        latin[np.arange(batch.n), matched_words.argmax(axis=1)] = counts["latin"]
    weight[:, len(_RANGES) - 1 :] = latin
    total = np.maximum(sum(counts.values()), 1.0)
    best = weight.argmax(axis=1) if batch.n else np.zeros(0, np.int64)
    share = np.minimum(weight[np.arange(batch.n), best] / total, 1.0)
    value = np.where(share > 0, np.array(names, dtype=object)[best], "und")
    words = common.words.matched_words(hits, batch.n, most=3)
    yield Part("lang", np.arange(batch.n), pa.array(value, pa.string()), evidence(words), score=share)
