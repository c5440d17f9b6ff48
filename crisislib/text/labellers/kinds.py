"""Crisis type and kind of complaint: the class whose listed words weigh most."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from crisislib.text.batch import Batch, Part, evidence
from crisislib.text.listing import simple, top_class

LEAST = 2.0
"""Summed weight from which a class holds: one plain word, or two hints."""


def _label(batch: Batch, name: str, list_name: str) -> Iterator[Part]:
    lists = simple(list_name)
    total, hits = lists.sums(batch.codes)
    rows, best = top_class(total, LEAST)
    for column in range(len(lists.classes)):
        mine = rows[best == column]
        if len(mine):
            words = lists.words.said(lists.hits_for(hits, column), batch.n).take(pa.array(mine))
            value = pa.array([lists.classes[column]] * len(mine), pa.string())
            yield Part(name, mine, value, evidence(words), score=total[mine, column])


def crisis_type(batch: Batch) -> Iterator[Part]:
    """`crisis_type` where a type's words are said; score the summed weight of the different words."""
    return _label(batch, "crisis_type", "_crisis_types")


def complaint(batch: Batch) -> Iterator[Part]:
    """`complaint`: what a consumer complains of; score the summed weight of the different words."""
    return _label(batch, "complaint", "_complaints")
