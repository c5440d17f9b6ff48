"""Sensitive subjects, graded, by the lists of the industry and the list that holds everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import ModelError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.nlp.classify import aboutness
from crisislib.nlp.classify.phrases import matches, pattern
from crisislib.nlp.label_batch import Batch, Part, evidence
from crisislib.nlp.preprocess.codepoints import fold
from crisislib.nlp.preprocess.term_matcher import Hits
from crisislib.nlp.preprocess.word_lists import Weighted, read, weighted

GENERAL = "general"


@cache
def industries() -> dict[str, str]:
    """Every name under which an industry's list is known -> name of the list."""
    folder = resources.files("crisislib.nlp") / "lists"
    names = sorted(entry.name[:-4] for entry in folder.iterdir() if entry.name.endswith(".yml"))
    known = {}
    for name in (name for name in names if not name.startswith("_")):
        known[name] = name
        for alias in read(name).get("aliases", []):  # type: ignore[attr-defined]
            known[str(alias).casefold()] = name
    return known


def industry_of(watch: Watch) -> str:
    """The subject list that belongs to a watch's industry.

    Parameters
    ----------
    watch : Watch

    Returns
    -------
    str
        Name of the list.

    Raises
    ------
    ModelError
        No list is known under that name.
    """
    name = watch.brand.industry.strip().casefold().replace(" ", "_")
    if name not in industries():
        raise ModelError(
            N_("no sensitive-subject list for the industry {industry!r}"),
            where=f"watch {watch.watch}, brand.industry",
            do=N_("use one of {value}"),
            facts={"industry": watch.brand.industry, "value": ", ".join(sorted(set(industries().values())))},
        )
    return industries()[name]


def subjects(industry: str) -> dict[str, dict[str, object]]:
    """Subjects of an industry and the general ones.

    Parameters
    ----------
    industry : str
        Name of the list.

    Returns
    -------
    dict of str to dict
        Subject -> `title` (zh, en) and `words` by grade.
    """
    merged: dict[str, dict[str, object]] = {}
    for name in dict.fromkeys((industry, GENERAL)):
        merged.update(read(name)["subjects"])  # type: ignore[call-overload]
    return merged


@cache
def matcher(industry: str) -> Weighted:
    """The matcher of an industry.

    Parameters
    ----------
    industry : str
        Name of the list.

    Returns
    -------
    Weighted
        Classes are subjects, weights are grades 1-4.
    """
    return weighted({name: entry["words"] for name, entry in subjects(industry).items()})  # type: ignore[misc]


def label(batch: Batch) -> Iterator[Part]:
    """`sensitive.<subject>` of the texts that speak of a subject.

    value is `grade<1-4>`, score the grade of the most severe word.

    Parameters
    ----------
    batch : Batch

    Yields
    ------
    Part

    Notes
    -----
    A word in a list says that the subject is spoken of, not that it happened; "no injuries" is a hit too. A figure of
    speech ("I'm dead", "the battery died") speaks of no death.
    """
    lists = matcher(industry_of(batch.watch))
    grades, hits = _spoken_of(batch, lists)
    for column, name in enumerate(lists.classes):
        rows = np.flatnonzero(grades[:, column] > 0).astype(np.int64)
        if not len(rows):
            continue
        grade = grades[rows, column]
        words = lists.words.matched_words(lists.hits_for(hits, column), batch.n).take(pa.array(rows))
        value = pa.array(np.char.add("grade", grade.astype(np.int64).astype(str)), pa.string())
        yield Part(f"sensitive.{name}", rows, value, evidence(words), score=grade)


def _spoken_of(batch: Batch, lists: Weighted) -> tuple[npt.NDArray[np.float64], Hits]:
    """Grades and hits outside figures of speech."""
    grades, hits = lists.grades(batch.codes)
    rows = np.flatnonzero((grades > 0).any(axis=1) & matches(batch.folded, aboutness.LIST, "figure"))
    if not len(rows):
        return grades, hits
    plain = pc.replace_substring_regex(batch.folded.take(pa.array(rows)), pattern(aboutness.LIST, "figure"), " ")
    grades[rows], left = lists.grades(fold(plain))
    size = len(lists.weights)
    meant = np.isin(hits.doc * size + hits.word, rows[left.doc] * size + left.word)
    return grades, hits.take(meant | ~np.isin(hits.doc, rows))
