"""UTF-16 from which bytes were lost: what follows a lost byte is read one byte later, so that one line is damaged."""

from __future__ import annotations

import codecs

import numpy as np
import numpy.typing as npt

LOST = "\ufffd"
"""Stands for what could not be decoded."""
KNOWN = 1 << 20
"""Units of whole lines from which a file's usual characters are taken."""


def wide_text(raw: bytes, encoding: str) -> str:
    """UTF-16 as text, with one mark where a byte was lost.

    Parameters
    ----------
    raw : bytes
        A whole file.
    encoding : {'utf-16', 'utf-16-le', 'utf-16-be'}
        The byte-order mark says which of the others the first one is.

    Notes
    -----
    After a lost byte every character has halves of two, and most of these are characters too, so that no decoder
    notices. The ends of lines tell: their two bytes then begin at odd places instead of even ones.
    """
    big = encoding.endswith("be") or raw.startswith(codecs.BOM_UTF16_BE)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = raw[2:]
    wide = "utf-16-be" if big else "utf-16-le"
    ends = _line_ends(np.frombuffer(raw, np.uint8), big)
    if not np.any(ends & 1):
        return raw.decode(wide, "replace")
    known = set(raw[: 2 * KNOWN].decode(wide, "ignore")) if len(ends) == 0 else _usual(raw, ends, wide)
    parts: list[str] = []
    at, line = 0, 0  # where the text that was not taken yet begins, and the last line in it
    for end in ends.tolist():
        if (end - at) % 2:
            parts.append(raw[at:line].decode(wide, "replace"))
            parts.append(_realigned(raw[line:end], wide, known))
            at = end
        line = end + 2
    parts.append(raw[at:].decode(wide, "replace"))
    return "".join(parts)


def _line_ends(data: npt.NDArray[np.uint8], big: bool) -> npt.NDArray[np.int64]:
    """Where lines end, of which every one agrees with a neighbour in being at an even or at an odd place."""
    first, second = (0, 10) if big else (10, 0)
    found: npt.NDArray[np.int64] = np.flatnonzero((data[:-1] == first) & (data[1:] == second))
    odd = found & 1
    same = odd[1:] == odd[:-1]
    agrees = np.append(same, False) | np.append(False, same) if len(found) > 1 else odd == 0
    return np.asarray(found[agrees], dtype=np.int64)


def _usual(raw: bytes, ends: npt.NDArray[np.int64], wide: str) -> set[str]:
    """The characters of lines that are whole: both of their ends are at even or at odd places."""
    starts = np.concatenate([[0], ends[:-1] + 2])
    whole = (ends - starts) % 2 == 0
    known: set[str] = set()
    size = 0
    for start, end in zip(starts[whole].tolist(), ends[whole].tolist(), strict=True):
        known |= set(raw[start:end].decode(wide, "ignore"))
        size += end - start
        if size > 2 * KNOWN:
            break
    return known


def _realigned(line: bytes, wide: str, known: set[str]) -> str:
    """A line of an odd number of bytes, cut where most of its characters are usual ones before and behind the cut."""
    before = [c in known for c in line[:-1].decode(wide, "replace")]
    behind = [c in known for c in line[1:].decode(wide, "replace")]
    n = min(len(before), len(behind))  # a pair of surrogates is one character, so that the two may differ
    left = np.concatenate([[0], np.cumsum(before[:n])])
    right = sum(behind[:n]) - np.concatenate([[0], np.cumsum(behind[:n])])
    cut = int(np.argmax(left + right))
    return line[:-1].decode(wide, "replace")[:cut] + LOST + line[1:].decode(wide, "replace")[cut:]
