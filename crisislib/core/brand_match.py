"""Which texts name the brand, which a competitor, and which only seem to: one answer for all rooms.

Names are matched on folded text (:mod:`crisislib.core.folding`). A name that is also a common word (苹果, Target, 小米)
is not enough where the watch gives context: then a word of `brand.context` must stand in the same text, and none of
`brand.not_context`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from crisislib.core.query import Node, any_of, parse

if TYPE_CHECKING:
    import pyarrow as pa

    from crisislib.core.watch import Watch


@dataclass(frozen=True)
class BrandMatch:
    """The queries behind the names of a watch.

    Attributes
    ----------
    name : Node
        Any name of the brand, whatever is meant.
    context : Node
        What must hold for a text that holds a name: context where the watch asks for it, and no counter-evidence.
    own : Node
        Names the brand: both of the above.
    rival : Node
        Names a competitor.
    other : Node
        Holds the brand's name, means something else, and names no competitor: nothing of this watch.
    """

    name: Node
    context: Node
    own: Node
    rival: Node
    other: Node

    @property
    def ambiguous(self) -> bool:
        """Whether the watch gives any context."""
        return self.context.kind != "all"


def brand_match(watch: Watch) -> BrandMatch:
    """The queries for a watch's brand and competitors.

    Parameters
    ----------
    watch : Watch

    Returns
    -------
    BrandMatch
    """
    brand = watch.brand
    rivals = tuple(word for words in brand.competitors.values() for word in words)
    return _brand_match(tuple(brand.names), tuple(brand.context), tuple(brand.not_context), rivals)


@lru_cache(maxsize=64)
def _brand_match(
    names: tuple[str, ...], context: tuple[str, ...], not_context: tuple[str, ...], rivals: tuple[str, ...]
) -> BrandMatch:
    name, rival = any_of(names), any_of(rivals)
    conditions = [_any(context)] if context else []
    if not_context:
        conditions.append(Node("not", (_any(not_context),)))
    about = Node("and", tuple(conditions)) if conditions else Node("all")
    own = Node("and", (name, about))
    other = Node("and", (name, Node("not", (about,)), Node("not", (rival,))))
    return BrandMatch(name, about, own, rival, other)


def _any(words: tuple[str, ...]) -> Node:
    """Context words may use the whole query language: wildcards, phrases, NEAR."""
    return Node("or", tuple(parse(word) for word in words))


def competitors_asked(watch: Watch) -> bool:
    """Whether a watch collects what names its competitors alone; else shares of voice would tell of its query only.

    Parameters
    ----------
    watch : Watch

    Returns
    -------
    bool
        False where it names none.
    """
    rivals = [word for words in watch.brand.competitors.values() for word in words]
    query = watch.query.strip()
    return bool(rivals) and (not query or any(parse(query).matches(rivals).to_pylist()))


def in_context(watch: Watch, texts: pa.Array) -> pa.BooleanArray | None:
    """Which texts may mean the brand when they hold its name; None where the watch gives no context.

    Parameters
    ----------
    watch : Watch
    texts : pyarrow.StringArray
        As collected.

    Returns
    -------
    pyarrow.BooleanArray or None
    """
    match = brand_match(watch)
    return match.context.matches(texts) if match.ambiguous else None
