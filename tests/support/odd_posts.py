"""Small odd tables for property tests: what real exports hold at their worst."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pyarrow as pa
from hypothesis import strategies as st

from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Brand
from tests.spread.samples import NOW, START

WATCH = Watch(watch="w", title={"en": "W"}, brand=Brand(names=["Kettle", "水壶"]))
NAMES = ("Ann", "小明", "Bee", "=cmd()", "")
WORDS = (
    None,
    "",
    " ",
    "转发微博",
    "//@Ann:hello//@小明:",
    "//@Ann:",
    "看//@小明:转发微博//@Bee:the kettle melts and burns",
    "the kettle melts and burns",
    "水壶爆炸了大家小心快转发给朋友们",
    "short",
    "https://x.org/a/1",
    "#水壶# #kettle",
    "\x00\ufffd",
)
"""Texts that methods look at: chains, empty rests of chains, links, hashtags, copies, nothing."""
AUTHORS = (None, "", "weibo:a", "weibo:b", "x:@Ann")
EXTRAS = (None, "", "{}", "not json", '{"urls": ["https://x.org/a/1"]}', '{"thread_id": "T", "hashtags": "a,b"}')


@st.composite
def posts(draw: st.DrawFn, most: int = 14) -> pa.Table:
    """POSTS of up to so many rows; ids, parents, roots, times, accounts and texts are drawn from a few."""
    n = draw(st.integers(0, most))
    some = st.sampled_from([None, *(f"weibo:{i}" for i in range(most)), "weibo:lost", "x:gone"])
    one_time = draw(st.booleans())
    no_accounts, no_parents = draw(st.booleans()), draw(st.booleans())
    rows = []
    for i in range(n):
        second = 0 if one_time else draw(st.none() | st.integers(-60, 200_000))
        rows.append(
            {
                "watch": "w",
                "post_id": draw(st.sampled_from([f"weibo:{i}", f"weibo:{max(i - 1, 0)}"])),
                "collected_at": NOW + timedelta(seconds=draw(st.integers(0, 3))),
                "platform": draw(st.sampled_from([None, "weibo", "x"])),
                "kind": draw(st.sampled_from([None, "post", "repost", "reply", "topic", "odd"])),
                "account_id": None if no_accounts else draw(st.sampled_from(AUTHORS)),
                "created_at": None if second is None else START + timedelta(seconds=second),
                "created_precision_s": draw(st.sampled_from([None, 1, 60, 86_400])),
                "parent_id": None if no_parents else draw(some),
                "root_id": None if no_parents else draw(some),
                "text": draw(st.sampled_from(WORDS)),
                "source": draw(st.sampled_from([None, "search"])),
                "extra": draw(st.sampled_from(EXTRAS)),
                "url": draw(st.sampled_from([None, "", "https://x.org/a/1"])),
                "n_views": draw(st.sampled_from([None, 0, 5])),
            }
        )
    return _conformed(rows, "POSTS")


@st.composite
def accounts(draw: st.DrawFn) -> pa.Table:
    """ACCOUNTS of a few rows, some without a name or a count."""
    ids = st.sampled_from(["weibo:a", "weibo:b", "x:@Ann", "weibo:z"])
    one = st.tuples(ids, st.sampled_from([None, *NAMES]), st.sampled_from([None, 0, 7, 10**9]))
    names = draw(st.lists(one, max_size=4))
    rows = [
        {"account_id": i, "seen_at": NOW + timedelta(seconds=k), "platform": "weibo", "name": n, "n_followers": f}
        for k, (i, n, f) in enumerate(names)
    ]
    return _conformed(rows, "ACCOUNTS")


def chain_of(n: int) -> pa.Table:
    """One chain of n posts, each passed on from the one before."""
    return _conformed([_row(i, parent_id=f"weibo:{i - 1}" if i else None, text=f"post {i}") for i in range(n)], "POSTS")


def quotes(n: int, depth: int = 3) -> pa.Table:
    """n posts without a held parent; each quotes the same people, so that all above them are placeholders."""
    above = "".join(f"//@Gone{k}:words {k}" for k in range(depth))
    return _conformed([_row(i, text=f"look {i}{above}", kind="repost") for i in range(n)], "POSTS")


def _row(i: int, **more: object) -> dict:
    row = {"watch": "w", "post_id": f"weibo:{i}", "collected_at": NOW, "platform": "weibo", "account_id": f"weibo:u{i}"}
    return row | {"created_at": START + timedelta(seconds=i), "created_precision_s": 1, "kind": "repost"} | more


def _conformed(rows: list[dict], name: str) -> pa.Table:
    if not rows:
        return empty(name)
    frame = pd.DataFrame(rows)
    for column in ("created_at", "collected_at", "seen_at"):
        if column in frame:
            frame[column] = pd.to_datetime(frame[column], utc=True)
    for column in ("created_precision_s", "n_views", "n_followers"):
        if column in frame:
            frame[column] = frame[column].astype("Int64")
    return conform(frame, name)
