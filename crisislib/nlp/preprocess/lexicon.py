"""Words of feeling in context: negation, intensity, contrast, irony, emoji, as numbers per text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from crisislib.nlp.preprocess.codepoints import CJK, I64, STOP, SYMBOL, WORD, Codes
from crisislib.nlp.preprocess.term_matcher import Hits, WordList
from crisislib.nlp.preprocess.word_lists import phrases, read

F64 = npt.NDArray[np.float64]
ROLES = ("negate", "strong", "weak", "turn", "irony")
REACH_CJK, REACH_WORD = 6, 26
"""Code points before a word of feeling in which a modifier counts: about three words in either script."""
TURNED = {1: -0.8, -1: -0.5}
"""What negation makes of a good word ("not good" is bad) and of a bad one ("not bad" is mildly good)."""

FEATURES = (
    "good", "bad", "good_n", "bad_n", "good_strong", "bad_strong", "good_weak", "bad_weak", "balance",
    "first", "last", "after_turn", "emoji_good", "emoji_bad", "negated_good", "negated_bad", "negations",
    "intensity", "irony", "irony_good", "exclaim", "ask", "trail", "length", "nothing", "only_good", "only_bad",
)  # fmt: skip
"""Columns of :func:`features`."""


@dataclass(frozen=True)
class Lexicon:
    """All listed words with what they do.

    Attributes
    ----------
    words : WordList
        Every word of the lists.
    polarity : numpy.ndarray
        −3 to 3 per word; 0 for modifiers and for words that only look like feeling.
    roles : dict of str to numpy.ndarray of bool
        Which words are modifiers of which kind.
    emoji : numpy.ndarray of bool
        Which words are emoji or bracketed emoticon words.
    """

    words: WordList
    polarity: F64
    roles: dict[str, npt.NDArray[np.bool_]]
    emoji: npt.NDArray[np.bool_]


@cache
def lexicon() -> Lexicon:
    """The lists of this project, Chinese and English together."""
    polarity: dict[str, float] = {}
    emoji: set[str] = set()
    for name in ("_sentiment_zh", "_sentiment_en", "_emoji"):
        lists = read(name)
        for side, sign in (("pos", 1.0), ("neg", -1.0)):
            for strength, text in lists[side].items():  # type: ignore[attr-defined]
                for word in phrases(text):
                    polarity.setdefault(word, sign * float(strength))
                    if name == "_emoji":
                        emoji.add(word)
        polarity |= {word: 0.0 for word in phrases(str(lists.get("none", "")))}
    role_words: dict[str, set[str]] = {}
    for role, texts in read("_modifiers").items():
        role_words[role] = {word for text in texts.values() for word in phrases(text)}  # type: ignore[attr-defined]
    words = list(polarity) + [
        w for w in dict.fromkeys(x for r in ROLES for x in sorted(role_words[r])) if w not in polarity
    ]
    return Lexicon(
        WordList(words),
        np.array([polarity.get(word, 0.0) for word in words]),
        {role: np.array([word in role_words[role] for word in words]) for role in ROLES},
        np.array([word in emoji for word in words]),
    )


@dataclass(frozen=True)
class SentimentWords:
    """The words of feeling of a batch, with their strength in context."""

    hits: Hits
    value: F64
    negated: npt.NDArray[np.bool_]
    after_turn: npt.NDArray[np.bool_]
    modifiers: Hits


def sentiment_words(codes: Codes) -> SentimentWords:
    """Words of feeling with their strength after negation and intensifiers of the same clause.

    Parameters
    ----------
    codes : Codes

    Returns
    -------
    SentimentWords
    """
    lists = lexicon()
    hits = lists.words.find(codes)
    mine = hits.take(lists.polarity[hits.word] != 0)
    modifiers = hits.take(np.any([lists.roles[role][hits.word] for role in ROLES], axis=0))
    stop = np.where(_ends_clause(codes), np.arange(len(codes.points)) + 1, 0)
    clause = np.maximum.accumulate(stop)[mine.start] if len(mine.start) else mine.start
    reach = np.where(codes.kinds[mine.start] == CJK, REACH_CJK, REACH_WORD)
    low = np.maximum(mine.start - reach, clause)
    count = {role: _between(modifiers.take(lists.roles[role][modifiers.word]), low, mine.start) for role in ROLES[:3]}
    value = lists.polarity[mine.word]
    negated = count["negate"] % 2 == 1
    value = value * np.where(negated, np.where(value > 0, TURNED[1], TURNED[-1]), 1.0)
    value = value * (1 + 0.3 * np.minimum(count["strong"], 2)) * np.where(count["weak"] > 0, 0.6, 1.0)
    turns = modifiers.take(lists.roles["turn"][modifiers.word])
    last_turn = np.zeros(codes.n, dtype=np.int64)
    np.maximum.at(last_turn, turns.doc, turns.end)
    after = (last_turn[mine.doc] > 0) & (mine.start >= last_turn[mine.doc])
    return SentimentWords(mine, value, negated, after, modifiers)


def _ends_clause(codes: Codes) -> npt.NDArray[np.bool_]:
    """Code points at which a clause ends: punctuation, and blanks between Chinese characters, which are commas."""
    ends: npt.NDArray[np.bool_] = codes.kinds == STOP
    blank = codes.points == ord(" ")
    if len(blank) > 2:
        ends = ends.copy()
        ends[1:-1] |= blank[1:-1] & (codes.kinds[:-2] == CJK) & (codes.kinds[2:] == CJK)
    return ends


def _between(hits: Hits, low: I64, high: I64) -> I64:
    """How many hits start at or after `low` and end at or before `high`."""
    ends = np.sort(hits.end)
    inside = np.searchsorted(ends, high, side="right") - np.searchsorted(hits.start, low, side="left")
    return np.asarray(np.maximum(inside, 0), dtype=np.int64)


def features(codes: Codes, words: SentimentWords | None = None) -> F64:
    """What the lexicon says of each text.

    Parameters
    ----------
    codes : Codes
        The folded batch.
    words : SentimentWords, optional
        The result of :func:`sentiment_words`, if it is at hand.

    Returns
    -------
    numpy.ndarray, (n_texts, len(FEATURES))
        Sums are damped by log(1 + x), so that a long text does not outweigh its tone.
    """
    lists, feeling, n = lexicon(), words or sentiment_words(codes), codes.n
    doc, value = feeling.hits.doc, feeling.value

    def total(weights: npt.NDArray[np.generic], which: npt.NDArray[np.bool_] | None = None) -> F64:
        some = slice(None) if which is None else which
        return np.log1p(np.bincount(doc[some], weights=np.asarray(weights[some], float), minlength=n))

    good, bad, one = value > 0, value < 0, np.ones(len(value))
    strength, emoji = np.abs(value), lists.emoji[feeling.hits.word]
    base = np.abs(lists.polarity[feeling.hits.word])
    raw_good = np.bincount(doc[good], weights=value[good], minlength=n)
    raw_bad = np.bincount(doc[bad], weights=-value[bad], minlength=n)
    first, last = _ends(doc, value, n)
    turned = np.bincount(doc[feeling.after_turn], weights=value[feeling.after_turn], minlength=n)
    columns = {
        "good": np.log1p(raw_good),
        "bad": np.log1p(raw_bad),
        "good_n": total(one, good),
        "bad_n": total(one, bad),
        "good_strong": total(strength, good & (base >= 3)),
        "bad_strong": total(strength, bad & (base >= 3)),
        "good_weak": total(strength, good & (base <= 1)),
        "bad_weak": total(strength, bad & (base <= 1)),
        "balance": (raw_good - raw_bad) / (raw_good + raw_bad + 1.0),
        "first": np.tanh(first / 2),
        "last": np.tanh(last / 2),
        "after_turn": np.tanh(turned / 3),
        "emoji_good": total(strength, good & emoji),
        "emoji_bad": total(strength, bad & emoji),
        "negated_good": total(one, feeling.negated & bad),
        "negated_bad": total(one, feeling.negated & good),
        "only_good": ((raw_good > 0) & (raw_bad == 0)).astype(float),
        "only_bad": ((raw_bad > 0) & (raw_good == 0)).astype(float),
        "nothing": ((raw_bad == 0) & (raw_good == 0)).astype(float),
    }
    columns |= _surface(codes, feeling.modifiers)
    columns["irony_good"] = columns["irony"] * columns["good"]
    return np.stack([columns[name] for name in FEATURES], axis=1)


def _ends(doc: I64, value: F64, n: int) -> tuple[F64, F64]:
    """Strength of the first and of the last word of feeling of each text."""
    first, last = np.zeros(n), np.zeros(n)
    first[doc[::-1]] = value[::-1]
    last[doc] = value
    return first, last


def _surface(codes: Codes, modifiers: Hits) -> dict[str, F64]:
    """Punctuation, length and modifiers of each text."""
    lists, n = lexicon(), codes.n

    def points(*which: str) -> F64:
        marks = np.isin(codes.points, [ord(mark) for mark in which])
        return np.log1p(np.bincount(codes.docs[marks], minlength=n))

    def role(name: str) -> F64:
        some = lists.roles[name][modifiers.word]
        return np.log1p(np.bincount(modifiers.doc[some], minlength=n))

    letters = np.isin(codes.kinds, (WORD, CJK, SYMBOL))
    return {
        "negations": role("negate"),
        "intensity": role("strong"),
        "irony": role("irony"),
        "exclaim": points("!"),
        "ask": points("?"),
        "trail": points("…", "~", "."),
        "length": np.log1p(np.bincount(codes.docs[letters], minlength=n)) / 5.0,
    }
