"""What is answered: notices to people that a data breach affects, and what was done in past cases."""

from __future__ import annotations

import pandas as pd

from crisislib import respond, warn
from crisislib.respond import notices

__all__ = ["notices", "past_cases"]


def past_cases(text: str = "", *, kind: str = "", industry: str = "", most: int = 60) -> pd.DataFrame:
    """Public past cases: what was claimed, how it was answered, what it cost, with sources; the likest first.

    Parameters
    ----------
    text : str
        Words to search by; the whole library in its order when nothing is asked for.
    kind : str
        A kind of crisis, such as `data_breach`.
    industry : str
        An industry as watch files name it, such as `food`; any when empty.
    most : int
        Cases at most.

    Returns
    -------
    pandas.DataFrame
        One row a case: `id`, `brand`, `country`, `industry`, `started`, `kind`, `claim` and `outcome` (English),
        `claim_zh`, `outcome_zh`, `turned_out` (true, false, open), `first_response_hours`, `strategies`, `losses`
        (kind, amount and currency of each, as the sources give them), `sources`, `likeness`.

    Examples
    --------
    >>> import crisislib
    >>> crisislib.past_cases("rats in the kitchen", most=1)["brand"][0]
    'Haidilao'
    """
    library = respond.public_cases()
    if text or kind or industry:
        hand = respond.CaseAtHand(text=text, kind=kind, sector=industry)
        rows = [(one.case, one.likeness) for one in respond.like_cases(library, hand, kinds=warn.KINDS, most=most)]
    else:
        rows = [(case, float("nan")) for case in library[:most]]
    return pd.DataFrame(
        [
            {
                "id": case.id, "brand": case.brand, "country": case.country, "industry": case.sector,
                "started": case.started, "kind": case.kind,
                "claim": case.claim["en"], "outcome": case.outcome["en"], "claim_zh": case.claim["zh"],
                "outcome_zh": case.outcome["zh"], "turned_out": case.turned_out,
                "first_response_hours": case.first_response_hours, "strategies": case.strategies,
                "losses": [one.model_dump() for one in case.losses],
                "sources": [one.model_dump() for one in case.sources], "likeness": likeness,
            }
            for case, likeness in rows
        ]
    )  # fmt: skip
