"""The claims of an incident: grouped by what they say, with how many tell them, believe them and deny them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from crisislib.core.ids import short_hash
from crisislib.core.membership import is_among
from crisislib.nlp.claims.claim_groups import group_texts
from crisislib.nlp.claims.claim_sentences import best_sentence
from crisislib.nlp.claims.claim_words import Vocabulary, vocabulary
from crisislib.nlp.preprocess.repost_text import says_something, split

COLUMNS = (
    "claim_id", "text", "lang", "role", "n", "n_telling", "share", "n_accounts", "first_post", "first_at", "last_at",
    "n_hour", "n_hour_before", "platforms", "believe", "deny", "ask", "posts",
)  # fmt: skip
MOST_TEXTS = 1_500
"""Distinct texts that are grouped, the most frequent first; the others join the group that they are nearest to."""
NEEDED, LEAST_TELLING = 30, 5
"""Posts of an incident, and posts that tell one claim, below which there is no claim to name."""
HALF = 0.5
"""Share of the posts with a text that deny something, from which the text speaks against a claim."""
AGAINST = re.compile(
    r"辟谣|谣言|不信谣|不传谣|旧闻|摆拍|假的|不实|造谣|虚惊|错怪|带节奏|反转|别急着|等官方|等核实|不是真的|不是我们|洗白"
    r"|还算诚恳|相信|给.{0,6}机会|没出过(问题|事)|力挺|挺你"
    r"|(?i:\b(debunked|fake|hoax|not true|untrue|false alarm|staged|recycled|old (video|photo|footage|news)|years old"
    r"|rumou?rs?|misleading|hold on before|wait for (the )?(facts|official)|i trust|stand with|glad there is)\b)"
)
"""Words of those who speak against what is claimed: denial, doubt of the proof, all clear, trust in the brand."""
CHARGED = 0.25
"""Share of a claim's posts that are marked as harm, complaint, denial or as a statement of fact; talk has less."""
HOUR = timedelta(hours=1)
"""What "now" means: the last hour against the one before."""
READ = 20
"""Posts to read of each claim: the first ones, then those that most passed on."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_MARKS = ("claim", "crisis_type", "complaint", "harm", "sensitive")


@dataclass(frozen=True)
class ClaimResult:
    """The claims of an incident.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a claim, the most frequent first.
    members : pandas.DataFrame
        `post_id`, `claim_id`: the posts that tell each or pass it on.
    """

    table: pd.DataFrame
    members: pd.DataFrame


def claim_table(
    posts: pa.Table,
    labels: pd.DataFrame,
    edges: pd.DataFrame,
    *,
    ordinary: Sequence[str],
    names: Sequence[str],
    now: datetime,
    most: int = 8,
) -> ClaimResult:
    """What the posts of an incident claim, the most frequent first.

    Parameters
    ----------
    posts : pyarrow.Table
        POSTS of the incident.
    labels : pandas.DataFrame
        `post_id`, `label`, `value` of them: voice, stance, question, claim, crisis_type, complaint, harm.*,
        sensitive.*.
    edges : pandas.DataFrame
        `src`, `dst`: whom a post passes on or answers.
    ordinary : sequence of str
        Texts from before the incident, for the contrast.
    names : sequence of str
        Names of the brand.
    now : datetime
        End of the last hour.
    most : int
        Claims at most.

    Returns
    -------
    ClaimResult
        `table`, one row a claim: `text` in people's own words and its `lang`; `role` `claim`, or `refutation` where it
        speaks against one; `n` posts that tell it or pass it on, `n_telling` those with words of their own, `share` of
        all posts given; `n_accounts`; `first_post`, `first_at`, `last_at`; `n_hour` and `n_hour_before`; `platforms` in
        order of arrival; of the posts that tell it or answer it how many `believe`, `deny` or `ask`; `posts` to read.

    Notes
    -----
    Texts are vectors of words weighted by how much more frequent they are than before, grouped by average linkage. A
    repost counts to the claim of what it passes on, an answer to the claim of what it answers. The brand's own posts
    and the press name no claim; the press passes them on.
    """
    nothing = ClaimResult(pd.DataFrame(columns=list(COLUMNS)), pd.DataFrame(columns=["post_id", "claim_id"]))
    if posts.num_rows < NEEDED:
        return nothing
    frame = _frame(posts, labels)
    texts = _texts(frame)
    if len(texts) < LEAST_TELLING:
        return nothing
    known = vocabulary(texts["text"].tolist(), texts["n"].tolist(), ordinary, names)
    texts["group"], centres = _grouped(texts, known)
    by_key = texts.set_index("key")
    frame["group"] = frame["key"].map(by_key["group"]).fillna(-1).astype(int)
    frame["against"] = frame["key"].map(by_key["against"]).fillna(False).astype(bool)
    frame = _inherit(frame, edges)
    result: list[dict[str, object]] = []
    for number in _charged(frame):
        mine = texts[texts["group"] == number].sort_values(["n", "key"], ascending=[False, True])
        text = best_sentence(mine["text"].tolist(), mine["n"].tolist(), known, centres[number])
        if text:
            result.append({**_row(frame, number, text, now), "group": number})
    table = pd.DataFrame(result, columns=[*COLUMNS, "group"]).sort_values(["n", "claim_id"], ascending=[False, True])
    table = table.head(most).reset_index(drop=True)
    members = frame[["post_id", "group"]].merge(table[["group", "claim_id"]], on="group")
    return ClaimResult(table[list(COLUMNS)], members[["post_id", "claim_id"]])


def _grouped(texts: pd.DataFrame, known: Vocabulary) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Group of each text, and the groups' middles.

    What is said against a claim has its words; grouped apart, it cannot become the claim's headline.
    """
    against = texts["against"].to_numpy(dtype=bool)
    vectors, counts = known.vectors(texts["text"].tolist()), texts["n"].to_numpy()
    group, centres = np.full(len(texts), -1, dtype=np.int64), np.zeros((0, vectors.shape[1]))
    for rows in (np.flatnonzero(~against), np.flatnonzero(against)):
        mine, middle = group_texts(vectors[rows], counts[rows], most=MOST_TEXTS)
        group[rows] = np.where(mine >= 0, mine + len(centres), -1)
        centres = np.vstack([centres, middle])
    return group, centres


def _frame(posts: pa.Table, labels: pd.DataFrame) -> pd.DataFrame:
    """Posts with what they say and how they are marked."""
    columns = ["post_id", "account_id", "platform", "created_at", "text", "n_reposts"]
    frame: pd.DataFrame = posts.select(columns).to_pandas().drop_duplicates("post_id", keep="last")
    frame = frame.sort_values(["created_at", "post_id"], kind="stable").reset_index(drop=True)
    place, texts = pd.factorize(frame["text"].fillna(""))  # most are copies: each is read once
    parts = [split(text) for text in texts]
    own = [o if says_something(o) else q for o, q, _ in parts]
    keys = [short_hash("".join(c for c in o.casefold() if c.isalnum())) if o.strip() else "" for o in own]
    read = pd.DataFrame({"words": own, "key": keys, "passes": [not says_something(o) for o, _, _ in parts]})
    frame[read.columns] = read.take(place).set_axis(frame.index)
    stem = labels["label"].str.split(".").str[0]
    for name in ("voice", "stance"):
        mine = labels[stem == name].drop_duplicates("post_id", keep="last").set_index("post_id")["value"]
        frame[name] = frame["post_id"].map(mine).fillna("")
    frame["deny"] = frame["stance"] == "deny"
    frame["asks"] = is_among(frame["post_id"], labels.loc[stem == "question", "post_id"])
    frame["charged"] = is_among(frame["post_id"], labels.loc[stem.isin(_MARKS), "post_id"]) | (
        frame["stance"] == "deny"
    )
    return frame


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Distinct texts that may tell a claim or speak against one, the most frequent first."""
    public = frame[(frame["key"] != "") & ~frame["voice"].isin(["own", "press"]) & ~frame["asks"]]
    grouped = public.groupby("key", sort=False).agg(
        text=("words", "first"), n=("post_id", "size"), deny=("deny", "mean")
    )
    grouped = grouped.reset_index()
    grouped["against"] = (grouped["deny"] >= HALF) | grouped["text"].map(lambda t: bool(AGAINST.search(t)))
    return grouped.sort_values(["n", "key"], ascending=[False, True]).reset_index(drop=True)


def _inherit(frame: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Posts without a claim of their own take that of what they pass on (`group`) or answer (`about`)."""
    above = edges.drop_duplicates("dst").set_index("dst")["src"]
    place = pd.Series(np.arange(len(frame)), index=frame["post_id"])
    parent = frame["post_id"].map(above).map(place).fillna(-1).to_numpy(dtype=np.int64)
    group, bare = frame["group"].to_numpy().copy(), frame["passes"].to_numpy()
    about = group.copy()
    for _ in range(12):  # a chain of a dozen reposts is a long one; what lies deeper stays without a claim
        taken = np.where((about < 0) & (parent >= 0), about[parent], about)
        if (taken == about).all():
            break
        about = taken
    passed = (group < 0) & bare
    return frame.assign(group=np.where(passed, about, group), about=about)


def _charged(frame: pd.DataFrame) -> list[int]:
    """Groups that claim something, the most frequent first."""
    telling = frame[(frame["group"] >= 0) & ~frame["voice"].isin(["own", "press"])]
    sizes = telling.groupby("group").agg(n=("post_id", "size"), charged=("charged", "mean"))
    chosen = sizes[(sizes["n"] >= LEAST_TELLING) & (sizes["charged"] >= CHARGED)]
    return [int(g) for g in chosen.sort_values("n", ascending=False, kind="stable").index[:40]]


def _row(frame: pd.DataFrame, number: int, text: str, now: datetime) -> dict[str, object]:
    mine = frame[frame["group"] == number]
    around = frame[frame["about"] == number]
    telling = mine[~mine["passes"]]
    stance = around["stance"]
    at, moment = mine["created_at"], pd.Timestamp(now)
    hour = (at > moment - HOUR) & (at <= moment)
    before = (at > moment - 2 * HOUR) & (at <= moment - HOUR)
    passed_on = mine.sort_values("n_reposts", ascending=False, kind="stable")["post_id"].head(READ)
    first = mine.iloc[0]
    return {
        "claim_id": "claim-" + short_hash(first["post_id"], length=8), "text": text,
        "lang": "zh" if _HAN.search(text) else "en",
        "role": "refutation" if bool(telling["against"].any()) else "claim",
        "n": len(mine), "n_telling": len(telling), "share": len(mine) / len(frame),
        "n_accounts": int(mine["account_id"].nunique()), "first_post": first["post_id"],
        "first_at": first["created_at"], "last_at": at.max(),
        "n_hour": int(hour.sum()), "n_hour_before": int(before.sum()),
        "platforms": list(mine["platform"].dropna().drop_duplicates()),
        "believe": int((stance == "support").sum()), "deny": int((stance == "deny").sum()),
        "ask": int((stance == "query").sum()),
        "posts": list(dict.fromkeys([first["post_id"], *passed_on])),
    }  # fmt: skip
