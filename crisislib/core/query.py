"""Boolean queries over text: AND OR NOT, "phrases", wild*cards and wom?n, (groups), NEAR/n.

One grammar for every language, over folded text (:mod:`crisislib.core.folding`): width, case, accents, HTML entities
and simplified/traditional Chinese make no difference. A word in a spaced script matches whole words; Chinese, Japanese
or Korean characters match anywhere. Two terms side by side mean AND. A parsed query runs over Arrow columns
(:meth:`Node.matches`) and inside DuckDB (:meth:`Node.sql`, after :func:`register`) by the same regular expressions over
the same folded text, so that no two engines can differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, reduce
from typing import TYPE_CHECKING

from crisislib.core.i18n import N_
from crisislib.core.query_errors import explained, query_error, refuse_look_alikes
from crisislib.core.query_terms import near_pattern, term_pattern

if TYPE_CHECKING:
    import duckdb
    import lark
    import pyarrow as pa

FOLDED = "crisis_folded"
"""Name of the folding function inside DuckDB."""
FARTHEST = 100
"""Largest distance of NEAR, in tokens: about two sentences of a language; beyond that AND says the same."""
MARKS = str.maketrans({"（": "(", "）": ")", "＂": '"', "“": '"', "”": '"', "＊": "*", "／": "/", "\u3000": " "})
"""Marks of a Chinese keyboard that mean the same, one for one, so that positions stay. The full-width question mark
is left: in Chinese it ends a question rather than standing for a letter."""

GRAMMAR = r"""
?start: any
?any: every (_OR every)*
?every: one (_AND? one)*
?one: _NOT one -> negation
    | near
?near: term (NEAR term)*
?term: WORD -> word
    | PHRASE -> phrase
    | "(" any ")"
_OR.3: /or(?=[\s()"]|$)/i
_AND.3: /and(?=[\s()"]|$)/i
_NOT.3: /not(?=[\s()"]|$)/i
NEAR.3: /near\/\d+(?=[\s()"]|$)/i
PHRASE: /"(?:\\.|[^"\\])*"/
WORD: /(?:\\.|[^\s()"])+/
%ignore /\s+/
"""


@dataclass(frozen=True)
class Node:
    """One node of a parsed query.

    Attributes
    ----------
    kind : str
        `all`, `term`, `and`, `or` or `not`.
    parts : tuple of Node
        Operands of `and`, `or` and `not`.
    pattern : str
        Of a term: regular expression over folded text, the same in RE2 and in Python.
    body : str
        Of a term made by a word or phrase: the pattern without its left border, for NEAR.
    position : int
        Where in the query a term begins, counted from 0.
    words : str
        Of a term: as it is written, without quotation marks.
    near : tuple of Node
        Of a term made by NEAR: its two sides.
    """

    kind: str
    parts: tuple[Node, ...] = ()
    pattern: str = ""
    body: str = ""
    position: int = 0
    words: str = ""
    near: tuple[Node, ...] = ()

    def sql(self, column: str = "text") -> str:
        """The query as a DuckDB condition on a connection that :func:`register` has prepared.

        Parameters
        ----------
        column : str
            SQL expression of the text, never null.

        Returns
        -------
        str
        """
        return self._sql(f"{FOLDED}({column})")

    def matches(self, texts: Sequence[str | None] | pa.Array | pa.ChunkedArray) -> pa.BooleanArray:
        """Which texts satisfy the query.

        Parameters
        ----------
        texts : sequence of str, or an Arrow string array
            As collected, null allowed.

        Returns
        -------
        pyarrow.BooleanArray
            As many, in the same order, without null.
        """
        from crisislib.core.folding import folded

        return self.matches_folded(folded(texts))

    def matches_folded(self, texts: pa.Array) -> pa.BooleanArray:
        """Which texts, already folded by :func:`crisislib.core.folding.folded`, satisfy the query.

        Parameters
        ----------
        texts : pyarrow.StringArray

        Returns
        -------
        pyarrow.BooleanArray
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.kind == "all":
            return pa.repeat(pa.scalar(True), len(texts))
        if self.kind == "term":
            return pc.match_substring_regex(texts, self.pattern)
        parts = [part.matches_folded(texts) for part in self.parts]
        if self.kind == "not":
            return pc.invert(parts[0])
        return reduce(pc.and_ if self.kind == "and" else pc.or_, parts)

    def _sql(self, folded: str) -> str:
        if self.kind == "all":
            return "true"
        if self.kind == "term":
            quoted = self.pattern.replace("'", "''")
            return f"regexp_matches({folded}, '{quoted}')"
        if self.kind == "not":
            return f"(NOT {self.parts[0]._sql(folded)})"
        return "(" + f" {self.kind.upper()} ".join(part._sql(folded) for part in self.parts) + ")"


def register(db: duckdb.DuckDBPyConnection) -> None:
    """Give a DuckDB connection the folding function that :meth:`Node.sql` calls; once is enough.

    Parameters
    ----------
    db : duckdb.DuckDBPyConnection
    """
    from crisislib.core.folding import folded

    known = db.sql(f"SELECT count(*) FROM duckdb_functions() WHERE function_name = '{FOLDED}'").fetchall()[0][0]
    if not known:
        db.create_function(FOLDED, folded, ["VARCHAR"], "VARCHAR", type="arrow")


def any_of(words: Sequence[str]) -> Node:
    """A query that any of these words or phrases satisfies, taken as they are written; of none, nothing does.

    Parameters
    ----------
    words : sequence of str
        Names as people write them; no wildcards, no operators.

    Returns
    -------
    Node
    """
    bodies = [term_pattern(word, wild=False) for word in words]
    terms = tuple(Node("term", pattern=f" {body}", body=body) for body in bodies if body)
    return Node("or", terms) if terms else Node("not", (Node("all"),))


def parse(text: str) -> Node:
    """Parse a boolean query; an empty one matches everything.

    Parameters
    ----------
    text : str
        The query. Operators may be written in any case; in quotes they are words. `*` stands for any letters and
        digits, `?` for one letter or one Chinese character, a backslash takes away such a meaning. `NEAR/n` asks for
        at most n words (or Chinese characters) between its sides, in either order; a side may be a group of words.

    Returns
    -------
    Node

    Raises
    ------
    QueryError
        With the position (counted from 0) of what cannot be read, and the query with an arrow at that character.
    """
    plain = text.translate(MARKS)
    if not plain.strip():
        return Node("all")
    import lark

    try:
        return _node(_parser().parse(plain), plain)
    except lark.exceptions.UnexpectedInput as fault:
        raise explained(plain, fault) from None


@cache
def _parser() -> lark.Lark:
    import lark

    return lark.Lark(GRAMMAR, parser="lalr", lexer="basic", maybe_placeholders=False)


def _node(tree: lark.Tree[lark.Token], text: str) -> Node:
    if tree.data in ("word", "phrase"):
        return _term(tree.children[0], text)  # type: ignore[arg-type]
    parts = [_node(child, text) for child in tree.children if not isinstance(child, str)]
    if tree.data == "negation":
        return Node("not", tuple(parts))
    if tree.data != "near":
        return Node("or" if tree.data == "any" else "and", tuple(parts))
    tokens = [child for child in tree.children if isinstance(child, str)]
    pairs = [_near(parts[i], parts[i + 1], token, text) for i, token in enumerate(tokens)]
    return pairs[0] if len(pairs) == 1 else Node("and", tuple(pairs))


def _term(token: lark.Token, text: str) -> Node:
    position = token.start_pos or 0
    word = str(token)
    if token.type == "WORD":
        refuse_look_alikes(word, position, text)
    body = term_pattern(word[1:-1] if token.type == "PHRASE" else word)
    if not body:
        raise query_error(
            N_("{word!r} has nothing to search for"),
            text,
            position,
            N_("write at least one letter or character"),
            word=word,
        )
    plain = word[1:-1] if token.type == "PHRASE" else word
    return Node("term", pattern=f" {body}", body=body, position=position, words=plain)


def _near(left: Node, right: Node, token: str, text: str) -> Node:
    """Both sides within a distance; alternatives are multiplied out, and so are groups of AND."""
    distance, position = int(token.split("/")[1]), getattr(token, "start_pos", 0) or 0
    if distance > FARTHEST:
        raise query_error(
            N_("NEAR/{distance} is too far"),
            text,
            position,
            N_("write NEAR/{farthest} at most, or AND"),
            distance=str(distance),
            farthest=FARTHEST,
        )
    for side, other, swapped in ((left, right, False), (right, left, True)):
        if side.kind in ("and", "or"):
            pairs = [(other, part) if swapped else (part, other) for part in side.parts]
            return Node(side.kind, tuple(_near(a, b, token, text) for a, b in pairs))
    for side in (left, right):
        if side.kind != "term" or not side.body:
            raise query_error(
                N_("NEAR takes words, phrases and groups of them"), text, position, N_("take NOT or NEAR out of it")
            )
    pattern = near_pattern(left.body, right.body, distance)
    return Node("term", pattern=pattern, position=left.position, words=f"NEAR/{distance}", near=(left, right))
