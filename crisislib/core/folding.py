r"""One folded form of text, in which queries and names are matched the same way by every engine.

Width, case, accents, HTML entities, invisible characters and simplified/traditional Chinese make no difference to a
reader and therefore none to a match. A folded text is a row of tokens, each followed by one blank: a word of a spaced
script is a token, so is every Chinese, Japanese or Korean character, and so is every punctuation mark, which carries
:data:`MARK` in front. `Ａｃｍｅ＆Co又關門` becomes ` acme \x01& co 又 关 门 `. A regular expression over
this form needs no look-around for the borders of words, and distances are counted in tokens.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import opencc
import pyarrow as pa
import pyarrow.compute as pc

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]

MARK = "\x01"
"""Stands before a punctuation token; no text holds it, for control characters are dropped."""
ANY, ONE = "\ue000", "\ue001"
"""Stand-ins of the wildcards `*` and `?` while a term is folded: private-use characters, which folding lets pass."""
ASCII = 0x80
"""Code points of plain English text."""
PLANES = 0x20000
"""Code points that have an entry in the tables: the planes of all living scripts and of emoji."""
CJK_RANGES = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF))
"""Kana, Chinese characters, Hangul: scripts whose words have no spaces between them, or are compounds."""
_DROP, _SPACE, _LETTER, _CHARACTER, _PUNCTUATION = range(5)
"""What becomes of a code point, as numbers that fit an array."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TWICE = 2
"""Rounds of decoding: exports that escape what was escaped already write `&amp;amp;`."""
_BLOCK = 20_000
"""Texts folded at a time; bounds the memory of the arrays to some tens of megabytes for posts of usual length."""


@cache
def plain_table(codes: int = PLANES) -> U32:
    """Code point to code point: full width to half width, lower case, traditional to simplified.

    Parameters
    ----------
    codes : int
        How many code points from 0; :data:`ASCII` of them cost nothing, where a text has no others.

    Returns
    -------
    numpy.ndarray of uint32, shape (codes,)
        Accents stay: a sentiment model may need them. Not to be written to.
    """
    table = np.arange(codes, dtype=np.uint32)
    if codes <= ASCII:
        table[ord("A") : ord("Z") + 1] += ord("a") - ord("A")
        return table
    every = [*range(1, 0xD800), *range(0xE000, PLANES)]
    # One call for all: a NUL between them keeps letters and marks from being put together.
    plain = unicodedata.normalize("NFKC", "\0".join(map(chr, every))).lower().split("\0")
    for code, one in zip(every, plain, strict=True):
        if len(one) == 1:
            table[code] = ord(one)
    chinese = "".join(map(chr, range(0x3400, 0xA000)))
    simple = opencc.OpenCC("t2s").convert("\n".join(chinese)).split("\n")
    for old, new in zip(chinese, simple, strict=True):
        if len(new) == 1:
            table[ord(old)] = ord(new)
    for old, new in ('“"', '”"', '「"', '」"', "。。", "著着"):
        table[ord(old)] = ord(new)
    return table


@cache
def _search_table(codes: int) -> U32:
    """:func:`plain_table` without accents, and with one kind of apostrophe and dash."""
    table = plain_table(codes).copy()
    if codes <= ASCII:
        table[ord("`")] = ord("'")
        return table
    for code in range(0xC0, 0x2000):  # Latin, Greek and Cyrillic letters with marks, all below the symbols
        base = unicodedata.normalize("NFKD", chr(int(table[code])))
        if len(base) > 1 and base[0].isalpha() and all(unicodedata.combining(mark) for mark in base[1:]):
            table[code] = ord(base[0])
    for old, new in ("øo", "łl", "đd", "ħh", "ıi", "ðd"):  # letters with a stroke, which have no decomposition
        table[ord(old)] = ord(new)
    for old in "’‘`´ʼ":
        table[ord(old)] = ord("'")
    for old in "‐‑‒–—―−":
        table[ord(old)] = ord("-")
    return table


@cache
def _classes(codes: int) -> U8:
    """What becomes of each folded code point."""
    table = np.full(codes, _PUNCTUATION, dtype=np.uint8)
    for code, category in enumerate(map(unicodedata.category, map(chr, range(codes)))):
        if category[0] in "LNM" or category == "Co":
            table[code] = _LETTER
        elif category[0] == "Z" or chr(code) in "\t\n\v\f\r\x85":
            table[code] = _SPACE
        elif category in ("Cc", "Cf", "Cs", "Cn"):
            table[code] = _DROP
    table[0x300:0x370] = _DROP  # combining accents that have no letter of their own
    table[0xFE00:0xFE10] = _DROP  # variation selectors: the same emoji in colour or not
    for low, high in CJK_RANGES:
        table[low : high + 1] = _CHARACTER
    table[ord("_")] = _LETTER
    return table


def folded(texts: Sequence[str | None] | pa.Array | pa.ChunkedArray) -> pa.Array:
    """Texts in the form in which terms are matched.

    Parameters
    ----------
    texts : sequence of str, or an Arrow string array
        As collected, null allowed.

    Returns
    -------
    pyarrow.StringArray
        As many, in the same order: a blank, then every token followed by a blank; null becomes one blank.

    Notes
    -----
    Unicode NFKC (Unicode Standard Annex 15), OpenCC's t2s character by character, so that a query and a text always
    meet in the same form. Lone letters of other planes are Chinese characters (extensions B and later).
    """
    array = texts if isinstance(texts, (pa.Array, pa.ChunkedArray)) else pa.array(list(texts), pa.string())
    array = pc.fill_null(array.cast(pa.string()), "")
    parts = [_block(array[first : first + _BLOCK]) for first in range(0, len(array), _BLOCK)]
    return pa.concat_arrays(parts) if parts else pa.array([], pa.string())


def fold_text(text: str) -> str:
    """One text in the form of :func:`folded`.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return str(folded([text.encode("utf-8", "replace").decode()])[0].as_py())


def _block(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    array = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    array = pc.utf8_normalize(_decoded(array), form="NFKC")
    array = pc.replace_substring(pc.utf8_lower(array), "ß", "ss")
    lengths = pc.utf8_length(array).to_numpy(zero_copy_only=False).astype(np.int64)
    raw = np.frombuffer("".join(array.to_pylist()).encode("utf-32-le"), dtype="<u4")
    codes = ASCII if len(raw) == 0 or int(raw.max()) < ASCII else PLANES
    inside = raw < codes
    at = np.where(inside, raw, 0)
    points = np.where(inside, _search_table(codes)[at], raw).astype(np.uint32)
    inside = points < codes  # a simplified form may lie in a plane beyond that of its traditional one
    kind = np.where(inside, _classes(codes)[np.where(inside, points, 0)], _CHARACTER).astype(np.uint8)
    owner = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    stays = kind != _DROP
    points, kind, owner = points[stays], kind[stays], owner[stays]
    return _tokens(points, kind, owner, len(lengths))


def _tokens(points: U32, kind: U8, owner: npt.NDArray[np.int64], n: int) -> pa.Array:
    """Folded code points laid out as tokens; one string per text."""
    letter = kind == _LETTER
    goes_on = np.zeros(len(points), dtype=bool)
    goes_on[:-1] = letter[:-1] & letter[1:] & (owner[:-1] == owner[1:])
    width = np.where(kind == _SPACE, 0, np.where(kind == _PUNCTUATION, 3, 2 - goes_on.astype(np.int64)))
    # every text begins with a line break, by which the whole is cut, and a blank
    before = 2 * (owner + 1)
    start = np.cumsum(width) - width + before
    out = np.full(int(width.sum()) + 2 * n, ord(" "), dtype="<u4")
    sizes = np.bincount(owner, weights=width, minlength=n).astype(np.int64) + 2
    out[np.cumsum(sizes) - sizes] = ord("\n")
    marks = kind == _PUNCTUATION
    out[start[marks]] = ord(MARK)
    written = kind != _SPACE
    out[(start + marks)[written]] = points[written]
    text = out.tobytes().decode("utf-32-le", errors="replace")
    return pa.array(text.split("\n")[1:], pa.string())


def _decoded(array: pa.Array) -> pa.Array:
    """Texts with HTML entities read; those that hold none are not touched."""
    for _ in range(_TWICE):
        hit = pc.match_substring_regex(array, _ENTITY.pattern)
        if not pc.any(hit).as_py():
            return array
        read = [_ENTITY.sub(lambda m: html.unescape(m[0]), text) for text in array.filter(hit).to_pylist()]
        array = pc.replace_with_mask(array, hit, pa.array([_sound(text) for text in read], pa.string()))
    return array


def _sound(text: str) -> str:
    """A text without lone surrogates, which `&#xD800;` would bring in."""
    return text.encode("utf-8", "replace").decode()
