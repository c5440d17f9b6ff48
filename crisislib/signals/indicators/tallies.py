"""Tallies: who speaks, of which harm, of which kind of crisis, and whether it is denied; summed by the decider."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frame_reading import VOICES, Lazy
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected, nothing
from crisislib.signals.indicators.negative import scored_posts
from crisislib.signals.indicators.post_subjects import LISTED, subjects

NEGATIVE = 0.5
"""P(negative) from which a post is negative: more likely so than not."""

HINT = 0.5
"""What a hint weighs: two of them say as much as one plain word, as within a post."""
GRAVEST = 4.0
"""Grade of the most severe words of a subject (1-4)."""


def by_voice(cut: Cut) -> pd.DataFrame:
    """Posts per window by who speaks; of originals the first of a text are `original`, the others `copy`.

    `press` counts each story once, `outlet` every item of the press.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`, `part` (voice).
    """
    posts = cut.posts.filter(nw.col("kind") != "topic").select("post_id", "w", "voice")
    if cut.labels is not None:
        posts = posts.join(_stories(cut), on="post_id", how="left")
    else:
        posts = posts.with_columns(story=nw.lit(None).cast(nw.String))
    posts = posts.with_columns(story=nw.coalesce(nw.col("story"), nw.col("post_id")))
    grouped = posts.group_by("w", "voice")
    each = collected(cut, "voices", lambda: grouped.agg(n=nw.len(), texts=nw.col("story").n_unique()))
    rows = []
    for voice in VOICES:
        mine = each[each["voice"] == voice]
        once = voice in ("original", "press")
        rows.append(_part(mine, "texts" if once else "n", voice))
        if once:
            rest = mine.assign(n=mine["n"] - mine["texts"] if voice == "original" else mine["n"])
            rows.append(_part(rest, "n", "copy" if voice == "original" else "outlet"))
    return pd.concat([one for one in rows if len(one)] or [nothing("part")], ignore_index=True)


def _part(rows: pd.DataFrame, column: str, part: str) -> pd.DataFrame:
    n = rows[column].to_numpy()
    return pd.DataFrame({"w": rows["w"].to_numpy(), "value": n.astype(float), "n_posts": n, "part": part})


def _per_value(cut: Cut, name: str, rows: Lazy) -> pd.DataFrame:
    """Posts per window and value, the values as parts; with a column `wording` different ones of it."""
    several = "wording" in rows.collect_schema().names()
    counted = nw.col("wording").n_unique() if several else nw.len()
    reduced = collected(cut, name, lambda: rows.group_by("w", "value").agg(n=counted))
    if reduced.empty:
        return nothing("part")
    reduced = reduced.sort_values(["w", "value"])
    return pd.DataFrame(
        {"w": reduced["w"], "value": reduced["n"].astype(float), "n_posts": reduced["n"], "part": reduced["value"]}
    )


def harm(cut: Cut) -> pd.DataFrame:
    """Posts of the public per window that speak of harm, by subject; `<subject>.4` counts the most severe words only.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`, `part` (subject).
    """
    if cut.labels is None:
        return nothing("part")
    hits = cut.labels.filter(nw.col("label").str.starts_with("harm."))
    hits = hits.with_columns(value=nw.col("label").str.slice(len("harm.")))
    gravest = _per_value(cut, "harm.4", hits.filter(nw.col("score") >= GRAVEST))
    gravest = gravest.assign(part=[f"{part}.4" for part in gravest["part"]])
    return pd.concat([_per_value(cut, "harm", hits), gravest], ignore_index=True)


def statements(cut: Cut) -> pd.DataFrame:
    """Posts in the brand's own voice per window that deny, or admit.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`, `part` (what the label says).
    """
    if cut.labels is None:
        return nothing("part")
    return _per_value(cut, "statements", cut.labels.filter(nw.col("label") == "statement"))


def kinds(cut: Cut) -> pd.DataFrame:
    """Negative posts of the public per window by the type of crisis that they speak of.

    What listed words say plainly counts for every post. What one hint or only n-grams suggest counts half, and once a
    wording of an original: 250 copies of one text, or one form filled in 250 times, are one accident of its words.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`, `part` (type of crisis).
    """
    posts = scored_posts(cut)
    if posts is None or cut.labels is None:
        return nothing("part")
    bad = posts.filter(nw.col("p") >= NEGATIVE).select("post_id", "w")
    typed = subjects(cut.labels).join(bad, on="post_id", how="inner")
    plainly = _per_value(cut, "kinds.plain", typed.filter(nw.col("score") >= LISTED))
    voices = cut.posts.filter(nw.col("voice") != "repost").select("post_id")
    hints = typed.filter(nw.col("score") < LISTED).join(voices, on="post_id", how="inner")
    hints = _with_form(cut, hints).join(_stories(cut), on="post_id", how="left")
    wording = nw.coalesce(nw.col("form"), nw.col("story"), nw.col("post_id"))
    hinted = _per_value(cut, "kinds.hint", hints.with_columns(wording=wording))
    both = [rows.assign(value=rows["value"] * weight) for rows, weight in ((plainly, 1.0), (hinted, HINT)) if len(rows)]
    if not both:
        return nothing("part")
    rows = pd.concat(both).groupby(["w", "part"], as_index=False)[["value", "n_posts"]].sum()
    return rows[["w", "value", "n_posts", "part"]]


def _stories(cut: Cut) -> Lazy:
    assert cut.labels is not None
    return cut.labels.filter(nw.col("label") == "narrative").group_by("post_id").agg(story=nw.col("value").max())


def _with_form(cut: Cut, rows: Lazy) -> Lazy:
    """Rows with the form that their post was filled into, null for all others."""
    assert cut.labels is not None
    forms = cut.labels.filter(nw.col("label") == "form").group_by("post_id").agg(form=nw.col("value").max())
    return rows.join(forms, on="post_id", how="left")


def stances(cut: Cut) -> pd.DataFrame:
    """Posts of the public per window that deny, doubt or support what is claimed; a form counts once.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`, `part` (stance).
    """
    if cut.labels is None:
        return nothing("part")
    said = _with_form(cut, cut.labels.filter(nw.col("label") == "stance"))
    return _per_value(cut, "stances", said.with_columns(wording=nw.coalesce(nw.col("form"), nw.col("post_id"))))


def tone(cut: Cut) -> pd.DataFrame:
    """Posts of the public per window that praise: a burst of them is good news.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`, `part` (`positive`).
    """
    if cut.labels is None:
        return nothing("part")
    praise = cut.labels.filter((nw.col("label") == "sentiment") & (nw.col("value") == "positive"))
    return _per_value(cut, "tone", praise)


STATEMENTS = Indicator(
    "statement", N_("posts"), N_("Denials and admissions of the brand"), 0, "tally", statements, zero="posts"
)
BY_VOICE = Indicator("voice", N_("posts"), N_("Who speaks"), 0, "tally", by_voice, zero="posts")
HARM = Indicator("harm", N_("posts"), N_("Posts that mention harm"), 1, "tally", harm, zero="posts")
KINDS = Indicator("kind", N_("negative posts"), N_("Kinds of crisis mentioned"), 1, "tally", kinds, zero="posts")
STANCES = Indicator("stance", N_("posts"), N_("Denial, doubt and support"), 0, "tally", stances, zero="posts")
TONE = Indicator("tone", N_("posts"), N_("Posts that praise"), 0, "tally", tone, zero="posts")
