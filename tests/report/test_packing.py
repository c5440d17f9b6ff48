"""A packed PDF holds the same objects in less room; what is no such file stays as it is."""

from __future__ import annotations

import re
import zlib

import pytest

from crisislib.report.pdf_packing import packed_pdf


def plain_pdf(bodies: list[bytes]) -> bytes:
    made, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(bodies) + 1, rows)
    tail = b"trailer\n<</Size %d\n/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, len(made))
    return made + table + tail


def opened(pdf: bytes) -> dict[int, bytes]:
    """Objects by number, through the index at the end, as a reader finds them."""

    def stream(at: int) -> tuple[bytes, bytes]:
        match = re.compile(rb"\d+ 0 obj\n<<(.*?)>>\nstream\n(.*?)\nendstream", re.DOTALL).match(pdf, at)
        return match[1], zlib.decompress(match[2])  # type: ignore[index]

    at = int(re.search(rb"startxref\n(\d+)", pdf)[1])  # type: ignore[index]
    head, rows = stream(at)
    assert b"/Root 1 0 R" in head
    entries = [(r[0], int.from_bytes(r[1:5], "big"), int.from_bytes(r[5:], "big"))
               for r in (rows[i : i + 7] for i in range(0, len(rows), 7))]  # fmt: skip
    found = {}
    for number, (kind, place, inner) in enumerate(entries):
        if kind == 1:
            found[number] = re.compile(
                rb"%d 0 obj\n(.*?)\nendobj\n(?=[0-9]+ 0 obj|startxref)" % number, re.DOTALL
            ).match(pdf, place)[1]  # type: ignore[index]
        elif kind == 2:
            facts, inside = stream(entries[place][1])
            first = int(re.search(rb"/First (\d+)", facts)[1])  # type: ignore[index]
            listed = [int(one) for one in inside[:first].split()]
            assert listed[2 * inner] == number
            ends = [*listed[3::2], len(inside) - first]
            found[number] = inside[first + listed[2 * inner + 1] : first + ends[inner]].strip()
    return found


def test_every_object_is_found_where_the_index_says():
    bodies = [b"<</Type /Catalog>>"] + [b"<</Type /StructElem /S /P /K %d>>" % i for i in range(700)]
    bodies.insert(5, b"<</Length 6>> stream\nendobj\nendstream")
    pdf = plain_pdf(bodies)
    packed = packed_pdf(pdf)
    assert packed.startswith(b"%PDF-1.5") and len(packed) < len(pdf) / 3
    found = opened(packed)
    assert {number: found[number] for number in range(1, len(bodies) + 1)} == dict(enumerate(bodies, 1))


@pytest.mark.parametrize("given", [b"", b"%PDF-1.4\nstartxref\n9\n%%EOF", b"<html>"])
def test_another_form_stays_as_it_is(given):
    assert packed_pdf(given) == given
    small = plain_pdf([b"<</Type /Catalog>>"])
    assert packed_pdf(small) == small, "not made larger"
