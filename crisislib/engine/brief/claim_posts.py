"""Which posts tell the claims of an incident: a label of each post, stored when it changes and not with every brief."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from crisislib.core.memory_database import session
from crisislib.core.tables import conform
from crisislib.engine.brief.brief_scope import BriefScope
from crisislib.engine.label_changes import CLAIM_ID
from crisislib.nlp import ClaimResult
from crisislib.warn import LEAD_IN

MODEL = "claims@1"
_CHANGED = """SELECT coalesce(n.post_id, h.post_id) AS post_id, coalesce(n.created_at, h.created_at) AS created_at,
    n.claim_id AS "value"
    FROM members n FULL JOIN held h USING (post_id) WHERE n.claim_id IS DISTINCT FROM h."value" ORDER BY 2, 1"""


def store_posts_of_claims(scope: BriefScope, result: ClaimResult) -> None:
    """Store which posts tell each claim, where it differs from what is stored: a number leads to just these posts.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    result : ClaimResult
        Its claims.
    """
    ctx, row = scope.ctx, scope.row or {}
    label = CLAIM_ID + str(row["incident_id"])
    since = (scope.opened - LEAD_IN).to_pydatetime()  # also of posts that have left the window by now
    held = ctx.lake.sql("LABELS", watch=ctx.watch.watch, since=since, until=ctx.window.until)
    quoted = label.replace("'", "''")
    db = session()
    db.register("held", held.filter(f"label = '{quoted}' AND \"value\" IS NOT NULL").to_arrow_table())
    db.register("members", result.members.merge(scope.frame[["post_id", "created_at"]], on="post_id"))
    changed = db.sql(_CHANGED).to_arrow_table()
    if changed.num_rows:
        ctx.append("LABELS", _labels(scope, changed.to_pandas(), label))


def _labels(scope: BriefScope, changed: pd.DataFrame, label: str) -> pa.Table:
    at = pd.Timestamp(scope.ctx.window.now)
    return conform(changed.assign(watch=scope.watch.watch, label=label, model=MODEL, at=at), "LABELS")
