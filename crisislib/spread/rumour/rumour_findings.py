"""Rumour scores in words: one sentence per reason, each over counted facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase

LIKE = N_("A high score means: written and received like rumours are. It does not say that the story is false.")
CONVENTION = N_("The score's scale is a convention until the watch has labelled stories of its own.")
OWN = N_("The score was trained on {n} {n:story|stories} that analysts of this watch have labelled.")

SCORE = N_(
    "The story most like a rumour scores {score} of 100, from its own words and {reactions} reactions; {n} "
    "{n:story was|stories were} scored."
)

REASONS: Mapping[str, str] = {
    "re_doubt": N_(
        "{hits} of {n} {n:reaction|reactions} {hits:doubts it or asks|doubt it or ask} for proof ({share}%, usual "
        "is {usual}%)."
    ),
    "re_denial": N_(
        "{hits} of {n} {n:reaction|reactions} {hits:calls|call} it false, fake or a rumour ({share}%, usual is "
        "{usual}%)."
    ),
    "re_asks": N_("{hits} of {n} {n:reaction|reactions} {hits:asks|ask} something ({share}%, usual is {usual}%)."),
    "re_asking": N_(
        "{hits} of {n} {n:reaction|reactions} {hits:uses|use} question words ({share}%, usual is {usual}%)."
    ),
    "re_surprise": N_("{hits} of {n} {n:reaction|reactions} {hits:shows|show} surprise ({share}%, usual is {usual}%)."),
    "re_fear": N_("{hits} of {n} {n:reaction|reactions} {hits:shows|show} fear ({share}%, usual is {usual}%)."),
    "re_anger": N_("{hits} of {n} {n:reaction|reactions} {hits:shows|show} anger ({share}%, usual is {usual}%)."),
    "re_authority": N_(
        "{hits} of {n} {n:reaction|reactions} {hits:mentions|mention} authorities ({share}%, usual is {usual}%)."
    ),
    "re_forward": N_(
        "{hits} of {n} {n:reaction|reactions} {hits:calls|call} to pass it on ({share}%, usual is {usual}%)."
    ),
    "re_liking": N_(
        "{hits} of {n} {n:reaction|reactions} {hits:expresses|express} affection ({share}%, usual is {usual}%)."
    ),
    "re_laughter": N_(
        "{hits} of {n} {n:reaction|reactions} {hits:laughs|laugh} about it ({share}%, usual is {usual}%)."
    ),
    "src_forward": N_("The post calls on readers to pass it on."),
    "src_urgency": N_("The post warns or presses for haste."),
    "src_hearsay": N_("The post passes on hearsay without a named source."),
    "src_sensation": N_("The post uses sensational words."),
    "src_harm": N_("The post mentions death, crime or illness."),
    "src_cure": N_("The post gives medical or food advice."),
    "src_exclaims": N_("The post uses exclamation marks."),
    "src_capitals": N_("The post uses words in capitals."),
    "src_doubt": N_("The post itself raises doubt."),
    "src_denial": N_("The post itself mentions something false or a rumour."),
    "src_attributed": N_("The post names reporters, officials or studies."),
    "src_links": N_("The post links to something."),
    "src_promotion": N_("The post promotes an event or a product."),
    "src_advice": N_("The post gives everyday tips."),
    "src_liking": N_("The post is affectionate in tone."),
    "src_laughter": N_("The post jokes."),
    "src_hashtags": N_("The post uses hashtags."),
}
"""One sentence per feature of the shipped weights."""


def findings_of(table: pd.DataFrame, reasons: Sequence[Mapping[str, object]], *, labels: int = 0) -> list[Finding]:
    """The story with the highest score, and what speaks for it most.

    Parameters
    ----------
    table : pandas.DataFrame
        As :func:`~crisislib.spread.rumour.story_scores.rumour_score` gives it.
    reasons : sequence of mapping
        The reasons of its first row.
    labels : int
        Labelled stories that the score was trained on; 0 for the shipped weights.

    Returns
    -------
    list of Finding
        `rumour.score` and up to three `rumour.reason`.
    """
    known = table[table["rumour_p"].notna()]
    if not len(known):
        return [too_few("rumour.score", len(table), 1)]
    top = known.iloc[0]
    facts = {"score": round(100 * top["rumour_p"]), "reactions": int(top["n_reactions"]), "n": len(known)}
    ids = [str(top["root_id"])]
    limits: list[str | Phrase] = [LIKE, Phrase(OWN, {"n": labels}) if labels else CONVENTION]
    findings = [Finding("rumour.score", SCORE, facts, known.head(20), ids, int(top["n_reactions"]) + 1, limits, 0.5)]
    for reason in reasons:
        if float(str(reason["effect"])) <= 0 or str(reason["feature"]) not in REASONS or len(findings) > 3:
            continue
        evidence = reason["post_ids"]
        findings.append(
            Finding(
                "rumour.reason", REASONS[str(reason["feature"])], dict(reason), known.head(1),
                evidence if isinstance(evidence, list) else ids, facts["reactions"] + 1, limits,
                weight=0.2 * float(str(reason["effect"])),
            )
        )  # fmt: skip
    return findings
