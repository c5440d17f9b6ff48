"""All posts behind a number, page by page, and as a table to download."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.core.sanitize import escape_controls
from crisislib.design import Evidence
from crisislib.workbench.pages.evidence_model import counted, evidence_of, posts_with_texts, web_address
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading

PER_PAGE = 50
"""Posts on one page: what a reader scrolls through on a telephone."""
MOST_ROWS = 200_000
"""Posts of one download; a spreadsheet holds a million rows, but no reader opens them."""
CHUNK = 5_000
"""Posts whose texts are read at once."""
SUB = N_("Names are masked; the link of a line leads to the post at its source.")
RANGE = N_("{first}–{last} of {n}")
ORDERS = {"": N_("most passed on first"), "time": N_("newest first")}
COLUMNS = ("time", "platform", "who", "text", "reposts", "likes", "sentiment", "post_id", "url")
"""Columns of a download; names for machines, so in English."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters that a spreadsheet takes for a formula, in either width."""


@dataclass(frozen=True)
class PostsPage:
    """One page of posts.

    Attributes
    ----------
    title, sub, range : str
        How many there are; how to read them; which are shown.
    orders : sequence of (str, str, bool)
        Words, address, and whether it is the present order.
    evidence : Evidence
        The posts.
    previous, following : str
        Addresses of the neighbours; empty at the ends.
    """

    title: str
    sub: str
    range: str
    orders: Sequence[tuple[str, str, bool]]
    evidence: Evidence
    previous: str
    following: str


def last_page(posts: int) -> int:
    """The last page of a list, from 1; an empty list has one that says so.

    Parameters
    ----------
    posts : int
        How many the list has.

    Returns
    -------
    int
    """
    return max(1, -(-posts // PER_PAGE))


def posts_page(reading: Reading, choice: Choice) -> PostsPage:
    """The model of one page of posts.

    Parameters
    ----------
    reading : Reading
        The reading; its address says which page in which order.
    choice : Choice
        Which posts.

    Returns
    -------
    PostsPage
    """
    address, n = reading.address, reading.snapshot.posts.count(choice)
    number = min(address.number, last_page(n))
    first = (number - 1) * PER_PAGE
    shown = reading.words(RANGE, first=min(first + 1, n), last=min(first + PER_PAGE, n), n=f"{n:,}")
    return PostsPage(
        title=counted(reading, n),
        sub=reading.words(SUB),
        range=shown,
        orders=[(reading.words(words), address.to(sort=key), key == address.sort) for key, words in ORDERS.items()],
        evidence=evidence_of(reading, choice, limit=PER_PAGE, offset=first, letters=400),
        previous=address.to(number=number - 1) if number > 1 else "",
        following=address.to(number=number + 1) if number < last_page(n) else "",
    )


def rows_of(reading: Reading, choice: Choice) -> Iterator[list[object]]:
    """The chosen posts as rows of a table, the heading first; nothing in them is a formula.

    Parameters
    ----------
    reading : Reading
        The reading.
    choice : Choice
        Which posts.

    Yields
    ------
    list of object
        Values of :data:`COLUMNS`.
    """
    yield list(COLUMNS)
    for offset in range(0, min(reading.snapshot.posts.count(choice), MOST_ROWS), CHUNK):
        ids = reading.snapshot.posts.page(choice, sort=reading.address.sort, offset=offset, limit=CHUNK)
        rows = posts_with_texts(reading, ids).merge(ids[["post_id", "sentiment"]], on="post_id", how="left")
        at = pd.to_datetime(rows["created_at"], utc=True).dt.tz_convert(reading.zone)
        for row, when in zip(rows.to_dict("records"), at.dt.strftime("%Y-%m-%d %H:%M:%S%z"), strict=True):
            counts = [None if pd.isna(row[c]) else int(row[c]) for c in ("n_reposts", "n_likes")]
            mood = row["sentiment"] if isinstance(row["sentiment"], str) else ""
            words = [neutral(row[c]) for c in ("platform", "name_masked", "said")]
            yield [when, *words, *counts, mood, neutral(row["post_id"]), neutral(web_address(row["url"]))]


def neutral(value: object) -> str:
    """A text that no spreadsheet runs: what looks like a formula gets an apostrophe before it (OWASP, CSV injection).

    Parameters
    ----------
    value : object
        A cell; anything but text counts as empty.

    Returns
    -------
    str
        Control characters made visible.
    """
    text = escape_controls(value) if isinstance(value, str) else ""
    return f"'{text}" if text.lstrip(" \u00a0\u3000").startswith(_FORMULA) else text


def as_csv(reading: Reading, choice: Choice) -> bytes:
    """The chosen posts as CSV in UTF-8 with its mark, which spreadsheets need to read Chinese.

    Parameters
    ----------
    reading : Reading
        The reading.
    choice : Choice
        Which posts.

    Returns
    -------
    bytes
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows_of(reading, choice))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(reading: Reading, choice: Choice) -> bytes:
    """The chosen posts as a spreadsheet.

    Parameters
    ----------
    reading : Reading
        The reading.
    choice : Choice
        Which posts.

    Returns
    -------
    bytes
    """
    from openpyxl import Workbook  # loads when somebody downloads

    book = Workbook(write_only=True)
    sheet = book.create_sheet("posts")
    for row in rows_of(reading, choice):
        sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
