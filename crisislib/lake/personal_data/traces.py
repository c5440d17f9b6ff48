"""What betrays a person in text: ids, names, addresses, words; where they stand, and what replaces them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

from crisislib.lake.personal_data.trace_words import (
    WORDS,
    begins_alike,
    end_of_quote,
    is_word,
    name_pattern,
    spellings,
)

ERASED = "[erased]"
"""What stands in place of a person's name and words."""
_KEY = re.compile("[a-z_]+")
"""Keys of the JSON that this software writes; a person's id can be one, a name is none."""
_TOKEN = re.compile(r"(?:(?<!\w)~)?(?:[A-Za-z0-9_.\-]|:~?)+")
_WIDE_TOKEN = re.compile(r"(?:(?<!\w)~)?(?:[\w.\-]|:~?)+")
"""What may be an id; a wave stands before a hash: `weibo:~5f…`."""
_JOINS = re.compile(r"([:.\-])")
_ADDRESS = re.compile(r"""https?://[^\s"'<>\\]+""")
Span = tuple[int, int, str]
"""From, to, and what replaces it."""


@dataclass(frozen=True)
class Traces:
    """How one person is recognised.

    Attributes
    ----------
    ids : Mapping[str, str]
        Account and post ids, as the lake has them and as the platform has them -> placeholder.
    names : Sequence[str]
        Names, handles and masked names.
    addresses : Sequence[str]
        Addresses of posts.
    texts : Sequence[str]
        What the person wrote and nobody else did, 12 letters or more.
    """

    ids: Mapping[str, str]
    names: Sequence[str]
    addresses: Sequence[str]
    texts: Sequence[str]

    @cached_property
    def _name(self) -> re.Pattern[str] | None:
        parts = [name_pattern(n) for n in sorted(set(self.names), key=len, reverse=True) if n]
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None

    @cached_property
    def _token(self) -> re.Pattern[str]:
        return _TOKEN if all(i.isascii() for i in self.ids) else _WIDE_TOKEN

    @cached_property
    def _whole(self) -> dict[str, str]:
        """Strings that are nothing but a name, an id or an address -> replacement."""
        # Each name has a replacement of its own, so that a list of words without doubles stays one.
        own = [n for n in self.names if not is_word(n)]
        names = {n.casefold(): f"[erased {i}]" if i else ERASED for i, n in enumerate(own)}
        return {**dict.fromkeys(self.addresses, ERASED), **names, **self.ids}

    @cached_property
    def _begins(self) -> dict[str, set[str]]:
        """First 12 letters of a text -> first 24 of each text that begins so."""
        result: dict[str, set[str]] = {}
        for text in self.texts:
            result.setdefault(text[:WORDS], set()).add(text[: 2 * WORDS])
        return result

    @cached_property
    def _addresses(self) -> frozenset[str]:
        return frozenset(self.addresses)

    def spans(self, text: str) -> list[Span]:
        """Where ids, addresses and names stand in a text; what a chain of reposts quotes after a name belongs to it.

        Parameters
        ----------
        text : str
            One spelling of the text, unescaped.

        Returns
        -------
        list of (int, int, str)
            Start, end (exclusive) and replacement; they may overlap and are not sorted.
        """
        result: list[Span] = []
        for match in self._token.finditer(text):
            result += self._id_in(match)
        if self._addresses:
            for match in _ADDRESS.finditer(text):
                if match[0].rstrip(".,;:!?)") in self._addresses:
                    result.append((match.start(), match.end(), ERASED))
        if self._name is not None:
            for match in self._name.finditer(text):
                result.append((match.start(), end_of_quote(text, match), ERASED))
        return result

    def _id_in(self, match: re.Match[str]) -> Iterator[Span]:
        token = match[0] if match[0] in self.ids else match[0].rstrip(".:-")
        if token in self.ids:
            yield match.start(), match.start() + len(token), self.ids[token]
        elif _JOINS.search(token):
            at = match.start()
            for part in _JOINS.split(token):
                if part in self.ids:
                    yield at, at + len(part), self.ids[part]
                at += len(part)

    def quotes_words(self, text: str) -> bool:
        """Whether a text holds the beginning of something that only the person wrote.

        Parameters
        ----------
        text : str
            One spelling of the text, unescaped.

        Returns
        -------
        bool
            True where :data:`WORDS` characters begin such a text and the next as many agree as well.
        """
        begins = self._begins
        if not begins or len(text) < WORDS:
            return False
        windows = (text[at : at + WORDS] for at in range(len(text) - WORDS + 1))
        if begins.keys().isdisjoint(windows):
            return False
        starts = (at for at in range(len(text) - WORDS + 1) if text[at : at + WORDS] in begins)
        return any(begins_alike(text[at : at + 2 * WORDS], begins[text[at : at + WORDS]]) for at in starts)

    def holds(self, text: str) -> bool:
        """Whether a text betrays the person, in any spelling that pages and files use.

        Parameters
        ----------
        text : str
            As pages, notebooks, JSON or CSV have it: escapes are undone before comparing.

        Returns
        -------
        bool
            True for an id, address, name or quoted beginning.
        """
        return any(
            self._instead(one) is not None or bool(self.spans(one)) or self.quotes_words(one) for one in spellings(text)
        )

    def _instead(self, text: str) -> str | None:
        """What replaces a string that is nothing but a name, an id or an address."""
        return self._whole.get(text, self._whole.get(text.casefold()))

    def redact(self, text: str) -> str:
        """Words of others, or JSON of theirs, without ids, addresses and names of the person.

        Parameters
        ----------
        text : str
            Words of others, or JSON of theirs; JSON stays valid.

        Returns
        -------
        str
            With replacements; unchanged where there is nothing to replace.
        """
        return self._values(text, self._redact)

    def scrub(self, value: str) -> str:
        """A derived value, words or JSON, without the person; a string that quotes them is removed whole.

        Parameters
        ----------
        value : str
            A cell of a derived table, or a line.

        Returns
        -------
        str
            With replacements; JSON stays valid.
        """
        return self._values(value, self._scrub)

    def scrub_json(self, node: Any) -> Any:
        """A parsed JSON value without the person; see :meth:`scrub`.

        Parameters
        ----------
        node : Any
            Mapping, list, string or any other JSON value.

        Returns
        -------
        Any
            Of the same shape.
        """
        return self._map_strings(node, self._scrub)

    def _redact(self, text: str) -> str:
        whole = self._instead(text)
        if whole is not None:
            return whole
        out, at = [], 0
        for start, end, instead in sorted(self.spans(text), key=lambda s: (s[0], -s[1])):
            if start >= at:
                out += [text[at:start], instead]
            at = max(at, end)
        return "".join([*out, text[at:]])

    def _scrub(self, text: str) -> str:
        return ERASED if self.quotes_words(text) else self._redact(text)

    def _values(self, value: str, clean: Callable[[str], str]) -> str:
        if "\\" not in value and clean(value) == value:
            return value  # as it stands, and nothing in it is written in another way: most values end here
        if value[:1] in ("{", "[", '"'):
            try:
                node = json.loads(value)
            except json.JSONDecodeError:
                return clean(value)
            after = self._map_strings(node, clean)
            return value if after == node else json.dumps(after, ensure_ascii=False)
        return clean(value)

    def _map_strings(self, node: Any, clean: Callable[[str], str]) -> Any:
        """Every string of what JSON holds, keys too; a number may be an id."""
        if isinstance(node, str):
            return clean(node)
        if isinstance(node, list):
            return [self._map_strings(one, clean) for one in node]
        if isinstance(node, dict):
            keys = {key: self.ids.get(key, key) if _KEY.fullmatch(key) else clean(key) for key in node}
            return {keys[key]: self._map_strings(one, clean) for key, one in node.items()}
        return self.ids.get(str(node), node) if isinstance(node, int) and not isinstance(node, bool) else node


def placeholder(whole: str) -> str:
    """A placeholder for an id, of the same platform; random, so that nobody can compute it from the id.

    Parameters
    ----------
    whole : str
        `platform:id`.

    Returns
    -------
    str
        `platform:erased-` and twelve hexadecimal digits.
    """
    return f"{whole.split(':', 1)[0]}:erased-{uuid4().hex[:12]}"
