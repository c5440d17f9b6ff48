"""Which past cases are like a case at hand: by kind, subject, industry, standing and rare words, with the reasons."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crisislib.core.i18n import N_, tr
from crisislib.core.phrase import Listing, Phrase
from crisislib.respond.past_cases import PastCase

WEIGHTS = {"words": 0.4, "kind": 0.25, "industry": 0.15, "subject": 0.1, "standing": 0.1}
"""Shares of the likeness. Words tell a leak of passports from one of addresses, so they weigh most; playbooks follow
the kind; the public that is spoken to follows the industry; what is not known of the case at hand has no share."""
RARE = 0.1
"""Share of the cases that may use a word which still says something: `said` and `report` are in most of them."""
RARE_LEAST = 3
"""Cases that may use it in a small library."""
ENOUGH = 3
"""Rare words in common that make two cases as like as words can: one may be chance."""
COMMON = frozenset([
    "说法", "没有", "使用", "发现", "表示", "可以", "认为", "一个", "部分", "多名",
    "要求", "进行", "出现", "问题", "情况", "公司", "企业", "品牌", "国内",
    "people", "report", "said", "say", "found", "compan", "brand",
])  # fmt: skip
"""Words that say nothing of a case, however few of a small library use them; Latin ones by their stem."""
STEM = 6
"""Letters of a Latin word that are compared, so that `battery` is `batteries`."""
WORDS_SHOWN = 4
"""Words in common that a reader is shown."""
_STANDS = {
    "confirmed": N_("the claim was confirmed then, too"),
    "denied": N_("the claim was denied then, too"),
}
"""Standing of the case at hand -> the reason where a case was alike in it; any other standing says nothing."""
_SAME_KIND = N_("same kind of crisis")
_SAME_SUBJECT = N_("same subject: {subject}")
_SAME_INDUSTRY = N_("same industry")
_WORDS = N_("words in common: {words}")


@dataclass(frozen=True)
class CaseAtHand:
    """What is known of the case that others are compared with; what is empty is not compared.

    Attributes
    ----------
    text : str
        What is claimed, in words; its title.
    kind, subject : str
        Kind of crisis, and what it is about, both as kinds are named: a rumour may be about a product.
    sector : str
        Industry, as watch files name it.
    standing : str
        How its claim stands: confirmed, denied …
    """

    text: str = ""
    kind: str = ""
    subject: str = ""
    sector: str = ""
    standing: str = ""


@dataclass(frozen=True)
class LikeCase:
    """A past case and why it is like the one at hand.

    Attributes
    ----------
    case : PastCase
        The case.
    likeness : float
        0 to 1.
    reasons : list of Phrase
        Why.
    """

    case: PastCase
    likeness: float
    reasons: list[Phrase]


def like_cases(
    cases: Sequence[PastCase], hand: CaseAtHand, *, kinds: Mapping[str, str], most: int = 5
) -> list[LikeCase]:
    """The past cases most like a case at hand, the likest first.

    Parameters
    ----------
    cases : sequence of PastCase
        To be searched; how rare a word is follows from all of them.
    hand : CaseAtHand
        What is known of the one at hand.
    kinds : mapping of str to str
        Kind of crisis -> its name, a gettext id; cases are found by it as well.
    most : int
        Cases at most.

    Returns
    -------
    list of LikeCase
        Those with anything in common: the sum of :data:`WEIGHTS` of what is alike, in parts of what is known of the
        case at hand. Words count by how rare each is (inverse document frequency, Spärck Jones 1972); three of the
        rarest make full likeness, so that one chance word among five hundred does not.
    """
    asked = _words(hand.text)
    texts = [_words(f"{case.text} {_names(kinds.get(case.kind, ''))}") for case in cases]
    rarity = _rarity(texts)
    known = {"words": bool(asked), **{k: bool(getattr(hand, k)) for k in ("kind", "subject")}}
    known |= {"industry": bool(hand.sector), "standing": hand.standing in _STANDS}
    whole = sum(WEIGHTS[part] for part, is_known in known.items() if is_known)
    found = []
    for case, words in zip(cases, texts, strict=True):
        common = sorted((w for w in asked if w in words and w in rarity), key=lambda w: (-rarity[w], w))
        alike = min(1.0, sum(rarity[w] for w in common) / (ENOUGH * _rarest(len(cases))))
        reasons = _reasons(case, hand, kinds) | ({"words": _shared(asked, common)} if common else {})
        points = sum(WEIGHTS[part] * (alike if part == "words" else 1.0) for part in reasons)
        if reasons:
            found.append(LikeCase(case, points / whole, list(reasons.values())))
    return sorted(found, key=lambda one: (-one.likeness, one.case.id))[:most]


def _reasons(case: PastCase, hand: CaseAtHand, kinds: Mapping[str, str]) -> dict[str, Phrase]:
    """What is alike beside the words: part of the likeness -> its words."""
    result = {}
    if hand.kind and case.kind == hand.kind:
        result["kind"] = Phrase(_SAME_KIND)
    if hand.subject and hand.subject in (case.kind, case.subject):
        result["subject"] = Phrase(_SAME_SUBJECT, {"subject": Phrase(kinds.get(hand.subject, hand.subject))})
    if hand.sector and case.sector == hand.sector:
        result["industry"] = Phrase(_SAME_INDUSTRY)
    if hand.standing in _STANDS and _stood(case, hand.standing):
        result["standing"] = Phrase(_STANDS[hand.standing])
    return result


def _stood(case: PastCase, standing: str) -> bool:
    """Whether the claim of a past case once stood so."""
    if standing == "confirmed":
        return case.turned_out == "true"
    return case.denied_first or any(tag.startswith("deny.") for tag in case.strategies)


def _shared(asked: Mapping[str, str], common: Sequence[str]) -> Phrase:
    return Phrase(_WORDS, {"words": Listing(tuple(asked[w] for w in common[:WORDS_SHOWN]))})


def _rarest(n: int) -> float:
    """Weight of a word that one case of `n` uses."""
    return math.log((1 + n) / 2) + 1


def _rarity(texts: Sequence[Iterable[str]]) -> dict[str, float]:
    """Weight of each word that few cases use; the others have none."""
    uses = Counter(word for words in texts for word in set(words))
    limit = max(RARE_LEAST, RARE * len(texts))
    return {word: math.log((1 + len(texts)) / (1 + n)) + 1 for word, n in uses.items() if n <= limit}


def _names(kind: str) -> str:
    return " ".join(tr(kind, language) for language in ("en", "zh")) if kind else ""


def _words(text: str) -> dict[str, str]:
    """Words as they are compared -> as they were written: Latin ones by their stem, Chinese ones from two letters."""
    import rjieba
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    latin = [word for word in re.findall(r"[a-z]{3,}", text.casefold()) if word not in ENGLISH_STOP_WORDS]
    chinese = [word for word in rjieba.cut(text) if len(word) > 1 and "\u4e00" <= word[0] <= "\u9fff"]
    stems = {word.rstrip("s")[:STEM]: word for word in reversed(latin) if len(word.rstrip("s")) > 2}
    both = stems | {word: word for word in reversed(chinese)}
    return {key: word for key, word in both.items() if key not in COMMON}
