"""Whether the harm that a post speaks of is the brand's at all: calamities of the world, mourning, help, the news."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.watch import Watch
from crisislib.nlp.classify.phrases import first_words, matches, pattern
from crisislib.nlp.label_batch import Batch, Part, strings
from crisislib.nlp.preprocess.codepoints import fold

LIST = "_elsewhere"
VERSION = "2"
CARRIERS = frozenset({"airline", "auto", "public"})
"""Industries that carry people or answer for them: an accident on the way may be theirs."""


def label(batch: Batch) -> Iterator[Part]:
    """`about` with value `elsewhere` on posts whose harm lies outside the brand.

    Value `elsewhere` where a post names a calamity of the world (`calamity`), an accident or a death that cannot be
    this brand's (`accident`), help for and mourning of its victims (`help`), or what its writer heard of while at the
    brand's place (`hearing`), and accuses nobody. Other posts have no row: they count as being about the brand.

    Parameters
    ----------
    batch : Batch
    """
    taken = matches(batch.folded, LIST, "accusation")
    for kind in ("help", "calamity", "accident", "hearing"):
        found = _heard(batch) if kind == "hearing" else matches(batch.folded, LIST, kind)
        if kind == "accident" and batch.watch.brand.industry in CARRIERS:
            continue
        rows = np.flatnonzero(found & ~taken)
        taken[rows] = True
        if len(rows):
            words = first_words(batch.folded.take(pa.array(rows)), LIST, "event" if kind == "hearing" else kind)
            text = pc.binary_join_element_wise('{"words": ', words, f', "kind": "{kind}"}}', "")
            yield Part("about", rows, pa.array(["elsewhere"] * len(rows), pa.string()), text)


def suffix(watch: Watch) -> str:
    """What the label depends on beside the lists: the names of the brand, and whether it carries people.

    Parameters
    ----------
    watch : Watch

    Returns
    -------
    str
        For the version of the labeller.
    """
    return "+carrier" if watch.brand.industry in CARRIERS else ""


def _heard(batch: Batch) -> npt.NDArray[np.bool_]:
    """Texts that say where the writer was, at the brand's, then what was read or shown there, which is an event."""
    names = [n.strip() for n in strings(fold(pa.array(list(batch.watch.brand.names), pa.string()))).to_pylist()]
    if not names:
        return np.zeros(batch.n, dtype=bool)
    name, hearing = "|".join(map(re.escape, filter(None, names))), pattern(LIST, "hearing")
    place = (
        rf"(?:\b(?:in|at|inside|from)(?: the| a)? (?:{name})\b(?:\W+\w+){{0,4}}?\W+"
        rf"|(?:在|坐在|到|来)[^，。！？,.!?]{{0,3}}(?:{name})[^，。！？,.!?]{{0,8}})(?:{hearing})"
    )
    heard = np.asarray(pc.match_substring_regex(batch.folded, place).to_numpy(zero_copy_only=False), dtype=bool)
    return heard & matches(batch.folded, LIST, "event")
