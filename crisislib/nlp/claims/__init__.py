"""Claims: what an incident's posts say has happened, in people's own words, how many say it and who believes it."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.nlp.claims.claim_tally import ClaimResult, claim_table

__all__ = ["ClaimResult", "claim_table"]

resolve_lazily(__name__)
