"""A printed PDF made smaller: browsers write one plain object for each glyph and paragraph; here they are packed.

Chinese fonts become hundreds of small objects and each line of text one more for screen readers, which takes half
of the file. Since PDF 1.5 such objects can lie together in compressed streams (ISO 32000-1, 7.5.7 and 7.5.8).
"""

from __future__ import annotations

import re
import zlib

EACH = 200
"""Objects in one stream, as the standard recommends: a reader that needs one unpacks its neighbours."""
_END = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_OBJECT = re.compile(rb"(\d+) 0 obj\s*(.*?)\s*endobj\s*$", re.DOTALL)
_SECTION = re.compile(rb"(\d+) (\d+)\s*\n((?:\d{10} \d{5} [nf]\s*?\n)+)")


def packed_pdf(plain: bytes) -> bytes:
    """A PDF with its small objects packed.

    Parameters
    ----------
    plain : bytes
        As a browser printed it.

    Returns
    -------
    bytes
        The same document; as it was where it is of another form, or where packing would not make it smaller.
    """
    objects, trailer = _read(plain)
    if not objects:
        return plain
    small = {n: body for n, body in objects.items() if not body.endswith(b"endstream")}
    parts, entries = [b"%PDF-1.5\n%\xd3\xeb\xe9\xe1\n"], {0: (0, 0, 65535)}
    at = len(parts[0])

    def write(number: int, body: bytes) -> None:
        nonlocal at
        entries[number] = (1, at, 0)
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        at += len(parts[-1])

    for number, body in objects.items():
        if number not in small:
            write(number, body)
    free, numbers = max(objects) + 1, list(small)
    for begin in range(0, len(numbers), EACH):
        chosen = numbers[begin : begin + EACH]
        entries |= {number: (2, free, place) for place, number in enumerate(chosen)}
        write(free, _together([(number, small[number]) for number in chosen]))
        free += 1
    entries[free] = (1, at, 0)
    rows = b"".join(_row(entries.get(n, (0, 0, 65535))) for n in range(free + 1))
    index = _stream(b"/Type /XRef /W [1 4 2] /Size %d %b" % (free + 1, trailer), rows)
    parts.append(b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (free, index, at))
    made = b"".join(parts)
    return made if len(made) < len(plain) else plain


def _read(plain: bytes) -> tuple[dict[int, bytes], bytes]:
    """Objects by number, and what the trailer names; no objects where the file is of another form."""
    end = _END.search(plain)
    if end is None or plain[int(end[1]) : int(end[1]) + 4] != b"xref":
        return {}, b""
    table, _, trailer = plain[int(end[1]) + 4 : end.start()].partition(b"trailer")
    if b"/Prev" in trailer or b"/Encrypt" in trailer:
        return {}, b""
    places: list[int] = []
    for _, _, lines in _SECTION.findall(table):
        places += [int(line[:10]) for line in lines.splitlines() if line.strip().endswith(b"n")]
    places.sort()
    found: dict[int, bytes] = {}
    for begin, until in zip(places, [*places[1:], int(end[1])], strict=True):
        match = _OBJECT.match(plain[begin:until])
        if match is None:
            return {}, b""
        found[int(match[1])] = match[2]
    named = re.sub(rb"/Size\s+\d+", b"", trailer.strip())
    return found, named.removeprefix(b"<<").removesuffix(b">>").strip()


def _together(objects: list[tuple[int, bytes]]) -> bytes:
    heads, at = [], 0
    for number, body in objects:
        heads.append(b"%d %d" % (number, at))
        at += len(body) + 1
    head = b" ".join(heads) + b"\n"
    inside = head + b"".join(body + b"\n" for _, body in objects)
    return _stream(b"/Type /ObjStm /N %d /First %d" % (len(objects), len(head)), inside)


def _stream(facts: bytes, inside: bytes) -> bytes:
    data = zlib.compress(inside, 9)
    return b"<< %b /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream" % (facts, len(data), data)


def _row(entry: tuple[int, int, int]) -> bytes:
    kind, place, more = entry
    return bytes([kind]) + place.to_bytes(4, "big") + more.to_bytes(2, "big")
