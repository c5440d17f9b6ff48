"""Whether the harm that a post speaks of is the brand's at all: calamities of the world, mourning, help."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.nlp.classify.phrases import first_words, matches
from crisislib.nlp.label_batch import Batch, Part

LIST = "_elsewhere"
VERSION = "1"


def label(batch: Batch) -> Iterator[Part]:
    """`about` with value `elsewhere` on posts whose harm lies outside the brand.

    Value `elsewhere` where a post names a calamity of the world (`calamity`), or help for and mourning of its
    victims (`help`), and accuses nobody. Other posts have no row: they count as being about the brand.

    Parameters
    ----------
    batch : Batch
    """
    accused = matches(batch.folded, LIST, "accusation")
    taken = accused.copy()
    for kind in ("help", "calamity"):
        rows = np.flatnonzero(matches(batch.folded, LIST, kind) & ~taken)
        taken[rows] = True
        if len(rows):
            words = first_words(batch.folded.take(pa.array(rows)), LIST, kind)
            text = pc.binary_join_element_wise('{"words": ', words, f', "kind": "{kind}"}}', "")
            yield Part("about", rows, pa.array(["elsewhere"] * len(rows), pa.string()), text)
