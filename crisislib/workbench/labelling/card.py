"""The report card on a desk: sentences, and the tables that its pictures are drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.engine.report_card import Lesson, label_counts, lesson, negative_share, reliability, report_card_findings
from crisislib.workbench.report_context import Desk

if TYPE_CHECKING:
    import altair as alt

    from crisislib.workbench.display import Shown
    from crisislib.workbench.workbench import Workbench

GENERAL, TAUGHT = N_("general model"), N_("taught model, corrected")


def newest(desk: Desk) -> Lesson | None:
    """The taught model as of the version on the desk; read once."""
    if "lesson" not in desk.kept:
        desk.kept["lesson"] = lesson(desk.home, desk.watch, as_of=desk.as_of)
    made: Lesson | None = desk.kept["lesson"]
    return made


def standing(desk: Desk) -> list[Finding]:
    """How many labels there are, and how many are needed."""
    return [label_counts(desk.home, desk.watch, as_of=desk.as_of)]


def card(desk: Desk) -> list[Finding]:
    """What the labels taught."""
    return report_card_findings(desk.home, desk.watch, newest(desk), as_of=desk.as_of)


def confusion(desk: Desk) -> pd.DataFrame:
    """Labels against answers: `labelled`, `said`, `n`."""
    known = newest(desk)
    if known is None:
        return pd.DataFrame(columns=["labelled", "said", "n"])
    wide = known.card.confusion.reset_index()
    return wide.melt("labelled", var_name="said", value_name="n")


def bins(desk: Desk) -> pd.DataFrame:
    """Said P(negative) against what was labelled: `p`, `observed`, `lo`, `hi`, `n`."""
    known = newest(desk)
    if known is None:
        return pd.DataFrame(columns=["p", "observed", "lo", "hi", "n"])
    return reliability(known.held, known.truth)


def compared(desk: Desk) -> pd.DataFrame:
    """Share of negative posts before and after teaching: `model`, `value`, `lo`, `hi`, `n`."""
    known = newest(desk)
    if known is None or known.model is None:
        return pd.DataFrame(columns=["model", "value", "lo", "hi", "n"])
    both = zip((GENERAL, TAUGHT), negative_share(desk.home, desk.watch, known, as_of=desk.as_of), strict=True)
    return pd.DataFrame(
        [
            {"model": tr(name, desk.language), "value": s.value[0], "lo": s.lo[0], "hi": s.hi[0], "n": int(s.n[0])}
            for name, s in both
        ]
    )


def pieces(bench: Workbench) -> Iterator[Shown | alt.Chart]:
    """The report card as a page; how many labels there are stands by the queue already."""
    yield bench.card()
    yield bench.charts.confusion()
    yield bench.charts.reliability()
    yield bench.charts.corrected()
