"""The order in which a brief is read, and what it says where nothing has happened."""

from __future__ import annotations

import pandas as pd

from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import N_
from crisislib.core.levels import LEVEL_NAMES
from crisislib.core.phrase import Phrase
from crisislib.engine.brief import brief_answers, brief_changes, brief_claims, brief_people, brief_story, brief_volume
from crisislib.engine.brief.brief_scope import BriefScope, Situation
from crisislib.engine.brief.claim_posts import store_posts_of_claims
from crisislib.engine.context import RunContext

NO_INCIDENT = N_("No incident is open. Level of the watch: {level}. {n} {n:post|posts} in the window.")
UNKNOWN = N_(
    "No incident is open, and the level is unknown: there is too little data to tell. {n} {n:post|posts} in the window."
)
NEEDED = 10
"""Posts below which nothing is reported on a watch."""


def brief(ctx: RunContext, now: Situation) -> list[Finding]:
    """The brief as findings, in reading order; which posts tell its claims is stored as labels of the posts.

    Parameters
    ----------
    ctx : RunContext
        The run.
    now : Situation
        What the stages have computed.

    Returns
    -------
    list of Finding
        Without those that there are no facts for; the keys are listed in `docs/reference/findings.md`. Where the
        window holds no posts it says so, with the incident where one is open.
    """
    scope = BriefScope(ctx, now)
    if scope.row is None:
        made = [_calm(scope), *brief_volume.course(scope), *brief_changes.changes(scope)]
        return [one for one in made if one is not None]
    claims = brief_claims.claims(scope)
    store_posts_of_claims(scope, claims)
    scope = scope.beginning(claims.table["first_at"])
    made = [
        *brief_claims.headline(scope, claims), brief_story.what(scope), *brief_story.since(scope),
        *brief_volume.course(scope), *brief_volume.size(scope), *brief_claims.listing(scope, claims),
        *brief_people.places(scope, claims.members), *brief_people.carriers(scope), *brief_people.reach(scope),
        *brief_people.together(scope), *brief_answers.answered(scope), *brief_volume.ahead(scope),
        *brief_story.cost(scope),
    ]  # fmt: skip
    return [*made, *brief_changes.lowering(scope), *brief_changes.changes(scope, made)]


def _calm(scope: BriefScope) -> Finding:
    n = scope.now.traced.posts.num_rows
    if n == 0:
        return too_few("brief.what", 0, NEEDED)
    level = scope.now.decision.level
    facts: dict[str, object] = {"n": f"{n:,}", "level_key": level}
    if level == "unknown":
        return Finding("brief.what", UNKNOWN, facts, pd.DataFrame(), n=n, silent=True)
    return Finding("brief.what", NO_INCIDENT, facts | {"level": Phrase(LEVEL_NAMES[level])}, pd.DataFrame(), n=n)
