"""A correction beside the story that it answers: who saw which, whom it reached, and which of them spreads faster."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import numpy as np
import pandas as pd
from scipy.stats import beta

from crisislib.core.finding import Finding
from crisislib.spread.post_arrays import Frame, build_graph
from crisislib.spread.reach_estimate import audience
from crisislib.spread.refutation_findings import Bounds, race_finding, reach_finding, variant_finding

CONFIDENCE = 0.95
"""Of the intervals for what was not collected: the usual one."""
RACE_ROWS = 400
"""Most rows of the race: every one is stored with the finding, and a picture is no wider."""
LEAST_SHOWN, MOST_SHOWN = 0.06, 0.5
"""Share of followers who see a post, at the least and at the most: the lowest of the published planning values (see
:func:`crisislib.spread.reach_estimate.viewing_rate`), and half of them, above any that is published. The upper end of
an audience stays all followers, since who does not follow may see a post as well."""
VARIANT_LEAST, VARIANT_SHARE, VARIANT_WORDS = 3, 0.3, 3
"""A new version of the story is told by three accounts at least; three words of it, and a third of them, are the
story's: an answer to the correction speaks of the matter too, but in words of its own."""
LONG = 4
"""Letters from which a Latin word says what a text is about; shorter ones are mostly grammar."""


@dataclass(frozen=True)
class Refutation:
    """A correction's spread against a story's.

    Attributes
    ----------
    story, correction : Bounds
        People who saw each; nan where no follower count is in the data.
    overlap : Bounds
        People who saw both.
    spreaders_reached : Bounds
        Share (0-1) of the accounts that spread the story before the correction, and after, who saw the correction.
    race : pandas.DataFrame
        at, minute (since the correction), story, correction (accounts so far), story_new, correction_new.
    variants : pandas.DataFrame
        narrative, first_at, accounts, post_id, text: versions that appeared after the correction.
    findings : list of Finding
        `spread.refutation`, `spread.refutation_race`, `spread.refutation_variants`.
    """

    story: Bounds
    correction: Bounds
    overlap: Bounds
    spreaders_reached: Bounds
    race: pd.DataFrame
    variants: pd.DataFrame
    findings: list[Finding]


def refutation(
    posts: Frame,
    edges: Frame,
    accounts: Frame,
    *,
    story: Collection[str],
    correction: Collection[str],
    now: datetime,
    zone: tzinfo,
    narratives: pd.DataFrame | None = None,
    collected: float = 1.0,
) -> Refutation:
    """Lay the cascade of a correction beside that of the story which it answers.

    Parameters
    ----------
    posts, edges, accounts : POSTS, EDGES, ACCOUNTS
        Of the watch.
    story, correction : collection of str
        Posts that tell each by themselves; with their cascades.
    now : datetime
        Until when.
    zone : tzinfo
        In which times are written.
    narratives : pandas.DataFrame, optional
        post_id, value: which version of a text each post tells, for new versions of the story.
    collected : float
        Share (0-1] of the posts on the matter that the watch holds.

    Returns
    -------
    Refutation
        With bounds for what cannot be observed.

    Notes
    -----
    Observed are a accounts that spread the story, b that took part in the correction, and m in both. With R and C the
    audiences, the rate at which viewers of the correction take part is at least b / C_hi. Who took part saw it, and
    those who spread the story answer what they see at least at that rate, so that m / a <= share reached <=
    m C_hi / (a b), and m <= both saw <= min(R_hi, C_hi, m R_hi C_hi / (a b)): bounds as Manski (2003) has them. m is
    replaced by the ends of its Clopper-Pearson interval where posts were not collected, and its upper end always, so
    that none observed does not mean none.
    """
    frame = _sides(posts, edges, story, correction)
    start = frame.loc[frame["side"] == "correction", "at"].min()
    spread_posts = frame[frame["side"] == "story"]
    took_part = frame[frame["side"] == "correction"]
    spreaders, answered = set(spread_posts["account_id"]), set(took_part["account_id"])
    a, b, m = len(spreaders), len(answered), len(spreaders & answered)
    seen_story, seen_correction = (_audience(side, accounts, collected) for side in (spread_posts, took_part))
    share_lo, share_hi = _clopper_pearson(m, a, collected)
    rate = min(1.0, (b / collected) / (MOST_SHOWN * seen_correction.hi)) if b and seen_correction.hi > 0 else 1.0
    reached = Bounds(share_lo, float(min(1.0, share_hi / rate)))
    pairs_hi = share_hi * seen_story.hi / rate
    overlap = Bounds(float(m), float(min(seen_story.hi, seen_correction.hi, pairs_hi)))
    race, variants = _race(frame, start, now), _variants(posts, spread_posts, narratives, start, frame)
    at = f"{start.astimezone(zone):%m-%d %H:%M}"
    found = [
        reach_finding(seen_story, seen_correction, overlap, reached, a, m, at, frame),
        race_finding(race, zone),
        variant_finding(variants),
    ]
    return Refutation(seen_story, seen_correction, overlap, reached, race, variants, found)


def _sides(posts: Frame, edges: Frame, story: Collection[str], correction: Collection[str]) -> pd.DataFrame:
    """Every post of either cascade: post_id, account_id, at, side; what hangs under both counts for the correction."""
    graph = build_graph(posts, edges)
    ids = graph.ids.to_pylist()[: graph.n_posts]
    frame = pd.DataFrame(
        {
            "post_id": ids,
            "account_id": graph.posts["account_id"].to_pylist(),
            "at": pd.to_datetime(graph.at[: graph.n_posts], unit="us", utc=True),
            "cascade": graph.forest.cascade[: graph.n_posts],
        }
    )
    number = dict(zip(frame["post_id"], frame["cascade"], strict=True))
    of = {
        name: {number[p] for p in given if p in number}
        for name, given in (("story", story), ("correction", correction))
    }
    side = np.where(
        frame["cascade"].isin(of["correction"]), "correction", np.where(frame["cascade"].isin(of["story"]), "story", "")
    )
    result: pd.DataFrame = frame.assign(side=side)[side != ""].sort_values("at", kind="stable")
    return result


def _audience(side: pd.DataFrame, accounts: Frame, collected: float) -> Bounds:
    """People who saw a side: the audience of its accounts at the viewing rate, and all their followers."""
    known = audience(side["account_id"], accounts)
    n = side["account_id"].nunique()
    if known is None:
        return Bounds(float(n), float("nan"))
    return Bounds(max(float(n), LEAST_SHOWN * known.total), max(float(n), known.total / known.known) / collected)


def _clopper_pearson(m: int, n: int, collected: float) -> tuple[float, float]:
    """Interval of a share of which m in n were observed; seen in both cascades only if both posts were collected."""
    if n == 0:
        return 0.0, 1.0
    tail = (1 - CONFIDENCE) / 2
    hi = 1.0 if m == n else float(beta.ppf(1 - tail, m + 1, n - m))
    if collected >= 1.0:
        return m / n, hi
    lo = 0.0 if m == 0 else float(beta.ppf(tail, m, n - m + 1))
    return lo, min(1.0, hi / collected)


def _race(frame: pd.DataFrame, start: pd.Timestamp, now: datetime) -> pd.DataFrame:
    """Accounts on each side, minute by minute from the correction on; longer races in longer steps."""
    end = max(pd.Timestamp(now), start + timedelta(minutes=1))
    minutes = max(1, int((end - start).total_seconds() // 60))
    step = int(np.ceil(minutes / RACE_ROWS))
    marks = start + pd.to_timedelta(np.arange(0, minutes + step, step), unit="min")
    first = frame.drop_duplicates(["side", "account_id"])
    columns = {}
    for name in ("story", "correction"):
        times = np.sort(first.loc[first["side"] == name, "at"].to_numpy(dtype="datetime64[ns]"))
        columns[name] = np.searchsorted(times, marks.to_numpy(dtype="datetime64[ns]"), side="right")
    race = pd.DataFrame({"at": marks, "minute": np.arange(0, minutes + step, step), **columns})
    for name in ("story", "correction"):
        race[f"{name}_new"] = race[name].diff().fillna(0).astype("int64")
    return race


def _variants(
    posts: Frame, spread_posts: pd.DataFrame, narratives: pd.DataFrame | None, start: pd.Timestamp, frame: pd.DataFrame
) -> pd.DataFrame:
    """Versions whose first post came after the correction, of words that the story has, too."""
    columns = ["narrative", "first_at", "accounts", "post_id", "text"]
    if narratives is None or narratives.empty or spread_posts.empty:
        return pd.DataFrame(columns=columns)
    table = posts.to_pandas() if not isinstance(posts, pd.DataFrame) else posts
    table = table.drop_duplicates("post_id", keep="last")[["post_id", "account_id", "created_at", "text"]]
    labelled = table.merge(narratives.rename(columns={"value": "narrative"})[["post_id", "narrative"]], on="post_id")
    corrected = set(frame.loc[frame["side"] == "correction", "post_id"])
    labelled = labelled[~labelled["post_id"].isin(corrected)].sort_values("created_at", kind="stable")
    groups = labelled.groupby("narrative")
    summary = groups.agg(first_at=("created_at", "min"), accounts=("account_id", "nunique"),
                         post_id=("post_id", "first"), text=("text", "first")).reset_index()  # fmt: skip
    fresh = summary[(summary["first_at"] > start) & (summary["accounts"] >= VARIANT_LEAST)]
    told = _words(" ".join(table.loc[table["post_id"].isin(spread_posts["post_id"].head(20)), "text"].fillna("")))
    alike = np.array([_version_of(_words(text or ""), told) for text in fresh["text"]], dtype=bool)
    return fresh[alike][columns].sort_values("accounts", ascending=False).reset_index(drop=True)


def _words(text: str) -> set[str]:
    """What a text speaks of: long Latin words, and pairs of neighbouring Chinese characters."""
    plain = text.casefold()
    latin = {word for word in re.findall(r"[a-z]+", plain) if len(word) >= LONG}
    runs = re.findall(r"[\u3400-\u9fff]+", plain)
    return latin | {run[i : i + 2] for run in runs for i in range(len(run) - 1)}


def _version_of(part: set[str], whole: set[str]) -> bool:
    shared = len(part & whole)
    return shared >= VARIANT_WORDS and shared >= VARIANT_SHARE * len(part)
