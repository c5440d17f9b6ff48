"""A topic model on disk: arrays as safetensors, the rest as JSON; nothing that runs when it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from crisislib.core.file_generations import replace_generation, stored_generation
from crisislib.core.i18n import N_
from crisislib.nlp.topics import tokens
from crisislib.nlp.topics.topic_model import Topics
from crisislib.nlp.topics.vectors import Space

NAME = "topics"
FORMAT = f"1/{tokens.VERSION}"


@dataclass(frozen=True)
class StoredTopics:
    """What is remembered of a watch's topics between runs.

    Attributes
    ----------
    topics : Topics
    space : Space or None
        None when the vectors come from an outside embedder.
    embedder : str
    seed : int
    number : int or None
        How many topics were asked for; None where the posts chose.
    n_fit : int
        Distinct texts that the model was learned from.
    next_number : int
        First topic number that was never used.
    titles : dict
        Topic id to {"zh": …, "en": …}.
    """

    topics: Topics
    space: Space | None
    embedder: str
    seed: int
    number: int | None
    n_fit: int
    next_number: int
    titles: dict[str, dict[str, str]]


def load(folder: Path, watch: str) -> StoredTopics | None:
    """The topic model stored in a folder.

    Parameters
    ----------
    folder : Path
    watch : str
        Name of the watch that it must belong to.

    Returns
    -------
    StoredTopics or None
        None where nothing is stored yet.

    Raises
    ------
    ModelError
        It belongs to another watch or was written by another version.
    """
    home = stored_generation(folder, NAME, watch=watch, form=FORMAT, again=N_("find the topics again"))
    if home is None:
        return None
    arrays = load_file(home / "arrays.safetensors")
    rest = json.loads((home / "model.json").read_text(encoding="utf-8"))
    words = tuple([(str(w), float(v)) for w, v in topic] for topic in rest["words"])
    topics = Topics(tuple(rest["ids"]), words, arrays["centres"], rest["threshold"])
    space = None
    if "word_vectors" in arrays:
        space = Space(
            tuple(rest["vocabulary"]),
            arrays["word_vectors"],
            tuple(rest["grams"]),
            arrays["gram_weights"],
            arrays["gram_axes"],
        )
    # `number` came later: a model that was stored before chose by its posts.
    known = [rest.get(name) for name in ("embedder", "seed", "number", "n_fit", "next_number", "titles")]
    return StoredTopics(topics, space, *known)


def save(stored: StoredTopics, folder: Path, watch: str) -> None:
    """Store a topic model; a reader sees the old one or the new one, never half of it.

    Parameters
    ----------
    stored : StoredTopics
    folder : Path
        Made where it is missing.
    watch : str
        Name of the watch.
    """
    arrays = {"centres": stored.topics.centres}
    rest: dict[str, object] = {
        "ids": stored.topics.ids,
        "words": stored.topics.words,
        "threshold": stored.topics.threshold,
        "embedder": stored.embedder,
        "seed": stored.seed,
        "number": stored.number,
        "n_fit": stored.n_fit,
        "next_number": stored.next_number,
        "titles": stored.titles,
    }
    if stored.space is not None:
        arrays |= {name: getattr(stored.space, name) for name in ("word_vectors", "gram_weights", "gram_axes")}
        rest |= {"vocabulary": stored.space.words, "grams": stored.space.grams}

    def write(home: Path) -> None:
        # safetensors writes the buffer as it lies: a transposed view would come back scrambled.
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, home / "arrays.safetensors")
        (home / "model.json").write_text(json.dumps(rest, ensure_ascii=False), encoding="utf-8")

    replace_generation(folder, NAME, write, watch=watch, form=FORMAT)


def rename(folder: Path, watch: str, titles: Mapping[str, dict[str, str]]) -> None:
    """Give topics of a stored model other titles, which stay until the topics are found anew.

    Parameters
    ----------
    folder : pathlib.Path
    watch : str
    titles : mapping
        Topic id to {"zh": …, "en": …}; topics that the model does not know are ignored.
    """
    stored = load(folder, watch)
    if stored is not None:
        known = {name: dict(titles[name]) for name in stored.titles if name in titles}
        save(replace(stored, titles={**stored.titles, **known}), folder, watch)
