"""What keeps a statement from going out: open places, facts without evidence, forbidden words, mixed strategies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crisislib.core.folding import fold_text
from crisislib.core.i18n import N_
from crisislib.core.phrase import Both, Listing, Phrase
from crisislib.respond.statements import Text

NEEDS_NO_EVIDENCE = frozenset(
    {"brand", "spokesperson", "date", "contact", "next_update", "what_you_do", "what_unknown", "authority", "customer",
     "partner", "case"}
)  # fmt: skip
"""Places that hold who, when and how to reach us, or what is open: everything else in a statement is a claim."""
DENIES, OWNS = "false_claim", "remedy"
"""Place that only a denial fills, and place that only who owns the matter fills."""
_MISSING = N_("Not established: {places}.")
_UNPROVEN = N_("No evidence is named for: {places}.")
_FORBIDDEN = N_("The words “{words}” may not be used: {why}")
_DENIES = N_("The draft denies a claim, and it is not established that the claim is false.")
_MIXED = N_("The draft denies the claim and offers a remedy for it: each makes the other unbelievable.")


def statement_faults(
    text: Text,
    facts: Mapping[str, str],
    evidence: Mapping[str, str],
    *,
    places: Mapping[str, Both],
    forbidden: Sequence[tuple[str, Both]],
    claim_false: bool,
) -> list[Phrase]:
    """Why a draft must not go out yet.

    Parameters
    ----------
    text : Text
        The draft as filled.
    facts : mapping of str to str
        Place -> words that were given for it.
    evidence : mapping of str to str
        Place -> what bears its words out: an address, a post, a document, who confirmed it.
    places : mapping of str to Both
        Place -> what belongs there.
    forbidden : sequence of (str, Both)
        Words that the playbook forbids, and why.
    claim_false : bool
        Whether it is established that the claim is false.

    Returns
    -------
    list of Phrase
        Empty where nothing speaks against it; a person still has to approve.
    """
    used = {place: words for place, words in facts.items() if words.strip() and place in places}
    unproven = [p for p in used if p not in NEEDS_NO_EVIDENCE and not evidence.get(p, "").strip()]
    faults = []
    if text.missing:
        faults.append(Phrase(_MISSING, {"places": Listing(tuple(text.missing.values()))}))
    if unproven:
        faults.append(Phrase(_UNPROVEN, {"places": Listing(tuple(places[p] for p in unproven))}))
    plain = fold_text(text.text)  # capitals, width, traditional characters and line ends hide no word
    faults += [
        Phrase(_FORBIDDEN, {"words": words, "why": why})
        for words, why in forbidden
        if fold_text(words).rstrip() in plain
    ]
    if DENIES in used and not claim_false:
        faults.append(Phrase(_DENIES))
    if DENIES in used and OWNS in used:
        faults.append(Phrase(_MIXED))
    return faults
