"""What the labels taught, in sentences: how many there are, the report card, what changed, the corrected share."""

from __future__ import annotations

import pandas as pd

from crisislib import nlp
from crisislib.core.errors import NotEnoughData
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.prevalence import Share
from crisislib.core.watch import Watch
from crisislib.engine.enrich import models_of
from crisislib.engine.home import Home
from crisislib.engine.label_counts import LabelCounts, agreement, count_labels
from crisislib.lake import AsOf
from crisislib.nlp import Lesson, reliability
from crisislib.nlp.sentiment.adapt import EACH, NEEDED
from crisislib.nlp.sentiment.teaching import shares

SAMPLE = 20_000
"""Posts over which the share before and after teaching is computed."""
NONE = N_(
    "No post is labelled yet. {needed} {needed:label is|labels are} needed, at least {each} each of two "
    "classes: about ten minutes."
)
SOME = N_(
    "{n} {n:post is|posts are} labelled ({negative} negative, {neutral} neutral, {positive} positive; "
    "analysts: {people}); at least {lacking} more {lacking:is|are} needed before the model can be taught "
    "({needed} in all, {each} each of two classes)."
)
READY = N_(
    "{n} {n:post is|posts are} labelled ({negative} negative, {neutral} neutral, {positive} positive; "
    "analysts: {people}); enough to teach the model (from {needed})."
)
UNTAUGHT = N_("No model has been taught for this watch; every share comes from the general model.")
CORRECTED = N_(
    "Negative posts: {value} by the model in use, corrected by {labels} {labels:label|labels} (95% interval "
    "{lo} to {hi}); the general model alone says {was} ({was_lo} to {was_hi}). n = {n} {n:post|posts}."
)
NOT_CORRECTED = N_(
    "Negative posts: {value} by the model in use (95% interval {lo} to {hi}; too few labels on one side to "
    "correct by); the general model alone says {was} ({was_lo} to {was_hi}). n = {n} {n:post|posts}."
)
GENERAL_STAYS = N_(
    "Taught by the earlier of the {n} {n:label|labels} the model was not better on the later ones, so the "
    "general model stays in use; the labels correct its share of negative posts."
)
STALE = N_(
    "The trained model {version} is based on an older general model and can no longer be used; train "
    "it again: the labels are kept."
)
HARDER = N_(
    "Half of the labelled posts were chosen because the model was unsure of them; on the whole stream it does better."
)


__all__ = [
    "Lesson", "label_counts", "lesson", "negative_share", "reliability", "report_card_findings", "standing_finding",
]  # fmt: skip


def lesson(home: Home, watch: Watch, *, as_of: AsOf = None) -> nlp.Lesson | None:
    """The newest taught model with its card, as of a version of the labels; None where nobody had taught one.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    as_of : None, datetime or Mapping[str, int], default None
        Data version: models taught from later labels do not count.

    Returns
    -------
    Lesson or None
        With its report card.
    """
    version = None if as_of is None else home.lake.versions(as_of).get("LABELS", -1)
    return nlp.lesson(watch, models_of(home, watch), labels_version=version)


def negative_share(home: Home, watch: Watch, taught: nlp.Lesson, *, as_of: AsOf = None) -> tuple[Share, Share]:
    """Share of negative posts by the general model, and by the taught one corrected by its labels.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    taught : Lesson
        The taught model.
    as_of : None, datetime or Mapping[str, int], default None
        Data version of POSTS.

    Returns
    -------
    tuple of Share and Share
        Each over one window, from a sample of at most :data:`SAMPLE` posts; 0-1 with intervals.
    """
    rows = home.lake.sql("POSTS", watch=watch.watch, as_of=as_of).filter("trim(coalesce(text, '')) <> ''")
    texts = rows.order("hash(post_id), post_id").limit(SAMPLE).project("text").to_arrow_table()["text"].to_pylist()
    if not texts:
        raise NotEnoughData(N_("no post is stored"), where=watch.watch, do=N_("import or collect some"))
    return shares(texts, taught)


def standing_finding(counts: LabelCounts) -> Finding:
    """How many labels there are and how many are needed, as a sentence.

    Parameters
    ----------
    counts : LabelCounts
        The numbers of labels.

    Returns
    -------
    Finding
        `labels.standing`.
    """
    facts: dict[str, object] = {"needed": NEEDED, "each": EACH}
    if not counts.n:
        return Finding("labels.standing", NONE, facts, pd.DataFrame(), silent=True)
    facts |= {"n": counts.n, "people": len(counts.by), **counts.of}
    if counts.lacking:
        return Finding(
            "labels.standing", SOME, facts | {"lacking": counts.lacking}, pd.DataFrame([counts.of]), n=counts.n
        )
    return Finding("labels.standing", READY, facts, pd.DataFrame([counts.of]), n=counts.n)


def share_finding(before: Share, after: Share) -> Finding:
    """The share before and after, with both intervals, as a sentence.

    Parameters
    ----------
    before : Share
        By the general model.
    after : Share
        By the taught one.

    Returns
    -------
    Finding
        `labels.share`; says so where nothing could be corrected.
    """
    columns = {"value": after.value, "lo": after.lo, "hi": after.hi}
    columns |= {"was": before.value, "was_lo": before.lo, "was_hi": before.hi}
    facts: dict[str, object] = {name: f"{column[0]:.0%}" for name, column in columns.items()}
    n = int(after.n[0])
    message = CORRECTED if after.method == "labels" else NOT_CORRECTED
    return Finding("labels.share", message, facts | {"n": f"{n:,}", "labels": after.n_labels}, pd.DataFrame(), n=n)


def report_card_findings(
    home: Home, watch: Watch, taught: nlp.Lesson | None = None, *, as_of: AsOf = None
) -> list[Finding]:
    """The report card of the newest taught model in sentences, and how far analysts agree.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    taught : Lesson or None, default None
        The model; the newest one when left out.
    as_of : None, datetime or Mapping[str, int], default None
        Data version.

    Returns
    -------
    list of Finding
        Card, change against the model before, share, agreement of analysts.
    """
    known = taught or lesson(home, watch, as_of=as_of)
    if known is None:
        return [
            Finding("labels.untaught", UNTAUGHT, {}, pd.DataFrame(), silent=True),
            agreement(home, watch, as_of=as_of).finding(),
        ]
    card = known.card.finding()
    result = [Finding(card.key, card.message, card.facts, card.table, n=card.n, limits=(*card.limits, HARDER))]
    if known.general_stays:
        result.append(Finding("labels.general", GENERAL_STAYS, {"n": known.card.n}, pd.DataFrame(), n=known.card.n))
    elif known.change is not None:
        result.append(known.change.finding())
    if known.model is None:
        result.append(Finding("labels.stale", STALE, {"version": known.version}, pd.DataFrame()))
    else:
        result.append(share_finding(*negative_share(home, watch, known, as_of=as_of)))
    return [*result, agreement(home, watch, as_of=as_of).finding()]


def label_counts(home: Home, watch: Watch, *, as_of: AsOf = None) -> Finding:
    """How many labels there are, read from the lake.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    as_of : None, datetime or Mapping[str, int], default None
        Data version of LABELS.

    Returns
    -------
    Finding
        See :func:`standing_finding`.
    """
    return standing_finding(count_labels(home, watch, as_of=as_of))
