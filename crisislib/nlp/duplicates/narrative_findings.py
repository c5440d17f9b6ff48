"""Findings about narratives."""

from __future__ import annotations

from datetime import UTC, tzinfo

import pandas as pd

from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import N_
from crisislib.nlp.duplicates.duplicate_detection import FORM

LARGEST = N_(
    "The most copied text appears in {n} of {total} {total:post|posts} ({share:.1%}, between {lo:.1%} and "
    "{hi:.1%}), in {variants} {variants:version|versions}; the earliest in the stored data is of {first}."
)
COPIED = N_(
    "{narratives} {narratives:text was|texts were} posted more than once, in all {share:.0%} of the posts (n = "
    "{total})."
)
GROWING = N_(
    "The text that grows fastest went from {before} to {recent} posts from one window to the next "
    "(between {lo:.1f} and {hi:.1f} times)."
)
NEW = N_("A text that was not in the window before now stands in {recent} {recent:post|posts}.")
FILLED = N_(
    "{n} {n:post|posts} by {accounts} {accounts:account|accounts} {n:was|were} filled into one form or "
    "template: the wording is given, what is filled in differs. Each counts as a voice of its own, not as a "
    "copy."
)
FILLED_BY_UNKNOWN = N_(
    "{n} {n:post was|posts were} filled into one form or template (who wrote them is not stored): the wording "
    "is given, what is filled in differs. Each counts as a voice of its own, not as a copy."
)
EARLIEST = N_("“Earliest” means earliest in the stored data; older posts may exist elsewhere.")
COPYING = N_("Equal wording alone does not show that people act together: quotations, news and shares are copies too.")

NEEDED = 30
"""Posts below which no share is reported."""
CHANCE = 0.05
"""False discovery rate of the narratives that are called growing: the usual 5 %."""
RISING = 5
"""Fewest recent posts of a narrative that is called growing."""


def findings(table: pd.DataFrame, total: int, *, zone: tzinfo = UTC) -> list[Finding]:
    """The most copied text, how much of the talk is copies, and what grows fastest.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`narrative_table`; forms are distinguished from copies.
    total : int
        Posts with a narrative label.
    zone : tzinfo
        The watch's, for the time of the first copy.
    """
    if total < NEEDED:
        return [too_few("text.narratives", total, NEEDED)]
    forms, table = table[table["kind"] == FORM], table[table["kind"] != FORM]
    results = _filled(forms, total)
    if table.empty:
        return results
    top = table.iloc[0]
    limits = (EARLIEST, COPYING)
    facts = {
        "n": int(top["n"]),
        "total": total,
        "share": float(top["share"]),
        "lo": float(top["share_lo"]),
        "hi": float(top["share_hi"]),
        "variants": int(top["n_variants"]),
        "first": f"{top['first_at'].tz_convert(zone):%Y-%m-%d %H:%M}" if pd.notna(top["first_at"]) else "?",
    }
    copies = float(table["n"].sum() / total)
    results += [
        Finding("text.narratives.largest", LARGEST, facts, table.head(10), top["posts"], total, limits, top["share"]),
        Finding(
            "text.narratives.copied",
            COPIED,
            {"narratives": len(table), "share": copies, "total": total},
            table.head(10),
            [ids[0] for ids in table["posts"].head(10)],
            total,
            (COPYING,),
            0.5 * copies,
        ),
    ]
    return results + _rising(table, total)


def _filled(forms: pd.DataFrame, total: int) -> list[Finding]:
    """The largest form, with how many people filled it in."""
    if forms.empty:
        return []
    top = forms.iloc[0]
    message, facts = FILLED_BY_UNKNOWN, {"n": int(top["n"])}
    if pd.notna(top["n_accounts"]):
        message, facts = FILLED, facts | {"accounts": int(top["n_accounts"])}
    share = float(top["share"])
    return [Finding("text.narratives.form", message, facts, forms.head(10), top["posts"], total, (COPYING,), share)]


def _rising(table: pd.DataFrame, total: int) -> list[Finding]:
    """The narrative whose growth is surest, where chance is ruled out over all narratives together."""
    rising = table[(table["n_recent"] >= RISING) & (table["q_value"] < CHANCE)].sort_values(
        "growth_lo", ascending=False
    )
    if rising.empty:
        return []
    row = rising.iloc[0]
    facts: dict[str, object]
    message, facts = NEW, {"recent": int(row["n_recent"])}
    if row["n_before"] > 0:
        message = GROWING
        facts |= {"before": int(row["n_before"]), "lo": float(row["growth_lo"]), "hi": float(row["growth_hi"])}
    weight = min(1.0, float(row["n_recent"]) / total + 0.3)
    return [Finding("text.narratives.rising", message, facts, rising.head(10), row["posts"], total, (COPYING,), weight)]
