"""The table of labellers: what text can be asked for, in which version."""

from __future__ import annotations

from pathlib import Path

from crisislib.core.ids import short_hash
from crisislib.core.watch import Watch
from crisislib.nlp.classify import aboutness, crisis_kinds, entities, languages, phrases, sensitive_subjects, stances
from crisislib.nlp.label_batch import Labeller
from crisislib.nlp.sentiment import sentiment_labeller, sentiment_model


def _industry(watch: Watch, models: Path | None) -> str:
    return f"+{sensitive_subjects.industry_of(watch)}"


def _names(watch: Watch, models: Path | None) -> str:
    """The watch, and what it asks of a text that holds an ambiguous name."""
    words = [*watch.brand.context, "", *watch.brand.not_context]
    return f"+{watch.watch}" + (f".{short_hash(*words, length=6)}" if len(words) > 1 else "")


LABELLERS: dict[str, Labeller] = {
    entry.name: entry
    for entry in (
        Labeller("lang", "1", languages.label, "language of the post"),
        Labeller(
            "sentiment",
            sentiment_model.VERSION,
            sentiment_labeller.label,
            "negative, neutral or positive, with calibrated probabilities",
            sentiment_labeller.suffix,
        ),
        Labeller(
            "target_sentiment",
            sentiment_model.VERSION,
            sentiment_labeller.label_target,
            "the same, in the sentences that speak of the brand",
            sentiment_labeller.suffix,
        ),
        Labeller("sensitive", "2", sensitive_subjects.label, "sensitive subjects, graded 1-4", _industry),
        Labeller("crisis_type", crisis_kinds.VERSION, crisis_kinds.crisis_type, "type of crisis that a post speaks of"),
        Labeller("call_to_action", "1", phrases.call_to_action, "boycott, refund, regulator, lawsuit and other calls"),
        Labeller("claim", "1", phrases.claim, "statements that can be checked"),
        Labeller("question", "1", phrases.question, "questions, those that ask and those that only seem to"),
        Labeller("stance", "1", stances.label, "support, denial or doubt of what is claimed"),
        Labeller("complaint", crisis_kinds.VERSION, crisis_kinds.complaint, "what a consumer complains of"),
        Labeller("entity", "1", entities.entity, "the brand, competitors, organisations, accounts, hashtags", _names),
        Labeller(
            "about",
            aboutness.VERSION,
            aboutness.label,
            "harm that somebody else does or suffers",
            lambda watch, models: aboutness.suffix(watch),
        ),
        Labeller("place", "1", entities.place, "places mentioned"),
    )
}
"""Name -> labeller. One file and one entry make a new one."""
