"""What is claimed, in people's own words, with its standing; and what else is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crisislib import nlp
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Both, Listing, Phrase
from crisislib.core.platforms import platform_name
from crisislib.engine.brief.brief_scope import BriefScope
from crisislib.warn.classification import STANDINGS

CLAIM = N_(
    "What is claimed: “{claim}” ({standing}). The story is first seen {first} on {platform}; {these} "
    "{these:post states|posts state} it or pass it on in these words, {all:,} ({share:.0%} of the incident’s posts) "
    "with the other claims."
)
CLAIMS = N_("{claims} claims stand out; they are stated or passed on in {share:.0%} of the posts.")
CONTRADICTED = N_(
    "{claims} {claims:claim stands|claims stand} out: stated or passed on in {share:.0%} of the posts, contradicted in "
    "{against:.0%}."
)
CLAIM_ONE = N_("One claim stands out; it is stated or passed on in {share:.0%} of the posts.")
TELLS = N_("“{claim}”: {n:,} posts on {platforms}{sides}.")
REFUTES = N_("“{claim}”: {n:,} posts on {platforms} speak against what is claimed{sides}.")
SIDES = N_("; of {n} who take a side {believe:.0%} believe it and {deny:.0%} deny it")
NO_SIDES = N_("; too few take a side")
OWN_WORDS = N_("The words are those of the posts; whether they are true is not assessed here.")
MARKED = N_("A side counts where the words mark one: most posts take none.")
LEAST_SIDES = 10
"""Posts that take a side, below which no share of them is given."""
LISTED = 6
"""Claims that get a sentence of their own: more is not read in an emergency."""
SECOND = 0.2
"""Of the largest claim's posts that the largest one in the other language needs to be the headline there."""


def claims(scope: BriefScope) -> nlp.ClaimResult:
    """The claims of the incident, the most frequent first; see :func:`crisislib.nlp.claim_table`.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    """
    brand = scope.watch.brand
    return nlp.claim_table(
        scope.posts, scope.labels, scope.edges, ordinary=scope.ordinary, names=brand.names, now=scope.at.to_pydatetime()
    )


def headline(scope: BriefScope, result: nlp.ClaimResult) -> list[Finding]:
    """The claim that most tell, how it stands, and where it came from; nothing where no claim stands out.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    result : ClaimResult
        From :func:`claims`.
    """
    telling = result.table[result.table["role"] == "claim"]
    if not len(telling):
        return []
    top, earliest = telling.iloc[0], telling.sort_values("first_at", kind="stable").iloc[0]
    n = int(result.members["claim_id"].isin(telling["claim_id"]).sum())
    standing, quoted = standing_of(scope.now.incident or {}), [_quoted(telling, words) for words in ("zh", "en")]
    facts = {
        "claim": Both(*(str(one["text"]) for one in quoted)), "these": Both(*(f"{one['n']:,}" for one in quoted)),
        "standing": Phrase(STANDINGS[standing]), "standing_key": standing,
        "first": scope.local(earliest["first_at"]), "platform": platform_name(earliest["platforms"][0]),
        "platform_key": earliest["platforms"][0], "first_at": earliest["first_at"], "n": int(top["n"]),
        "all": n, "share": n / max(scope.posts.num_rows, 1), "claim_id": top["claim_id"], "lang": top["lang"],
    }  # fmt: skip
    shown = telling.head(1)
    ids = list(dict.fromkeys([earliest["first_post"], *top["posts"], *(one["posts"][0] for one in quoted)]))
    return [Finding("brief.claim", CLAIM, facts, shown, ids, int(top["n"]), (OWN_WORDS,), weight=100.0)]


def standing_of(incident: Mapping[str, Any]) -> str:
    """How the claims of an incident stand: unverified, disputed, denied, confirmed.

    Parameters
    ----------
    incident : mapping
        An INCIDENTS row.
    """
    given = incident.get("standing")
    return str(given) if given in STANDINGS else "unverified"


def _quoted(telling: pd.DataFrame, language: str) -> pd.Series:
    """The claim that readers of a language are shown: the largest one, or the largest in their language if large."""
    top = telling.iloc[0]
    same = telling[(telling["lang"] == language) & (telling["n"] >= SECOND * top["n"])]
    return same.iloc[0] if len(same) else top


def listing(scope: BriefScope, result: nlp.ClaimResult) -> list[Finding]:
    """How many claims there are, and a sentence for each of the largest.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    result : ClaimResult
        From :func:`claims`.
    """
    table = result.table
    if not len(table):
        return []
    telling = table.loc[table["role"] == "claim", "claim_id"]
    told, every = int(result.members["claim_id"].isin(telling).sum()), max(scope.posts.num_rows, 1)
    facts = {"claims": len(telling), "share": told / every, "against": (len(result.members) - told) / every}
    ids = [posts[0] for posts in table["posts"]]
    message = CONTRADICTED if len(telling) < len(table) else CLAIMS if len(table) > 1 else CLAIM_ONE
    limits = (OWN_WORDS, MARKED)
    whole = Finding("brief.claims", message, facts, table, ids, int(table["n"].sum()), limits, 80.0)
    return [whole, *(_one(row, place) for place, row in enumerate(table.head(LISTED).to_dict("records")))]


def _one(row: Mapping[Any, Any], place: int) -> Finding:
    taken = int(row["believe"]) + int(row["deny"]) + int(row["ask"])
    sides: Phrase = Phrase(NO_SIDES)
    shares = {"believe": float("nan"), "deny": float("nan")}
    if taken >= LEAST_SIDES:
        shares = {"believe": row["believe"] / taken, "deny": row["deny"] / taken}
        sides = Phrase(SIDES, {"n": taken, **shares})
    facts = {
        "claim": str(row["text"]), "n": int(row["n"]), "sides": sides, "sides_n": taken,
        "platforms": Listing(tuple(platform_name(p) for p in row["platforms"][:3])),
        **{k: None if np.isnan(v) else v for k, v in shares.items()}, "role": row["role"],
    }  # fmt: skip
    message = REFUTES if row["role"] == "refutation" else TELLS
    shown = pd.DataFrame([row])
    return Finding("brief.claims.one", message, facts, shown, row["posts"], int(row["n"]), (MARKED,), 70.0 - place)
