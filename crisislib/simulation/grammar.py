"""Texts from template grammars: slots and templates in YAML, filled for a million posts by array passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import yaml
from pydantic import BaseModel, ConfigDict

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[Any]


class Reaction(BaseModel):
    """One way in which people react: its templates and what a perfect reader would label them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sentiment: str
    templates: list[str]
    action: str = ""
    question: bool = False


class Topic(BaseModel):
    """One everyday subject: how common it is and how people speak of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float
    positive: list[str] = []
    neutral: list[str] = []
    negative: list[str] = []


class Ordinary(BaseModel):
    """Everyday talk in one language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slots: dict[str, list[str]]
    topics: dict[str, Topic]
    children: dict[str, list[str]]
    news: list[str]


class Reactions(BaseModel):
    """Crisis talk in one language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slots: dict[str, list[str]]
    classes: dict[str, Reaction]


def _yaml(name: str) -> Any:
    return yaml.safe_load((resources.files(__package__) / "words" / f"{name}.yml").read_text(encoding="utf-8"))


@cache
def ordinary(language: str) -> Ordinary:
    """The everyday grammar of a language (`zh` or `en`).

    Parameters
    ----------
    language : {"zh", "en"}
        Of the texts.

    Returns
    -------
    Ordinary
        Slots, topics with their templates, answers and headlines.
    """
    return Ordinary.model_validate(_yaml(f"ordinary_{language}"))


@cache
def reactions(language: str) -> Reactions:
    """The crisis grammar of a language (`zh` or `en`).

    Parameters
    ----------
    language : {"zh", "en"}
        Of the texts.

    Returns
    -------
    Reactions
        Slots, and the templates of each way to react.
    """
    return Reactions.model_validate(_yaml(f"reactions_{language}"))


@cache
def name_parts(what: str, platform: str = "") -> list[str]:
    """A list of `words/names.yml`, or its one entry for a platform.

    Parameters
    ----------
    what : str
        Key of the file, such as `head_zh` or `brand`.
    platform : str
        Platform where the key holds one name for each; unused where it holds a list.

    Returns
    -------
    list of str
        The names; one where it is chosen by platform.

    Raises
    ------
    KeyError
        There is no such key or platform.
    """
    held = _yaml("names")[what]
    return list(held) if isinstance(held, list) else [str(held[platform])]


def fill(rng: np.random.Generator, templates: Sequence[str], which: Ints, slots: Mapping[str, Sequence[str]]) -> Texts:
    """One text per row: the row's template with each slot drawn independently.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    templates : sequence of str
        With `{slot}` places.
    which : array of int, shape (n,)
        Template of each row.
    slots : mapping
        Slot name -> what may stand there; a repeated value is likelier.

    Returns
    -------
    array of object, shape (n,)
        Texts, in the order of `which`.
    """
    texts: Texts = np.empty(len(which), dtype=object)
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(np.bincount(which, minlength=len(templates)))
    start = 0
    for template, end in zip(templates, ends, strict=True):  # over templates, never over posts
        rows = order[start:end]
        if len(rows):
            texts[rows] = _one(rng, template, len(rows), slots)
        start = end
    return texts


def _one(rng: np.random.Generator, template: str, n: int, slots: Mapping[str, Sequence[str]]) -> Texts:
    parts: list[pa.Array | str] = []
    for literal, slot, _, _ in Formatter().parse(template):
        if literal:
            parts.append(literal)
        if slot is not None:
            pool = pa.array(slots[slot])
            parts.append(pool.take(pa.array(rng.integers(len(pool), size=n))))
    if all(isinstance(part, str) for part in parts):
        return np.full(n, "".join(map(str, parts)), dtype=object)
    joined = pc.binary_join_element_wise(*parts, "")
    return np.asarray(joined.to_numpy(zero_copy_only=False))


def pick(rng: np.random.Generator, weights: Sequence[float], n: int) -> Ints:
    """`n` indices, drawn in proportion to the weights.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    weights : sequence of float, length k
        At least 0, of any sum above 0.
    n : int
        Draws.

    Returns
    -------
    array of int, shape (n,)
        Indices 0 to k - 1, drawn with replacement by inverting the cumulative weights.
    """
    shares = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(shares / shares[-1], rng.random(n), side="right").astype(np.int64)
