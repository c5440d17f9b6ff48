"""Harm: posts that speak badly of a grave matter of the brand, with more than one piece of evidence for it.

A word in a list says that a subject is spoken of, not that it happened. A post counts as harm in a subject where the
word is grave, the post is negative, the harm is not elsewhere, and something beside that one word bears it out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from crisislib.core.tables import conform, empty

VERSION = "1"
PREFIX = "harm."
GRAVE = 3.0
"""Least grade (1-4) of a subject that can be harm: below it lie complaints and mere mentions."""
NEGATIVE = 0.5
"""P(negative) from which a post is negative: more likely so than not."""
FAMILIES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "casualties": (frozenset({"product_harm"}), frozenset({"safety"})),
    "patient_safety": (frozenset({"product_harm"}), frozenset({"safety"})),
    "food_safety": (frozenset({"product_harm"}), frozenset({"safety", "quality"})),
    "travel_safety": (frozenset({"product_harm"}), frozenset({"safety"})),
    "personal_data_leak": (frozenset({"data_breach"}), frozenset({"privacy"})),
    "sexual_misconduct": (frozenset({"executive_misconduct"}), frozenset()),
    "labour_rights": (frozenset({"labour"}), frozenset()),
    "discrimination": (frozenset({"discrimination"}), frozenset()),
}
"""Types of crisis and kinds of complaint that bear a subject out."""
GRAVEST = 4.0
"""Grade of words that name the harm itself ("data breach", "recall ordered")."""
FIGURATIVE = frozenset({"casualties"})
"""Subjects whose most severe words are figures of speech as well: "I'm dead", "this killed me"."""
NEEDED = 2
"""Pieces of evidence: one word alone is a mention."""
WORDS_ALONE = frozenset({"casualties", "personal_data_leak", "regulator"})
"""Subjects whose single words are used in passing ("dead", "leaked", "recall"): the type of crisis must not rest on
the same single word, so that a claim or a second word is asked for."""


def harm(labels: pa.Table) -> pa.Table:
    """`harm.<subject>` rows of some posts from their other labels.

    Parameters
    ----------
    labels : pyarrow.Table
        LABELS of the posts, all labellers; several watches may be among them.

    Returns
    -------
    pyarrow.Table
        LABELS; score is the subject's grade, evidence the words of the subject.

    Notes
    -----
    Two pieces of evidence of: each word of the subject, one of the gravest grade once more, a type of crisis or a kind
    of complaint of the subject's family (:data:`FAMILIES`), a claim that can be checked.
    """
    rows: pd.DataFrame = labels.to_pandas()
    key = ["watch", "post_id"]
    grave = rows[rows["label"].str.startswith("sensitive.") & (rows["score"] >= GRAVE)]
    if grave.empty:
        return empty("LABELS")
    grave = grave.assign(subject=grave["label"].str.removeprefix("sensitive."))
    mine = rows.merge(grave[key].drop_duplicates(), on=key)
    mood = mine[mine["label"].isin(["sentiment", "target_sentiment"])].groupby(key)["score"].max()
    grave = grave[_at(mood, grave).fillna(0.0) >= NEGATIVE]
    elsewhere = mine[(mine["label"] == "about") & (mine["value"] == "elsewhere")].set_index(key).index
    grave = grave[~pd.MultiIndex.from_frame(grave[key]).isin(elsewhere)]
    if grave.empty:
        return empty("LABELS")
    enough = [one.pieces >= NEEDED for one in _evidence(grave, mine, key)]
    found = grave[pd.Series(enough, index=grave.index)]
    made = found.assign(label=PREFIX + found["subject"], model=f"harm@{VERSION}", p=None).drop(columns="subject")
    return conform(made, "LABELS")


def _at(values: pd.Series, rows: pd.DataFrame) -> pd.Series:
    place = pd.MultiIndex.from_frame(rows[["watch", "post_id"]])
    return pd.Series(values.reindex(place).to_numpy(), index=rows.index)


def _evidence(grave: pd.DataFrame, mine: pd.DataFrame, key: list[str]) -> Iterator[Evidence]:
    """What each post gives for its subject."""
    first = {name: mine[mine["label"] == name].drop_duplicates(key, keep="last").set_index(key) for name in _READ}
    value = {name: _at(rows["value"], grave).fillna("") for name, rows in first.items()}
    shown = {name: _at(rows["evidence"], grave) for name, rows in first.items()}
    for subject, grade, words, kind, kind_words, complaint, claim_words in zip(
        grave["subject"], grave["score"], grave["evidence"], value["crisis_type"], shown["crisis_type"],
        value["complaint"], shown["claim"], strict=True,
    ):  # fmt: skip
        claimed = " ".join(_words(claim_words))
        yield Evidence(subject, float(grade), _words(words), kind, len(_words(kind_words)), complaint, claimed)


_READ = ("crisis_type", "complaint", "claim")
"""Labels that can bear a subject out."""


def _words(evidence: object) -> set[str]:
    if not isinstance(evidence, str):
        return set()
    return {str(word).casefold() for word in json.loads(evidence).get("words", [])}


@dataclass(frozen=True)
class Evidence:
    """What one post gives for one subject: its words and their grade, the type of crisis, the complaint, the claim."""

    subject: str
    grade: float
    words: set[str]
    kind: str
    kind_words: int
    complaint: str
    claim: str

    @property
    def pieces(self) -> int:
        """Pieces of evidence; a word that is listed twice over is one piece."""
        kinds, complaints = FAMILIES.get(self.subject, (frozenset(), frozenset()))
        alone = self.subject in WORDS_ALONE
        agrees = self.kind in kinds and (self.kind_words >= 2 or not alone)
        specific = self.grade >= GRAVEST and self.subject not in FIGURATIVE
        # A claim that is the subject's own word again says nothing new, unless it gives a number.
        claims = self.claim != "" and (
            any(char.isdigit() for char in self.claim) or not any(word in self.claim for word in self.words)
        )
        return len(self.words) + agrees + specific + (self.complaint in complaints and not alone) + claims
