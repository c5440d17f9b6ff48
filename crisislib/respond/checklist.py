"""The 5S checklist: how a response was made, item by item, scored by people with their evidence."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from crisislib.core.errors import PlaybookError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Listing
from crisislib.core.schema_faults import near
from crisislib.respond.playbook import Playbook
from crisislib.respond.roles_resources import both

MOST = 2
"""Best score of an item: 0 not there, 1 in part, 2 wholly."""
_SCORED = N_(
    "5S checklist: {points} of {most} {most:point|points} over {scored} of {n} {n:item|items}; weakest: {weakest}."
)
_UNSCORED = N_("5S checklist: no item of {n} has been scored.")


def five_s(book: Playbook, scores: Mapping[str, tuple[int, str]]) -> tuple[pd.DataFrame, Finding]:
    """The 5S checklist (承担责任 真诚沟通 速度第一 系统运行 权威证实) with scores 0-2 and their evidence.

    Parameters
    ----------
    book : Playbook
        Whose checklist.
    scores : mapping
        Item id -> (score 0, 1 or 2, evidence); items not scored stay null, never 0.

    Returns
    -------
    table : pandas.DataFrame
        id, title and check (words), score (nullable), evidence.
    finding : Finding
        Points, and the weakest items among those scored.

    Raises
    ------
    PlaybookError
        An item that the checklist does not have, or a score other than 0, 1 or 2.
    """
    ids = [item.id for item in book.five_s]
    if unknown := sorted(set(scores) - set(ids)):
        raise PlaybookError(
            N_("there is no 5S item {unknown}"),
            do=N_("use {near}"),
            facts={"unknown": repr(unknown[0]), "near": near(unknown[0], ids)},
        )
    if wrong := [f"{key}={value}" for key, (value, _) in scores.items() if value not in range(MOST + 1)]:
        raise PlaybookError(
            N_("the 5S score {wrong} cannot be"),
            do=N_("give 0 (not there), 1 (in part) or 2"),
            facts={"wrong": ", ".join(wrong)},
        )
    rows = [(c.id, both(c.title), both(c.check), *scores.get(c.id, (None, ""))) for c in book.five_s]
    table = pd.DataFrame(rows, columns=["id", "title", "check", "score", "evidence"]).astype({"score": "Int64"})
    given = table.dropna(subset=["score"])
    if given.empty:
        return table, Finding("score.five_s", _UNSCORED, {"n": len(ids)}, table, silent=True)
    weakest = given.loc[given["score"] == given["score"].min(), "title"]
    facts = {
        "points": int(given["score"].sum()),
        "most": MOST * len(given),
        "scored": len(given),
        "n": len(ids),
        "weakest": Listing(tuple(weakest)),
    }
    return table, Finding("score.five_s", _SCORED, facts, table, n=len(given), weight=0.3)
