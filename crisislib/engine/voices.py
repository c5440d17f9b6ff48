"""Who speaks in a post: the public, in its own words or by a bare repost, the brand itself, or the press.

A bare repost says what it reposts: it is read by the words of its source, and is the brand's own voice where its
source is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.table_definitions import TIME
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.lake import Lake
from crisislib.nlp.preprocess.repost_text import Passed, passed_on

LABEL, MODEL = "voice", "voice@4"
STATEMENT = "statement"
DENIES = re.compile(
    r"(不实|不属实|谣言|谣传|造谣|辟谣|虚假信息|虚假消息|假消息|子虚乌有|纯属虚构|从未发生|与事实不符|并非事实|严正声明|否认"
    r"|\b(not true|untrue|false (claims?|rumou?rs?|information|reports?|stor(y|ies))"
    r"|(is|are|was|were) (\w+ly )?(false|fake)|no truth|rumou?rs?|hoax|we deny|denies"
    r"|unfounded|did not happen|never happened|fabricated|misinformation)\b)",
    re.IGNORECASE,
)
"""Words by which a brand denies what is claimed."""
ADMITS = re.compile(
    r"(致歉|道歉|抱歉|对不起|召回|承认|确认存在|属实|整改|赔付|赔偿"
    r"|\b(apologi[sz]e[sd]?|apology|sorry|we (have )?confirm(ed)?|recall(ing|ed)?|we made a mistake|our fault|take full"
    r" responsibility|compensat(e|ion))\b)",
    re.IGNORECASE,
)
"""Words by which a brand admits it; a denial outranks them, for denials regret the unrest as well."""
OWN, REPOST, PRESS, ORIGINAL = "own", "repost", "press", "original"
SOURCE_DAYS = timedelta(days=60)
"""How long before a repost its source may have been written: two months, when most of what circulates began."""


@dataclass(frozen=True)
class Voices:
    """Posts as they are to be read, and who speaks in them.

    Attributes
    ----------
    read : pyarrow.Table
        POSTS; a bare repost has the text of its source.
    labels : pyarrow.Table
        LABELS `voice` of every post that is not simply a post of the public: `own`, `press`, `repost` (bare) or
        `original` (a repost with words of its own).
    """

    read: pa.Table
    labels: pa.Table


def voices(lake: Lake, watch: Watch, posts: pa.Table, *, now: datetime) -> Voices:
    """Who speaks in some posts of a watch.

    Parameters
    ----------
    lake : Lake
        Where sources that are not among the posts are looked up.
    watch : Watch
        Its own accounts.
    posts : pyarrow.Table
        POSTS of the watch.
    now : datetime
        Written to `at`.
    """
    if not posts.num_rows:
        return Voices(posts, empty("LABELS"))
    passed = passed_on(posts)
    source = _sources(lake, watch, posts, passed)
    texts = np.array(pc.fill_null(posts["text"], "").to_pylist(), dtype=object)
    mine = set(watch.brand.accounts)
    names = _own_names(lake, mine) if mine and len(passed.row) else set()
    own_words = np.array([texts[row] for row in passed.row], dtype=object)
    bare = passed.bare | ((source["text"].to_numpy(dtype=object) == own_words) & (own_words != ""))
    by_name = np.array([name.casefold() in names for name in passed.name], dtype=bool)
    of_own = source["account_id"].isin(mine).to_numpy(dtype=bool) | (source["account_id"].isna().to_numpy() & by_name)
    press = _mask(posts, "kind", {"news"}) | (_mask(posts, "platform", {"news"}) & _mask(posts, "kind", {"post"}))
    who = np.where(press, PRESS, "").astype(object)
    who[passed.row] = np.where(bare, np.where(of_own, OWN, REPOST), ORIGINAL)
    who[_mask(posts, "account_id", mine)] = OWN
    said = [
        quote or (text if isinstance(text, str) else "")
        for quote, text in zip(passed.quoted, source["text"], strict=True)
    ]
    for row, only, words in zip(passed.row, bare, said, strict=True):
        if only and words:
            texts[row] = words
    missing = pc.is_null(posts["text"]).to_numpy(zero_copy_only=False) & (texts == "")
    texts[missing] = None
    place, column = posts.column_names.index("text"), pa.array(texts.tolist(), pa.string())
    of = np.full(posts.num_rows, None, dtype=object)
    of[passed.row] = source["post_id"].to_numpy(dtype=object)
    own = _mask(posts, "account_id", mine)
    stated = np.full(posts.num_rows, "", dtype=object)
    stated[own] = [_statement(str(text or "")) for text in texts[own]]
    rows = [_rows(posts, LABEL, who, of, now), _rows(posts, STATEMENT, stated, of, now)]
    return Voices(posts.set_column(place, "text", column), pa.concat_tables(rows))


def _statement(text: str) -> str:
    """Whether words of the brand deny or admit what is claimed; empty where they do neither."""
    return "deny" if DENIES.search(text) else "admit" if ADMITS.search(text) else ""


def _mask(posts: pa.Table, column: str, values: set[str]) -> np.ndarray:
    wanted = pa.array(sorted(values), pa.string())
    return np.asarray(pc.is_in(posts[column], wanted).to_numpy(zero_copy_only=False))


def _rows(posts: pa.Table, label: str, who: np.ndarray, of: np.ndarray, now: datetime) -> pa.Table:
    """LABELS of the posts that are not simply the public's."""
    chosen = np.flatnonzero(who != "")
    if not len(chosen):
        return empty("LABELS")
    mine = posts.select(["watch", "post_id", "created_at"]).take(pa.array(chosen))
    n = len(chosen)
    evidence = [json.dumps({"of": one}) if isinstance(one, str) else None for one in of[chosen]]
    columns = {
        "label": pa.repeat(label, n), "model": pa.repeat(MODEL, n), "at": pa.repeat(pa.scalar(now, TIME), n),
        "value": pa.array(who[chosen].tolist(), pa.string()), "evidence": pa.array(evidence, pa.string()),
    }  # fmt: skip
    for name, values in columns.items():
        mine = mine.append_column(name, values)
    return conform(mine, "LABELS")


def _sources(lake: Lake, watch: Watch, posts: pa.Table, passed: Passed) -> pd.DataFrame:
    """`post_id`, `account_id` and `text` of what each passing post passes on; missing where it is not stored."""
    taken = posts.select(["parent_id", "root_id"]).take(pa.array(passed.row)).to_pandas()
    wanted = taken["root_id"].where(taken["root_id"].notna(), taken["parent_id"])
    known = _by_id(posts, wanted)
    missing = set(wanted.dropna()) - set(known["post_id"])
    if missing:
        since = pc.min(posts["created_at"]).as_py() - SOURCE_DAYS
        rows = lake.sql("POSTS", watch=watch.watch, since=since).select("post_id", "account_id", "text")
        held = rows.to_arrow_table()
        known = pd.concat([known, _by_id(held, pd.Series(sorted(missing)))], ignore_index=True)
    place = known.drop_duplicates("post_id", keep="last").set_index("post_id")
    found = place.reindex(wanted)
    return pd.DataFrame(
        {"post_id": wanted.to_numpy(), "account_id": found["account_id"].to_numpy(), "text": found["text"].to_numpy()}
    )


def _by_id(posts: pa.Table, ids: pd.Series) -> pd.DataFrame:
    wanted = pa.array(sorted(set(ids.dropna())), pa.string())
    frame: pd.DataFrame = (
        posts.select(["post_id", "account_id", "text"]).filter(pc.is_in(posts["post_id"], wanted)).to_pandas()
    )
    return frame


def _own_names(lake: Lake, accounts: set[str]) -> set[str]:
    """Names under which texts quote the brand's accounts: those that were collected, and the ids themselves."""
    names = {account.split(":", 1)[-1].lstrip("@").casefold() for account in accounts}
    rows = lake.sql("ACCOUNTS").select("account_id", "name").to_arrow_table()
    mine = rows.filter(pc.is_in(rows["account_id"], pa.array(sorted(accounts), pa.string())))
    return names | {name.casefold() for name in mine["name"].to_pylist() if name}
