"""A query in another service's own search language: never narrower than what is meant, and the difference named.

What a service cannot say is left out, so that it answers with more; the posts are then filtered by the query itself, as
files and the lake are. So one query means the same everywhere, and a search only saves reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crisislib.core.i18n import N_
from crisislib.core.query import Node

NEAR_AS_AND = N_("{term} is asked as AND")
WILDCARD_OUT = N_("the wildcard of {term} cannot be asked")
NOT_OUT = N_("an exclusion around {term} cannot be asked")
OPERATORS = ("AND", "OR", "NOT", "NEAR")
"""Words that stand in quotation marks where they are meant as words."""
Difference = tuple[str, dict[str, str]]
"""A marked sentence and the term that it speaks of."""


@dataclass(frozen=True)
class Dialect:
    """How a service writes queries.

    Attributes
    ----------
    title : str
        What people call the service.
    option : str
        The option of its source that holds the query.
    conjunction, disjunction, negation : str
        Between operands, and before one.
    wildcard : bool
        Whether `*` and `?` inside words mean the same there.
    grouped : bool
        Whether alternatives always need parentheses, also alone.
    longest : int
        Characters of a query; 0 where no limit is published.
    """

    title: str
    option: str
    conjunction: str = " AND "
    disjunction: str = " OR "
    negation: str = "NOT "
    wildcard: bool = False
    grouped: bool = False
    longest: int = 0


@dataclass(frozen=True)
class Translation:
    """A query as a service is asked.

    Attributes
    ----------
    text : str
        In its language; empty where nothing of the query can be asked.
    differences : tuple of Difference
        In what the service is asked for more than is meant.
    """

    text: str
    differences: tuple[Difference, ...]


def translate(query: Node, dialect: Dialect) -> Translation:
    """A parsed query in a service's language.

    Parameters
    ----------
    query : Node
        From :func:`crisislib.core.query.parse`.
    dialect : Dialect
        Of the service.

    Returns
    -------
    Translation
        Its search holds everything that the query wants, as far as the service finds words as we do: services fold
        accents, forms of words and Chinese writing in ways of their own.
    """
    translator = _Translator(dialect)
    text, _ = translator.of(query)
    if not _has_positive(query):
        text = ""  # services want something to look for besides what to leave out
    return Translation(text, tuple(translator.unique()))


def _has_positive(node: Node) -> bool:
    """Whether every post that it wants has a word of it."""
    if node.kind in ("not", "all"):
        return False
    if node.kind == "term":
        return True
    found = [_has_positive(part) for part in node.parts]
    return all(found) if node.kind == "or" else any(found)


class _Translator:
    """Collects differences on the way down."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.differences: list[tuple[str, str]] = []

    def unique(self) -> list[Difference]:
        return [(message, {"term": term}) for message, term in dict.fromkeys(self.differences)]

    def of(self, node: Node) -> tuple[str, bool]:
        """The text, empty where it cannot be asked and so stands for everything; and whether it is exact."""
        if node.kind == "all":
            return "", True
        if node.kind == "term":
            return self._near(node) if node.near else self._term(node)
        if node.kind == "not":
            return self._negation(node.parts[0])
        return self._joined(node)

    def _term(self, node: Node) -> tuple[str, bool]:
        plain = re.sub(r"\\(.)", r"\1", node.words)
        if re.search(r"(?<!\\)[*?]", node.words) and not (self.dialect.wildcard and " " not in node.words):
            self.differences.append((WILDCARD_OUT, node.words))
            return "", False
        if self.dialect.wildcard and re.search(r"[*?]", plain):
            return plain, True
        bare = re.fullmatch(r"[^\W_]+", plain) and plain.upper() not in OPERATORS
        return (plain, True) if bare else (f'"{plain.replace(chr(34), " ")}"', True)

    def _near(self, node: Node) -> tuple[str, bool]:
        left, right = (self.of(side)[0] for side in node.near)
        self.differences.append((NEAR_AS_AND, f"{node.near[0].words} {node.words} {node.near[1].words}"))
        return self._bracketed([t for t in (left, right) if t], self.dialect.conjunction), False

    def _negation(self, inner: Node) -> tuple[str, bool]:
        if inner.kind == "or":  # not every service takes an exclusion of a group
            parts = [self._negation(part) for part in inner.parts]
            text = self._bracketed([t for t, _ in parts if t], self.dialect.conjunction)
            return text, all(exact for _, exact in parts)
        text, exact = self.of(inner)
        if not text or not exact:  # to exclude more than is meant would lose posts
            self.differences.append((NOT_OUT, inner.words or "(…)"))
            return "", False
        return f"{self.dialect.negation}{text}", True

    def _joined(self, node: Node) -> tuple[str, bool]:
        parts = [self.of(part) for part in node.parts]
        exact = all(e for _, e in parts)
        if node.kind == "or":
            if any(not text for text, _ in parts):
                return "", False
            return self._bracketed([text for text, _ in parts], self.dialect.disjunction), exact
        return self._bracketed([text for text, _ in parts if text], self.dialect.conjunction), exact

    def _bracketed(self, parts: list[str], between: str) -> str:
        return parts[0] if len(parts) == 1 else f"({between.join(parts)})" if parts else ""
