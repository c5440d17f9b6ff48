"""Which past cases are like a case at hand: by its kind and by its words, with the reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crisislib.core.i18n import N_
from crisislib.core.phrase import Listing, Phrase
from crisislib.respond.past_cases import PastCase

KIND_WEIGHT = 0.5
"""Share of the likeness that the kind of crisis gives, the words giving the other: playbooks are chosen by kind, and
among cases of one kind the words tell a leak of passports from one of addresses."""
LETTERS = (2, 4)
"""Letters of the pieces by which words are compared, within words: parts of English words and whole Chinese ones."""
WORDS_SHOWN = 4
"""Words in common that a reader is shown."""
LEAST = 0.02
"""Cosine below which no words are alike: two texts that share a particle have as much."""
_SAME_KIND = N_("same kind of crisis")
_WORDS = N_("words in common: {words}")


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
    cases: Sequence[PastCase], text: str, *, kinds: Mapping[str, str], kind: str = "", most: int = 5
) -> list[LikeCase]:
    """The past cases most like a case at hand, the likest first.

    Parameters
    ----------
    cases : sequence of PastCase
        To be searched.
    text : str
        Words of the case at hand: what is claimed, its title, posts. May be empty.
    kinds : mapping of str to str
        Kind of crisis -> its names in all languages, by which cases are found as well.
    kind : str
        The kind of the case at hand; any when empty.
    most : int
        Cases at most.

    Returns
    -------
    list of LikeCase
        Those with anything in common: likeness = half for the same kind + half for words; by words alone where no
        kind is given. Words count as the cosine of TF-IDF vectors over pieces of words, in parts of the best among
        the cases: a claim of one line and a hundred posts are never alike in absolute terms.

    Notes
    -----
    TF-IDF over character n-grams of 2 to 4 letters within words (Salton and Buckley 1988); Chinese has no spaces,
    and its n-grams are words and parts of them.
    """
    if not cases:
        return []
    words = _cosines([f"{one.text} {kinds.get(one.kind, '')}" for one in cases], text)
    weight = KIND_WEIGHT if kind else 0.0
    found = []
    for case, (cosine, common) in zip(cases, words, strict=True):
        same = bool(kind) and case.kind == kind
        reasons = [Phrase(_SAME_KIND)] if same else []
        reasons += [Phrase(_WORDS, {"words": Listing(tuple(common))})] if common else []
        found.append(LikeCase(case, weight * same + (1 - weight) * cosine, reasons))
    found = [one for one in found if one.reasons]
    return sorted(found, key=lambda one: (-one.likeness, one.case.id))[:most]


def _cosines(texts: Sequence[str], text: str) -> list[tuple[float, list[str]]]:
    """For each text how like it is to the one at hand, and which words both have."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer

    if not text.strip():
        return [(0.0, [])] * len(texts)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=LETTERS, sublinear_tf=True)
    rows = pieces.fit_transform([*texts, text])
    likeness = (rows[:-1] @ rows[-1].T).toarray().ravel()
    likeness = likeness / max(likeness.max(), LEAST)
    whole = TfidfVectorizer(analyzer=lambda one: [w for w in _words(one) if w not in ENGLISH_STOP_WORDS])
    table = whole.fit_transform([*texts, text]).toarray()
    names = whole.get_feature_names_out()
    shared = table[:-1] * table[-1]
    ranked = shared.argsort(axis=1)[:, ::-1][:, :WORDS_SHOWN]
    return [
        (float(one), [str(names[i]) for i in order if row[i] > 0])
        for one, row, order in zip(likeness, shared, ranked, strict=True)
    ]


def _words(text: str) -> list[str]:
    """Whole words as readers know them: Latin ones from three letters, Chinese ones from two."""
    import rjieba

    latin = re.findall(r"[a-z]{3,}", text.casefold())
    return latin + [word for word in rjieba.cut(text) if len(word) > 1 and "\u4e00" <= word[0] <= "\u9fff"]
