"""Does a sentence say what its posts say? Checked by code, so that a model need not be believed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import pyarrow as pa

from crisislib.core.i18n import N_
from crisislib.nlp.topics import tokens

SUPPORTED = 0.6
"""Share of a sentence's content words that its posts must hold."""
STEM = 5
"""First letters of a Latin word that must agree: covers endings, not synonyms."""
CLAUSE_SUPPORTED = 0.5
"""The same of each clause: below a half an invented clause hides behind true ones. Lower than for a whole sentence, for
in a clause of three words a single other word is a third."""
ENOUGH_WORDS = 2
"""Content words below which a sentence says nothing that can be compared."""

UNCITED = N_("cites nothing that was shown")
ADDRESS = N_("holds an address, a name tag or markup")
NUMBER = N_("holds a number that its posts do not")
QUOTE = N_("quotes what its posts do not say")
NAME = N_("names somebody that its posts do not")
WORDS = N_("uses mostly words that its posts do not")
CLAUSE = N_("has a part that its posts do not bear out")
DENIAL = N_("denies what its posts say, or says what they deny")
EMPTY = N_("says nothing that can be checked")

_ADDRESS = re.compile(r"https?:|www\.|\b[\w-]+\.(?:com|cn|net|org|io|ru)\b|@\w|<[^>]*>|[`*_]{2,}|\]\(|\{|\}", re.I)
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_HAN_NUMBER = re.compile(
    r"[零一二两三四五六七八九十百千万亿]{2,}|[二两三四五六七八九十](?=[个名人天年月日次万亿元条家%])"
)
_QUOTE = re.compile(r"[“\"「『](.+?)[”\"」』]")
_CAPITAL = re.compile(r"(?<![.!?。！？]\s)(?<!^)(?<![A-Za-z0-9])[A-Z][A-Za-z]+(?![A-Za-z])")
"""A name, also between Chinese characters, where no border of words is."""
_NEGATION = re.compile(
    r"没有|沒有|不是|不会|不能|未|无|並非|并非|否认|否認|拒绝|拒絕|不|没|\b(?:no|not|never|none|without|cannot|den(?:y|ies|ied))\b"
    r"|n['’]t\b",
    re.I,
)
_NO_DENIAL = re.compile(
    r"不(?:少|仅|但|过|断|同|久|止|只|管|论|得不|良|满|当|明)|没(?:想到|收)|无(?:数|论)|\bnot only\b", re.I
)
"""Words with a negative sign in them that deny nothing."""
_CLAUSE = re.compile(
    r"[，,；;：:、—–]+|\s-\s|\b(?:and|but|while|because|which|after|before)\b|(?:并且|而且|但是|因为|所以)"
)
_END = re.compile(r"(?<=[。！？!?])\s*|(?<=[.])\s+(?=[A-Z\d“\"])|\n+")


def sentences(text: str) -> list[str]:
    """A text cut into sentences, so that one citation cannot cover a paragraph.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str
        Without surrounding spaces; none is empty.
    """
    return [part.strip() for part in _END.split(text) if part and part.strip()]


def _content(texts: Sequence[str]) -> set[str]:
    return {word for line in tokens.words(tokens.clean(pa.array(list(texts)))) for word in line.split()}


def _numbers(text: str) -> set[str]:
    shown = unicodedata.normalize("NFKC", text)
    plain = {re.sub(r",(?=\d{3})", "", number).rstrip(".,:") for number in _DIGITS.findall(shown)}
    return plain | set(_HAN_NUMBER.findall(shown))


def _occurs(word: str, known: set[str], joined: str) -> bool:
    if re.search(r"[\u3400-\u9fff]", word):
        # The segmenter may part the same words otherwise in another sentence.
        return word in known or word in joined
    return word in known or any(other.startswith(word[:STEM]) for other in known if len(word) >= STEM)


def _denies(text: str) -> bool:
    return _NEGATION.search(_NO_DENIAL.sub("", text)) is not None


def fault(sentence: str, cited: Sequence[str]) -> str | None:
    """Why a sentence may not stand on the texts that it cites; None when it may.

    Parameters
    ----------
    sentence : str
        One sentence.
    cited : sequence of str
        Texts of the posts and facts that it cites.

    Returns
    -------
    str or None
        A marked message.

    Notes
    -----
    A guard against invention, not a proof: a sentence passes when its numbers, quotations and names stand
    in the cited texts, at least 60 % of its content words do and half of those of each clause, and it denies only where
    they deny. A sentence in another language than its posts cannot be checked this way and falls.
    """
    if not cited:
        return UNCITED
    if _ADDRESS.search(unicodedata.normalize("NFKC", sentence)):
        return ADDRESS
    joined = " ".join(cited)
    if not _numbers(sentence) <= _numbers(joined):
        return NUMBER
    folded = "".join(tokens.clean(pa.array([joined]))[0].split())
    for quote in _QUOTE.findall(sentence):
        if "".join(tokens.clean(pa.array([quote]))[0].split()) not in folded:
            return QUOTE
    if any(name.casefold() not in joined.casefold() for name in _CAPITAL.findall(sentence)):
        return NAME
    words = _content([sentence])
    if len(words) < ENOUGH_WORDS:
        return EMPTY
    known = _content(cited)
    if sum(_occurs(word, known, folded) for word in words) < SUPPORTED * len(words):
        return WORDS
    for clause in _clauses(sentence):
        own = _content([clause])
        if len(own) >= ENOUGH_WORDS and sum(_occurs(word, known, folded) for word in own) < CLAUSE_SUPPORTED * len(own):
            return CLAUSE
    return DENIAL if _turned_round(sentence, cited) else None


def _turned_round(sentence: str, cited: Sequence[str]) -> bool:
    """Whether a sentence, or a clause of it, denies what its posts say or the other way about.

    A clause is compared with those that have most of its words: of ten posts cited for “they promised a recall” nine
    may deny nothing, and the tenth says “they promised no recall”.
    """
    denying, denies = [_denies(text) for text in cited], _denies(sentence)
    if (denies and not any(denying)) or (not denies and all(denying)):
        return True
    theirs = [part for text in cited for whole in sentences(text) for part in _clauses(whole)]
    known = [(_content([part]), "".join(tokens.clean(pa.array([part]))[0].split()), _denies(part)) for part in theirs]
    for clause in _clauses(sentence):
        own = _content([clause])
        shared = [sum(_occurs(word, words, joined) for word in own) for words, joined, _ in known]
        if len(own) >= ENOUGH_WORDS and max(shared, default=0) >= ENOUGH_WORDS:
            nearest = [deny for n, (*_, deny) in zip(shared, known, strict=True) if n == max(shared)]
            if _denies(clause) not in nearest:
                return True
    return False


def bears(text: str, sentence: str) -> bool:
    """Whether a text has any content word of a sentence, so that it can be cited for it.

    Parameters
    ----------
    text, sentence : str
        A post or fact, and what cites it.

    Returns
    -------
    bool
    """
    joined, known = "".join(tokens.clean(pa.array([text]))[0].split()), _content([text])
    return any(_occurs(word, known, joined) for word in _content([sentence]))


def _clauses(sentence: str) -> list[str]:
    return [part.strip() for part in _CLAUSE.split(sentence) if part and part.strip()]
