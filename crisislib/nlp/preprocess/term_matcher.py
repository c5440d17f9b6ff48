"""Word lists of any size found in a batch of texts in a few array passes, with the words found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import ModelError
from crisislib.core.i18n import N_
from crisislib.nlp.preprocess.codepoints import CJK, I64, U64, WORD, Codes, fold

_FILTER_BITS = 17
"""Bits of the hash that index the filter: 131,072 words of 64 bits, one megabyte, which stays in the processor's
cache."""
_LONGEST = 63
"""Characters of a term: its length is one bit of a 64-bit word."""


@dataclass(frozen=True)
class Hits:
    """Where the words of a list stand in a batch, in order of position.

    Attributes
    ----------
    doc, start, end, word : numpy.ndarray
        Text index, span in the batch's array, and index of the word in the list; one row per hit.
    """

    doc: I64
    start: I64
    end: I64
    word: I64

    def take(self, which: npt.NDArray[np.bool_] | I64) -> Hits:
        """Some of the hits.

        Parameters
        ----------
        which : numpy.ndarray
            Positions or a mask.

        Returns
        -------
        Hits
        """
        return Hits(self.doc[which], self.start[which], self.end[which], self.word[which])


class WordList:
    """Words and phrases to look for; Latin words match whole, Chinese ones anywhere.

    Parameters
    ----------
    words : sequence of str
        As written by people; they are folded like the texts. Their index is what hits carry.
        A trailing `*` on a Latin word leaves its ending open.

    Raises
    ------
    ModelError
        A word is empty after folding, or longer than 63 characters.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        open_end = np.array([w.endswith("*") and len(w) > 1 for w in words], dtype=bool)
        folded = _folded([w[:-1] if o else w for w, o in zip(words, open_end, strict=True)])
        for word, plain in zip(words, folded, strict=True):
            if not 0 < len(plain) <= _LONGEST:
                raise ModelError(
                    N_("{word!r} is empty or too long for a word list"),
                    do=N_("write 1 to 63 characters"),
                    facts={"word": word},
                )
        self.json = pa.array([json.dumps(w.rstrip("*") or w, ensure_ascii=False) for w in words], pa.string())
        self._by_length: dict[int, tuple[U64, I64]] = {}
        self._filter = np.zeros(1 << _FILTER_BITS, dtype=np.uint64)
        codes = fold(folded)
        kinds = codes.kinds
        self._closed_left = np.array([kinds[s] == WORD for s in codes.starts], dtype=bool)
        self._closed_right = np.array([kinds[e - 1] == WORD for e in codes.ends], dtype=bool) & ~open_end
        keys = codes.hashes(codes.starts, codes.ends)
        lengths = codes.ends - codes.starts
        for length in np.unique(lengths):
            index = np.flatnonzero(lengths == length)
            unique, first = np.unique(keys[index], return_index=True)
            self._by_length[int(length)] = (unique, index[first])
            head = codes.hashes(codes.starts[index], codes.starts[index] + min(2, int(length)))
            np.bitwise_or.at(self._filter, _slot(head), np.uint64(1) << np.uint64(length))

    def __len__(self) -> int:
        return len(self.words)

    def find(self, codes: Codes, *, longest: bool = True) -> Hits:
        """All words of the list in a batch.

        Parameters
        ----------
        codes : Codes
            The folded batch.
        longest : bool
            Leave out a word that stands inside a longer word of the list.

        Returns
        -------
        Hits
            Ordered by start; of equal starts the longest first.
        """
        starts, ends, words = [], [], []
        if not codes.n or not len(self):
            empty = np.zeros(0, np.int64)
            return Hits(empty, empty, empty, empty)
        pairs = self._filter[_slot(codes.runs(2))]
        singles = self._filter[_slot(codes.runs(1))]
        kinds = codes.kinds
        for length, (keys, index) in self._by_length.items():
            masks = singles if length == 1 else pairs
            at = np.flatnonzero((masks >> np.uint64(length)) & np.uint64(1)).astype(np.int64)
            at = at[at + length <= len(codes.points)]
            hashed = codes.hashes(at, at + length)
            place = np.minimum(np.searchsorted(keys, hashed), len(keys) - 1)
            hit = keys[place] == hashed
            at, word = at[hit], index[place[hit]]
            left = (at == 0) | (kinds[at - 1] != WORD) | ~self._closed_left[word]
            right = (kinds[np.minimum(at + length, len(kinds) - 1)] != WORD) | ~self._closed_right[word]
            fits = left & right
            starts.append(at[fits])
            ends.append(at[fits] + length)
            words.append(word[fits])
        start, end, word = np.concatenate(starts), np.concatenate(ends), np.concatenate(words)
        order = np.lexsort((-end, start))
        start, end, word = start[order], end[order], word[order]
        hits = Hits(codes.docs[start].astype(np.int64), start, end, word)
        return hits.take(_outermost(start, end)) if longest else hits

    def matched_words(self, hits: Hits, n: int, *, most: int = 8) -> pa.Array:
        """The words found, per text, as a JSON list of strings.

        Parameters
        ----------
        hits : Hits
            In order of text.
        n : int
            Number of texts in the batch.
        most : int
            At most so many different words a text, the earliest.

        Returns
        -------
        pyarrow.StringArray
            `n` values such as `["退款","投诉"]`; `[]` where there is none.
        """
        pair = hits.doc * np.int64(len(self) + 1) + hits.word
        _, first = np.unique(pair, return_index=True)
        first.sort()
        doc, word = hits.doc[first], hits.word[first]
        rank = np.arange(len(doc)) - np.searchsorted(doc, doc)
        doc, word = doc[rank < most], word[rank < most]
        offsets = np.searchsorted(doc, np.arange(n + 1)).astype(np.int32)
        lists = pa.ListArray.from_arrays(pa.array(offsets), self.json.take(pa.array(word)))
        return pc.binary_join_element_wise("[", pc.binary_join(lists, ","), "]", "")


def _folded(words: list[str]) -> list[str]:
    codes = fold(words)
    return [codes.text(int(s), int(e)).strip() for s, e in zip(codes.starts, codes.ends, strict=True)]


def _slot(hashed: U64) -> U64:
    return hashed >> np.uint64(64 - _FILTER_BITS)


def _outermost(start: I64, end: I64) -> npt.NDArray[np.bool_]:
    """Which spans, ordered by start and falling end, do not lie inside an earlier one."""
    reach = np.maximum.accumulate(end)
    inside = np.zeros(len(start), dtype=bool)
    inside[1:] = end[1:] <= reach[:-1]
    return ~inside


__all__ = ["CJK", "WORD", "Hits", "WordList"]
