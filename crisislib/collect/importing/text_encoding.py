"""In which encoding a text file is written, decided on all of its bytes; files of several encodings line by line."""

from __future__ import annotations

import codecs
import re
from functools import cache

import numpy as np
import pyarrow as pa

from crisislib.collect.importing.wide_text import LOST, wide_text

DAMAGE = 0.02
"""Share of damaged characters up to which a file is still in an encoding: text in another one is damaged throughout."""
UTF8_DAMAGE = 0.25
"""The same for UTF-8: its characters of several bytes do not come about by chance; a short text may lack more."""
HEAD_BYTES = 1 << 16
"""Bytes that tell what a file is."""
COMMON = 0.75
"""Share of characters that are common ones where text is read in its own encoding; in another one it is below half."""
FEWEST = 16
"""High bytes from which lines in a file of UTF-8 are said to be of another encoding; fewer are damage."""
KANA = 0.15
"""Share of Japanese text that is kana; the same bytes as Chinese hold none."""
SYLLABLES = 0.08
"""Share of Korean text that is one of the thirty commonest syllables; the same bytes as Chinese hold hardly any."""
LETTERS = 0.3
"""Share of letters that are among the commonest of a script; by chance it is a quarter."""
ZEROS = 8
"""Zero bytes at the beginning that tell which half of a character comes first; further on a byte may be lost."""
WORD = 2.0
"""Length of a run of high bytes from which they are words of another script rather than accented letters in words."""
_HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_THREE_BYTES = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")
_LONE_LETTER = re.compile(
    rb"(?<=[A-Za-z])[\xc0-\xd6\xd8-\xf6\xf8-\xfd](?![\x80-\xff])|(?<![\x80-\xff])[\xe0-\xf6](?=[a-z])"
)
_WIDE = {
    "euc_kr": (0xB0, 0xC8), "euc_jp": (0xB0, 0xCF), "gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6),
    "cp932": (0x88, 0x97),
}  # fmt: skip
"""Encodings of East Asia, with the lead bytes of their common characters: each standard has those in front."""
_SYLLABLES = set("이다는에가을의고하지한기로사도어를아은나해요서니자시어인대")
_SCRIPTS = {
    "cp1251": "оеаинтср", "koi8_r": "оеаинтср", "cp866": "оеаинтср", "cp1253": "αοιετσνη", "cp1255": "יוהלארבמ",
    "cp1256": "اليمنرتو", "cp874": "านรอกเง่ยลมว้",
}  # fmt: skip
"""Encodings of one byte a character, with the commonest letters of their script: eight, of Thai more."""
_POLISH = re.compile(r"(?<=[A-Za-z])[\xb3\xb9\xbf]|[\xb3\xb9](?=[a-z])")
"""`ł`, `ą` and `ż`, which stand where Windows-1252 has signs that are in no word."""
_CZECH = "øì"
"""`ř` and `ě` as Windows-1252 reads them: no language of its own has both."""
_TURKISH, _ICELANDIC = "ýþð", "æ"
"""`ı`, `ş`, `ğ` as Windows-1252 reads them; only Icelandic has these, and `æ`."""
SOME = 6
"""A letter that one in so many accented ones is, is no slip."""


def text_encoding(raw: bytes) -> tuple[str | None, bool]:
    """The encoding of some text bytes, decided on all of them; None for what is no text.

    Parameters
    ----------
    raw : bytes
        A whole file.

    Returns
    -------
    encoding : str or None
        By byte-order marks, UTF-8, UTF-16 by its zero bytes; else the one in which the characters are common ones
        (:func:`by_characters`). `utf-8+X` where some lines are UTF-8 and others are X. UTF-8 and the encodings of East
        Asia are named also where some places are damaged.
    whole : bool
        Whether no place is damaged, where the encoding is UTF-8; looked at once, since files are large.
    """
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) and _mostly(raw, "utf-32", DAMAGE):
        return "utf-32", False
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16" if _mostly(raw, "utf-16", DAMAGE) else None), False
    head = raw[:HEAD_BYTES]
    zeros = head.count(0)
    if zeros > len(head) // 10:
        first = np.flatnonzero(np.frombuffer(head, np.uint8) == 0)[:ZEROS]
        wide = "utf-16-le" if 2 * np.count_nonzero(first % 2) >= len(first) else "utf-16-be"
        text = wide_text(head, wide)
        controls = sum(c < " " and c not in "\t\r\n" for c in text)
        return (wide if _mostly(raw, wide, DAMAGE) and controls <= len(text) // 100 else None), False
    if _decodes(raw, "utf-8"):
        return ("iso2022_jp", False) if b"\x1b$B" in head and _decodes(raw, "iso2022_jp") else ("utf-8", True)
    if zeros:
        return None, False
    return _of_lines(raw), False


def _of_lines(raw: bytes) -> str:
    """The encoding of text that is not whole UTF-8: of all its lines, or of those that are no UTF-8."""
    strange, plain, wide = [], 0, 0
    for line in raw.split(b"\n"):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            strange.append(line)
        else:
            plain, wide = plain + 1, wide + (_THREE_BYTES.search(line) is not None)
    sample = b"\n".join(strange)[:HEAD_BYTES]
    enough = plain == 0 or sum(map(len, _HIGH.findall(sample))) >= FEWEST
    found = by_characters(sample) if enough else None
    # Two bytes of Chinese may be a letter of UTF-8 by chance, three may not.
    if found and wide <= len(strange) // 10 and _mostly(raw, found, DAMAGE):
        return found
    if found and wide and _mostly(b"\n".join(strange), found, DAMAGE):
        return f"utf-8+{found}"
    if plain and all(_LONE_LETTER.sub(b"", line).isascii() for line in strange):
        return "utf-8+cp1252"
    if _mostly(joined_halves(raw), "utf-8", UTF8_DAMAGE):
        return "utf-8"
    return found or _western(raw)


def by_characters(sample: bytes) -> str | None:
    """The encoding in which nearly all characters of a text are common ones of their language; None where none is.

    Parameters
    ----------
    sample : bytes
        Text, of which the bytes above ASCII count.

    Notes
    -----
    The standards of East Asia have their common characters in front (level 1), so that text read in the encoding of
    another language falls on rare ones. Korean and Japanese share their byte ranges with Chinese; syllables and kana
    tell them. Alphabets are known by their commonest letters.
    """
    runs = _HIGH.findall(sample)
    if not runs:
        return None
    shares = {encoding: _common(sample, encoding) for encoding in _WIDE}
    best = max(shares, key=lambda e: shares[e])
    if shares[best] >= COMMON:
        return best
    if sum(map(len, runs)) < WORD * len(runs):
        return None
    letters = {encoding: _letters(sample, encoding) for encoding in _SCRIPTS}
    found = max(letters, key=lambda e: letters[e])
    return found if letters[found] >= LETTERS else None


def _common(sample: bytes, encoding: str) -> float:
    """Share of characters above ASCII that are common in an encoding's own language; 1 more where a sign proves it."""
    text = [c for c in sample.decode(encoding, "replace") if c > "\x7f"]
    if not text or text.count(LOST) > DAMAGE * len(text) + 1:
        return 0.0
    known = _level_one(encoding) | (_level_one("big5") if encoding == "gb18030" else frozenset())
    common = sum(c in known or "\u2010" <= c <= "\u303f" or "\uff01" <= c <= "\uff5e" for c in text)
    kana = sum("\u3041" <= c <= "\u30ff" for c in text)
    share = (common + kana) / len(text)
    if encoding == "euc_kr":
        return share + 1 if share >= COMMON and sum(c in _SYLLABLES for c in text) >= SYLLABLES * len(text) else 0.0
    if encoding in ("euc_jp", "cp932"):
        return share + 1 if share >= COMMON and kana >= KANA * len(text) else 0.0
    return share


@cache
def _level_one(encoding: str) -> frozenset[str]:
    first, last = _WIDE[encoding]
    trails = [*range(0x40, 0x7F), *range(0x80, 0xFF)] if encoding in ("big5", "cp932") else range(0xA1, 0xFF)
    pairs = (bytes([lead, trail]).decode(encoding, "ignore") for lead in range(first, last + 1) for trail in trails)
    return frozenset(c for c in pairs if len(c) == 1)


def _letters(sample: bytes, encoding: str) -> float:
    """Share of characters above ASCII that are among the commonest letters of an encoding's script."""
    text = [c for c in sample.decode(encoding, "replace").lower() if c > "\x7f"]
    if text.count(LOST) > DAMAGE * len(text):
        return 0.0
    return sum(c in _SCRIPTS[encoding] for c in text) / max(1, len(text))


def _western(raw: bytes) -> str:
    """One of the encodings of Latin letters, by the letters that only it has."""
    head = raw[:HEAD_BYTES].decode("cp1252", "replace")
    high = sum(c > "\x7f" for c in head)
    if len(_POLISH.findall(head)) * SOME > high or all(head.count(c) * 2 * SOME > high for c in _CZECH):
        return "cp1250"
    if sum(head.count(c) for c in _TURKISH) * SOME > high and _ICELANDIC not in head.lower():
        return "cp1254"
    return "cp1252" if _decodes(raw, "cp1252") else "latin-1"


def decoded(raw: bytes, encoding: str) -> tuple[str, list[int]]:
    """Text in its encoding, and which lines were read in the second one of two.

    Parameters
    ----------
    raw : bytes
        A whole file.
    encoding : str
        As :func:`text_encoding` names it.

    Returns
    -------
    text : str
        With :data:`LOST` where a place is damaged.
    lines : list of int
        Numbers from 1 of the lines in the second encoding; empty where the file has one.
    """
    first, _, second = encoding.partition("+")
    if not second:
        if first.startswith("utf-16"):
            return wide_text(raw, first), []
        return (joined_halves(raw) if first == "utf-8" else raw).decode(first, "replace"), []
    parts, numbers = [], []
    for number, line in enumerate(raw.split(b"\n"), 1):
        try:
            parts.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            numbers.append(number)
            parts.append(line.decode(second, "replace"))
    return "\n".join(parts), numbers


def joined_halves(raw: bytes) -> bytes:
    """UTF-8 in which a character was written as its two halves (CESU-8, as old databases do), whole again.

    Parameters
    ----------
    raw : bytes
        UTF-8. A half without its other half becomes one mark of a lost character.
    """
    if not _HALF.search(raw):
        return raw
    paired = _HALVES.sub(
        lambda m: m[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode(), raw
    )
    return _HALF.sub(LOST.encode(), paired)


def _mostly(raw: bytes, encoding: str, damage: float) -> bool:
    """Whether nearly all that is not plain ASCII is whole in an encoding."""
    wide = encoding.startswith("utf-16")
    if not wide and _decodes(raw, encoding):
        return True
    text = wide_text(raw, encoding) if wide else raw.decode(encoding, "replace")
    lost = text.count(LOST)
    whole = len(text) - lost if wide else sum(1 for c in text if c > "\x7f") - lost
    return lost <= damage * whole


def _decodes(raw: bytes, encoding: str) -> bool:
    if encoding == "utf-8":  # three times as fast as decoding, and nothing is copied
        ends = pa.py_buffer(np.array([0, len(raw)], dtype=np.int64))
        try:
            pa.Array.from_buffers(pa.large_utf8(), 1, [None, ends, pa.py_buffer(raw)]).validate(full=True)
        except pa.ArrowInvalid:
            return False
        return True
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
