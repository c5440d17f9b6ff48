"""The report card of the taught model: its findings, and the tables that its charts are drawn from."""

from __future__ import annotations

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.engine.report_card import label_counts, negative_share, reliability, report_card_findings
from crisislib.workbench.report_context import ReportContext

GENERAL, TAUGHT = N_("general model"), N_("with the labels")


def standing(context: ReportContext) -> list[Finding]:
    """How many labels there are, and how many are needed.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    list of Finding
        One.
    """
    return [label_counts(context.home, context.watch, as_of=context.as_of)]


def card(context: ReportContext) -> list[Finding]:
    """What the labels taught.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    list of Finding
        A silent one where no model has been taught.
    """
    return report_card_findings(context.home, context.watch, context.lesson, as_of=context.as_of)


def confusion(context: ReportContext) -> pd.DataFrame:
    """Labels against answers: `labelled`, `said`, `n`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        One row a pair of classes; `said` is the model's.
    """
    known = context.lesson
    if known is None:
        return pd.DataFrame(columns=["labelled", "said", "n"])
    wide = known.card.confusion.reset_index()
    return wide.melt("labelled", var_name="said", value_name="n")


def bins(context: ReportContext) -> pd.DataFrame:
    """Predicted P(negative) against what was labelled: `p`, `observed`, `lo`, `hi`, `n`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        One row a bin of the held-out labels; shares 0-1.
    """
    known = context.lesson
    if known is None:
        return pd.DataFrame(columns=["p", "observed", "lo", "hi", "n"])
    return reliability(known.predicted, known.truth)


def compared(context: ReportContext) -> pd.DataFrame:
    """Share of negative posts before and after teaching: `model`, `value`, `lo`, `hi`, `n`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read; its language names the models.

    Returns
    -------
    pandas.DataFrame
        Two rows; shares 0-1.
    """
    known = context.lesson
    if known is None or known.model is None:
        return pd.DataFrame(columns=["model", "value", "lo", "hi", "n"])
    both = zip((GENERAL, TAUGHT), negative_share(context.home, context.watch, known, as_of=context.as_of), strict=True)
    return pd.DataFrame(
        [
            {"model": tr(name, context.language), "value": s.value[0], "lo": s.lo[0], "hi": s.hi[0], "n": int(s.n[0])}
            for name, s in both
        ]
    )
