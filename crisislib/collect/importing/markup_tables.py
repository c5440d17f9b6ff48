"""Tables in markup: web pages saved or exported as `.html`, and `.xls` files that are markup with another name."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<\?mso-[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype html|html|head|meta|body|style|table|(?:ss:)?workbook)\b",
    re.IGNORECASE | re.DOTALL,
)
_ROWS, _CELLS = {"tr", "row", "ss:row"}, {"td", "th", "cell", "ss:cell"}
_BREAKS = {"br", "p", "div", "li"}
_HIDDEN = {"script", "style", "head"}
_INDEX = ("ss:index",)
WIDEST_GAP = 200
"""Empty cells that a cell's stated place may leave before it; no export leaves more."""
_TABLES = {"table", "ss:table"}


def is_markup(head: bytes) -> bool:
    """Whether a file begins as a page or a workbook of markup.

    Parameters
    ----------
    head : bytes
        Its beginning.
    """
    return _MARKUP.match(head) is not None


class _Tables(HTMLParser):
    """Rows of cells of every table; an inner table is text of the cell that it stands in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._depth = 0
        self._hidden = 0
        self._cell: list[str] | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        stated = dict(attrs)
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _TABLES:
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
        elif self._depth == 1 and tag in _ROWS:
            self._close()
            self.tables[-1].append([])
        elif self._depth == 1 and tag in _CELLS and self.tables[-1]:
            self._close()
            row = self.tables[-1][-1]
            place = next((stated[name] for name in _INDEX if stated.get(name)), None)
            if place and place.isdigit():
                row += [""] * min(WIDEST_GAP, int(place) - 1 - len(row))
            span = stated.get("colspan") or "1"
            self._cell, self._span = [], int(span) if span.isdigit() else 1
        elif self._cell is not None and tag in _BREAKS:
            self._cell.append("\n")
        elif self._cell is not None and tag == "img":
            self._cell.append(stated.get("alt") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that is closed as it opens: an empty cell, a break."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """End a table or a cell."""
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _TABLES and self._depth:
            self._close() if self._depth == 1 else None
            self._depth -= 1
        elif self._depth == 1 and tag in _CELLS:
            self._close()

    def handle_data(self, data: str) -> None:
        """Text of a cell."""
        if self._cell is not None and not self._hidden:
            self._cell.append(data)

    def _close(self) -> None:
        if self._cell is not None:
            lines = (" ".join(line.split()) for line in "".join(self._cell).split("\n"))
            text = "\n".join(line for line in lines if line)
            self.tables[-1][-1] += [text, *[""] * (min(self._span, WIDEST_GAP) - 1)]
        self._cell = None


def markup_tables(text: str) -> list[list[list[str]]]:
    """The tables of a page that have two rows or more, as rows of cells of one length.

    Parameters
    ----------
    text : str
        The page.
    """
    reader = _Tables()
    reader.feed(text)
    reader.close()
    found = []
    for rows in reader.tables:
        filled = [row for row in rows if any(row)]
        if len(filled) > 1:
            width = max(map(len, filled))
            found.append([row + [""] * (width - len(row)) for row in filled])
    return found
