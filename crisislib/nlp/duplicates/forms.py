"""Forms and templates told from copies: in a form the wording is given and the fields are filled in by each author."""

from __future__ import annotations

from collections import Counter

import numpy as np

from crisislib.nlp.duplicates.minhash import GRAM, I64
from crisislib.nlp.duplicates.sketches import Sketches

TEXTS = 5
"""Distinct texts from which a form can be told: of five, half is at least three that differ in the same place."""
READ = 200
"""Texts of one narrative that are compared, the newest: the standard error of a share is then below 4 %."""
FIXED = 0.5
"""Share of the texts from which a 5-gram is given wording: what most of them have. Copies that people have edited keep
nearly all of their wording by that measure, for each edit stands elsewhere."""
FILLED = 0.5
"""Share of the texts that fill a field, and the most that one value of it may take. Copies that people have edited
differ here and there; a place where most texts have a text of their own is a field."""
OWN_TEXTS = 0.8
"""Distinct texts per post from which posts are filled in rather than copied."""
FIELDS = 2
"""Fields that make a form by themselves; one field needs :data:`OWN_PART`."""
OWN_PART = 0.2
"""Share of the characters that lie in fields, from which one field makes a form. A slogan with the name of a town
changed lies below it: that is a copy."""


def is_form(sketches: Sketches, rows: I64, posts: int) -> bool:
    """Whether the texts of a narrative were filled into one form.

    Parameters
    ----------
    sketches : Sketches
        Ordered 5-grams of all texts.
    rows : numpy.ndarray of shape (k,)
        Rows of the narrative's distinct texts, in order of time.
    posts : int
        Posts of the narrative.

    Returns
    -------
    bool
        True for a form: given wording with at least one field between two parts of it, either two fields or one that
        holds a fifth of the text, and nearly as many different texts as posts.
    """
    if len(rows) < TEXTS or len(rows) < OWN_TEXTS * posts:
        return False
    texts = [sketches.grams[sketches.starts[r] : sketches.starts[r + 1]] for r in rows[-READ:]]
    in_texts = Counter(int(g) for text in texts for g in np.unique(text))
    fixed = np.array([g for g, n in in_texts.items() if n >= FIXED * len(texts)], dtype=np.uint32)
    if not len(fixed):
        return False
    values: dict[tuple[int, bool], list[tuple[int, ...]]] = {}
    lengths: dict[tuple[int, bool], int] = {}
    for text in texts:
        for place, value in _fields(text, np.isin(text, fixed)):
            values.setdefault(place, []).append(value)
            # A run of k 5-grams without wording spans k - 4 characters of the author's own.
            lengths[place] = lengths.get(place, 0) + max(len(value) - GRAM + 1, 1)
    fields = [place for place, filled in values.items() if _is_field(filled, len(texts))]
    if not any(inside for _, inside in fields):
        return False
    characters = sum(len(text) + GRAM - 1 for text in texts)
    return len(fields) >= FIELDS or sum(lengths[place] for place in fields) >= OWN_PART * characters


def _is_field(filled: list[tuple[int, ...]], texts: int) -> bool:
    """Whether most texts have something in this place, and no one thing prevails."""
    return len(filled) >= FILLED * texts and max(Counter(filled).values()) <= FILLED * len(filled)


def _fields(text: np.ndarray, fixed: np.ndarray) -> list[tuple[tuple[int, bool], tuple[int, ...]]]:
    """Runs without given wording: where they stand (the 5-gram before, whether wording follows) and what they are."""
    edges = np.flatnonzero(np.diff(np.r_[True, fixed, True].astype(np.int8)))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [
        ((int(text[begin - 1]) if begin else -1, begin > 0 and end < len(text)), tuple(text[begin:end].tolist()))
        for begin, end in runs
    ]
