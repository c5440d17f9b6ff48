"""Boolean queries over text: AND OR NOT, "phrases", wild* endings, (groups), NEAR/n.

One grammar for every language. A bare word in Latin script matches whole words and ignores case;
a word with Chinese, Japanese or Korean characters matches anywhere, since those scripts do not
part words. Two terms side by side mean AND. A parsed query becomes one SQL condition, so that the
engine filters, and one Python predicate, so that a test can hold the two against each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crisislib.core.errors import QueryError

_TOKEN = re.compile(r'\s*(?:(\()|(\))|"([^"]*)"|(NEAR/\d+)\b|([^\s()"]+))')
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


@dataclass(frozen=True)
class Node:
    """One node of a parsed query: `all`, `term` (a regular expression), `and`, `or`, `not`."""

    kind: str
    parts: tuple[Node, ...] = ()
    pattern: str = ""

    def sql(self, column: str = "text") -> str:
        """The query as a DuckDB condition over a text column that is never null.

        Parameters
        ----------
        column : str, default "text"
            Name of the column, or any SQL expression for a text.

        Returns
        -------
        str
            A condition in parentheses where it needs them; quotes in terms are doubled.
        """
        if self.kind == "all":
            return "true"
        if self.kind == "term":
            quoted = self.pattern.replace("'", "''")
            return f"regexp_matches({column}, '{quoted}', 'i')"
        if self.kind == "not":
            return f"(NOT {self.parts[0].sql(column)})"
        return "(" + f" {self.kind.upper()} ".join(part.sql(column) for part in self.parts) + ")"


def term_pattern(word: str, *, phrase: bool = False) -> str:
    """Regular expression (RE2 and Python alike) for one word or phrase; a trailing * is open-ended.

    Parameters
    ----------
    word : str
        A word, or several with spaces between them; a trailing `*` stands for any ending.
    phrase : bool, default False
        Whether it stood in quotation marks: `*` is then an ordinary character.

    Returns
    -------
    str
        An expression with whole-word borders for Latin script and none for Chinese, Japanese or Korean.
    """
    open_end = word.endswith("*") and not phrase
    body = r"\s+".join(re.escape(piece) for piece in word.rstrip("*" if open_end else "").split())
    if _CJK.search(word):
        return body
    # RE2 knows no look-around and its \b is ASCII: spell the borders out over Latin letters and digits.
    left = r"(?:^|[^0-9A-Za-z_])" if re.match(r"\w", word) else ""
    right = "" if open_end or not re.search(r"\w$", word) else r"(?:$|[^0-9A-Za-z_])"
    return f"{left}{body}{right}"


def _near(left: str, right: str, distance: int) -> str:
    gap = rf"(?:\W+\w+){{0,{distance}}}\W+"
    a, b = re.escape(left.strip('"')), re.escape(right.strip('"'))
    return rf"(?:{a}{gap}{b}|{b}{gap}{a})"


class _Parser:
    """Recursive descent over the tokens; keeps positions for its errors."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str, int]] = []
        position = 0
        while position < len(text.rstrip()):
            found = _TOKEN.match(text, position)
            if found is None or found.end() == position:
                raise QueryError(f"cannot read {text[position:]!r}", where=f"position {position}", do='close every "')
            kind = ("(", ")", "phrase", "near", "word")[(found.lastindex or 1) - 1]
            self.tokens.append((kind, found[found.lastindex or 0], found.start(found.lastindex or 0)))
            position = found.end()
        self.at = 0

    def peek(self) -> tuple[str, str, int] | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self) -> tuple[str, str, int]:
        token = self.peek()
        if token is None:
            raise QueryError("ends too early", where=f"position {len(self.text)}", do="add what is missing")
        self.at += 1
        return token

    def either(self) -> Node:
        parts = [self.both()]
        while (token := self.peek()) and token[:2] == ("word", "OR"):
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Node("or", tuple(parts))

    def both(self) -> Node:
        parts = [self.one()]
        while (token := self.peek()) and token[0] != ")" and token[:2] != ("word", "OR"):
            if token[:2] == ("word", "AND"):
                self.take()
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else Node("and", tuple(parts))

    def one(self) -> Node:
        kind, value, position = self.take()
        if (kind, value) == ("word", "NOT"):
            return Node("not", (self.one(),))
        if kind == "(":
            inside = self.either()
            if (closing := self.peek()) is None or closing[0] != ")":
                raise QueryError("this ( is never closed", where=f"position {position}", do="add a )")
            self.take()
            return inside
        if kind in (")", "near") or value in ("AND", "OR"):
            raise QueryError(f"{value!r} stands where a word is needed", where=f"position {position}", do="add a word")
        token = self.peek()
        if token and token[0] == "near":
            self.take()
            _, other, _ = self.take()
            return Node("term", pattern=_near(value, other, int(token[1].split("/")[1])))
        return Node("term", pattern=term_pattern(value, phrase=kind == "phrase"))


def parse(text: str) -> Node:
    """Parse a boolean query; an empty one matches everything.

    Parameters
    ----------
    text : str
        The query as people write it.

    Returns
    -------
    Node
        The root of its tree; the node `all` for an empty query.

    Raises
    ------
    QueryError
        With the position of what cannot be read.
    """
    if not text.strip():
        return Node("all")
    parser = _Parser(text)
    node = parser.either()
    if (token := parser.peek()) is not None:
        raise QueryError(f"{token[1]!r} is left over", where=f"position {token[2]}", do="remove it or open a (")
    return node
