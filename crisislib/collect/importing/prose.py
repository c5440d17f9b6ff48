"""Text for people out of cells: markup and entities that tools leave in, a spreadsheet's guarding apostrophe."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pyarrow as pa
import pyarrow.compute as pc

_TAGS = (
    "a|abbr|article|b|blockquote|br|body|center|code|div|em|figure|font|footer|h[1-6]|head|header|hr|html|i|iframe|img|"
    "ins|li|link|mark|meta|ol|p|picture|pre|q|s|script|section|small|source|span|strong|style|sub|sup|svg|table|tbody|"
    "td|th|thead|time|tr|tt|u|ul|video|wbr"
)
_ONE = rf"</?(?:{_TAGS})(?:\s+[^<>]*=[^<>]*)?\s*/?>"
_TAG = re.compile(_ONE, re.IGNORECASE)
_MARKUP = rf"(?i){_ONE}|&(?:#\d|#x[0-9a-f]|[a-z]{{2,}}\d*;)"
_GUARD = r"^'[=+\-@]"
_BYTES = {bytes([b]).decode("cp1252"): bytes([b]) for b in range(0x80, 0xA0) if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
"""Characters of Windows-1252 that stand where Latin-1 has controls, and their bytes; five bytes have none."""
_TWICE = rf"[\x{{C2}}-\x{{F4}}][\x{{80}}-\x{{BF}}{''.join(_BYTES)}]"
"""A lead byte of UTF-8 and one that goes on, read one by one."""
_BREAKS = {"br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "section", "article"}
_HIDDEN = {"script", "style", "head"}


class _Text(HTMLParser):
    """The text of a piece of markup: breaks as new lines, an image by its alternative text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A break before a block; the word that stands for an image."""
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _BREAKS:
            self.parts.append("\n")
        elif tag == "img":
            self.parts.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        """A break after a block."""
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BREAKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Text outside of scripts and styles."""
        if not self._hidden:
            self.parts.append(data)


def plain_text(text: str) -> str:
    """One cell without markup.

    Parameters
    ----------
    text : str
        `<p>a &amp; b</p>`; a text with no tag has its entities undone once and nothing else.
    """
    if not _TAG.search(text):
        return html.unescape(text)
    # What looks like a tag and is none (3<5) would swallow the rest of the text.
    safe = re.sub("<(?!!--)", lambda at: "<" if _TAG.match(text, at.start()) else "&lt;", text)
    reader = _Text()
    reader.feed(safe)
    reader.close()
    lines = (" ".join(line.split(" ")).strip() for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def _restored(text: str) -> str:
    """A text whose UTF-8 was read as Windows-1252 or Latin-1, as it was; any other text as it is."""
    try:
        raw = b"".join(_BYTES.get(sign) or sign.encode("latin-1") for sign in text)
        return raw.decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def restore_encoding(cells: pa.ChunkedArray) -> tuple[pa.ChunkedArray, int]:
    """A column without texts that were saved in a wrong encoding, such as `schÃ¶n`, and how many there were.

    Parameters
    ----------
    cells : pyarrow.ChunkedArray
        Strings.

    Notes
    -----
    A text is only changed where all of it is UTF-8 once more, which plain text with accents never is.
    """
    mask = pc.match_substring_regex(cells, _TWICE)
    if not pc.any(mask).as_py():
        return cells, 0
    before = cells.filter(mask).to_pylist()
    after = [_restored(text) for text in before]
    n = sum(a != b for a, b in zip(after, before, strict=True))
    return (_replaced(cells, mask, after), n) if n else (cells, 0)


def _replaced(cells: pa.ChunkedArray, mask: pa.ChunkedArray, texts: list[str]) -> pa.ChunkedArray:
    flat, flags = cells.combine_chunks(), mask.combine_chunks()
    flat = flat.combine_chunks() if isinstance(flat, pa.ChunkedArray) else flat
    flags = flags.combine_chunks() if isinstance(flags, pa.ChunkedArray) else flags
    return pa.chunked_array([pc.replace_with_mask(flat, flags.fill_null(False), pa.array(texts, flat.type))])


def read_prose(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of text without markup, entities and guards; the column itself where it has none.

    Parameters
    ----------
    cells : pyarrow.ChunkedArray
        Strings.
    """
    changed = cells
    for pattern, clean in ((_MARKUP, plain_text), (_GUARD, lambda text: text[1:])):
        mask = pc.match_substring_regex(changed, pattern)
        if pc.any(mask).as_py():
            changed = _replaced(changed, mask, [clean(t) for t in changed.filter(mask).to_pylist()])
    return changed
