"""Turns of phrase that a linear reader misses: irony, faults denied, figures of speech, force against people.

A sum of words cannot say that praise of what nobody praises is none. So a few constructions are read by themselves:
thanks or applause followed by a mishap, without a word that it was put right and without any other praise ("thanks for
losing my bag"); praise as an exclamation before a mishap ("great, another delay"); praise before so many tries that
led to nothing ("great support, called eight times and nobody answered"); set phrases that are always ironic. The same
holds for what only sounds bad ("never had a problem", "this slaps").
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from crisislib.nlp.label_batch import strings
from crisislib.nlp.preprocess.codepoints import Codes
from crisislib.nlp.preprocess.word_lists import phrases, read

F64 = npt.NDArray[np.float64]
LIST = "_turns"
SURE = 1.5
"""Least logit of a turn that is read as bad: P = 0.82, as often as the written lines with such turns were bad."""
LIKELY = 1.0
"""Least logit of a denied fault or a figure of speech that is read as good: P = 0.73; in reviews four of five are."""
EXCLAIMED = {True: 4, False: 12}
"""Most words of an English clause, or characters of a Chinese one, that is an exclamation of praise, a name in it."""
NEAR = 25
"""Characters around a word of force within which a person is its object."""
PLAINLY = 2
"""Strength of listed words from which they praise."""
CLAUSES = re.compile(r"[,.!?;:…~\n，。！？；：～]+")
BAD, GOOD = ("irony", "force"), ("nothing", "hyperbole")
"""Turns that are read as bad, and as good."""


def _either(words: list[str]) -> str:
    ordered = sorted(words, key=len, reverse=True)
    english = [re.escape(w).replace(r"\*", "[a-z]*") for w in ordered if w.isascii()]
    chinese = [re.escape(w) for w in ordered if not w.isascii()]
    # No word of the other script: a post of both is read by both.
    parts = [rf"(?:\b|(?<=\s))(?:{'|'.join(english)})(?![a-z0-9])"] if english else []
    return "|".join([*parts, *chinese])


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Every entry of the list as one pattern, and plain praise and blame of any kind."""
    lists = read(LIST)
    out: dict[str, re.Pattern[str]] = {}
    for name, entry in lists.items():
        if name == "patterns":
            out |= {kind: re.compile("|".join(rules)) for kind, rules in entry.items()}  # type: ignore[attr-defined]
        else:
            words = [word for text in entry.values() for word in phrases(text)]  # type: ignore[attr-defined]
            out[name] = re.compile(_either(words))
    plain = {word for text in lists["plain"].values() for word in phrases(text)}  # type: ignore[attr-defined]
    return out | {
        "praised": re.compile(_either([word for word in _of_feeling("pos") if word not in plain])),
        "blamed": re.compile(_either(_of_feeling("neg"))),
    }


def _of_feeling(side: str) -> list[str]:
    """Listed words that praise (`pos`) or blame (`neg`) by themselves."""
    return [
        word
        for name in ("_sentiment_zh", "_sentiment_en")
        for strength, text in read(name)[side].items()  # type: ignore[attr-defined]
        for word in phrases(text)
        if strength >= PLAINLY and word[0].isalnum() and len(word) > 1
    ]


@cache
def _candidate() -> str:
    """What a text must hold before it is read more closely; a superset of all turns, without look-around."""
    words = [
        word
        for name in ("marked", "thanks", "praise", "force")
        for text in read(LIST)[name].values()  # type: ignore[attr-defined]
        for word in phrases(text)
    ]
    kinds = read(LIST)["patterns"]
    rules = [rule for name in (*GOOD, "futile") for rule in kinds[name]]  # type: ignore[index]
    return "|".join([*(re.escape(word.rstrip("*")) for word in words), *(f"(?:{rule})" for rule in rules)])


def turn_of(text: str) -> str:
    """The turn of phrase of one folded text.

    Parameters
    ----------
    text : str
        Folded: lower case, simplified characters.

    Returns
    -------
    str
        `irony`, `force`, `nothing` (a fault denied), `hyperbole`, or empty.
    """
    find = _patterns()
    if _ironic(text):
        return "irony"
    for name in GOOD:
        if find[name].search(text) and not find["blamed"].search(find[name].sub(" ", text)):
            return name
    return "force" if _forced(text) else ""


def _ironic(text: str) -> bool:
    find = _patterns()
    if find["marked"].search(text):
        return True
    futile = find["futile"].search(text)
    if find["mends"].search(find["futile"].sub(" ", text)):
        return False
    if futile and (find["praise"].search(text[: futile.start()]) or find["praised"].search(text[: futile.start()])):
        return True
    if find["spared"].search(text):
        return False
    thanks = find["thanks"].search(text)
    if thanks and not find["praised"].search(text[: thanks.start()]) and _mishap(text[thanks.end() :], soft=True):
        return True
    clauses = [one.strip() for one in CLAUSES.split(text) if one.strip()]
    if len(clauses) < 2 or not find["praise"].search(clauses[0]):
        return False
    head = clauses[0]
    size = len(head.split()) if head.isascii() else len(head)
    return size <= EXCLAIMED[head.isascii()] and _mishap(" , ".join(clauses[1:]), soft=False)


def _mishap(rest: str, *, soft: bool) -> bool:
    """Whether what follows is something that nobody praises, with no praise of its own; a wait counts if `soft`."""
    find = _patterns()
    bad = find["hard"].search(rest) or find["repeated"].search(rest)
    if not (bad or (soft and find["span"].search(rest) and find["soft"].search(rest))):
        return False
    # More of the same thanks is no praise of anything else.
    return not find["praised"].search(find["thanks"].sub(" ", find["praise"].sub(" ", rest)))


def _forced(text: str) -> bool:
    """Whether it tells of force against a person."""
    find = _patterns()
    if find["praised"].search(text):
        return False
    around = (text[max(0, one.start() - NEAR) : one.end() + NEAR] for one in find["force"].finditer(text))
    return any(find["person"].search(stretch) for stretch in around)


def corrected(two: F64, codes: Codes) -> F64:
    """Logits in which turns of phrase are read as what they mean.

    Parameters
    ----------
    two : numpy.ndarray of shape (n, 2)
        Logits of good against bad and of opinion against plain.
    codes : Codes
        The n texts.

    Returns
    -------
    numpy.ndarray of shape (n, 2)
        A new array. A turn that is bad turns the first logit over, to −1.5 at least, one that is good to 1.
    """
    texts = strings(codes)
    rows = np.flatnonzero(pc.match_substring_regex(texts, _candidate()).to_numpy(zero_copy_only=False))
    out = two.copy()
    for row in rows.tolist():
        turn = turn_of(texts[row].as_py())
        if turn in BAD:
            out[row] = -max(abs(two[row, 0]), SURE), max(two[row, 1], SURE)
        elif turn in GOOD:
            out[row, 0] = max(abs(two[row, 0]), LIKELY)
    return out
