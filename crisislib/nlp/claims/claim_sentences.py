"""The sentence that stands for a claim: short, whole, in people's own words, no question and no call to pass it on."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from crisislib.nlp.claims.claim_words import Vocabulary
from crisislib.nlp.preprocess.repost_text import split

SHORTEST, LONGEST = 6, 42
"""Units (a Chinese character, or half an English word) between which a sentence reads as a headline."""
FITTING = (10, 30)
"""Units of the length that reads best: a line of a headline."""
MOST = 60
"""Texts of a claim that sentences are taken from, the most copied first."""
ASKS, CALLS, MINE = 0.25, 0.3, 0.6
"""A question, a call to act or to pass on, and what happened to the writer alone, stand for a claim only where nothing
else does."""

_FURNITURE = re.compile(
    r"https?://\S+|www\.\S+|(?<!\w)@[^\s:：,，@/]+[:：]?|[#＃][^#＃\s]+[#＃]?|\[[^\[\]\s]{1,12}\]|【|】"
    r"|[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F]"
)
_END = re.compile(r"(?<=[。！？!?；;…\n])|(?<=[a-z0-9)\"'”’][.])\s+|\n+")
_CLAUSE = re.compile(r"(?<=[，,：:])\s*|\s+[–—-]\s+")
_ASKS = re.compile(r"[？?]\s*$|(吗|么|呢)[。！!]*$|^(is|are|was|were|do|does|did|what|which|who|why|how|when)\b", re.I)
_MINE = re.compile(r"我|\b(i|i'm|me|my|mine|we|our)\b", re.IGNORECASE)
_CALLS = re.compile(
    r"扩散|转发|转起来|求转|大家(看看|注意|小心)|姐妹|赶紧|快(看|存|转)|听说了吗|在评论区|在下面"
    r"|\b(share|spread|retweet|rt|psa|fyi|just saw|tell your|be careful|check what|hold on|below|watch)\b",
    re.IGNORECASE,
)


def best_sentence(texts: Sequence[str], counts: Sequence[int], known: Vocabulary, centre: np.ndarray) -> str:
    """The sentence, or part of one, that says best what a group of texts says.

    Parameters
    ----------
    texts : sequence of str
        Raw texts of the group, the most copied first.
    counts : sequence of int
        Posts with each.
    known : Vocabulary
        Words and weights.
    centre : numpy.ndarray of shape (words,)
        Mean vector of the group.

    Returns
    -------
    str
        Without links, names of accounts and hashtags; empty where the texts have no words.
    """
    spans: list[tuple[str, int]] = []
    for text, n in zip(texts[:MOST], counts[:MOST], strict=True):
        spans += [(span, n) for span in _spans(text)]
    if not spans:
        return ""
    near = np.asarray(known.vectors([s for s, _ in spans]) @ centre).ravel()
    score = near * np.array([_shape(s) * (1 + 0.1 * np.log(n)) for s, n in spans])
    return spans[int(np.argmax(score))][0] if len(score) and score.max() > 0 else spans[0][0]


def _spans(text: str) -> list[str]:
    """Sentences of a text's own words, and runs of their clauses."""
    own, quoted, _ = split(text)
    plain = _FURNITURE.sub(" ", own if own.strip() else quoted)
    result = []
    for sentence in _END.split(plain):
        clauses = [c for c in _CLAUSE.split(sentence) if c.strip()]
        for begin in range(min(len(clauses), 6)):
            for end in range(begin + 1, min(len(clauses), begin + 4) + 1):
                span = _tidy("".join(_joined(clauses[begin:end])))
                if SHORTEST <= length(span) <= LONGEST:
                    result.append(span)
    return list(dict.fromkeys(result))


def _joined(clauses: list[str]) -> list[str]:
    return [c if c.endswith(("，", "：")) or i == len(clauses) - 1 else c.rstrip() + " " for i, c in enumerate(clauses)]


def _tidy(span: str) -> str:
    return re.sub(r"\s+", " ", span).strip(" ,，、:：;；.。!！~～-—…'\"“”「」()（）")


def length(span: str) -> float:
    """Length as a reader feels it: a Chinese character is one, an English word two.

    Parameters
    ----------
    span : str
        Any text.

    Returns
    -------
    float
        Units.
    """
    han = len(re.findall(r"[\u3400-\u9fff]", span))
    return han + 2 * len(re.findall(r"[^\W\u3400-\u9fff]+", span))


def _shape(span: str) -> float:
    """How well a span reads as a headline, 0-1."""
    n = length(span)
    low, high = FITTING
    fit = float(min(n / low, 1.0) * min(high / n, 1.0) ** 0.5)
    own = MINE if _MINE.search(span) else 1.0
    return own * fit * (ASKS if _ASKS.search(span) else 1.0) * (CALLS if _CALLS.search(span) else 1.0)
