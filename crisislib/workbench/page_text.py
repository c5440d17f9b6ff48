"""The prose of notebooks and dashboards, in the reader's language."""

from __future__ import annotations

from crisislib.core.i18n import N_, tr
from crisislib.engine.rendering import KINDS, PARTS, STATUS

TITLES: dict[str, str] = {
    "collection": N_("Collection and data health"),
    "topics": N_("What people talk about and how they feel"),
    "spread": N_("Who started it, how it travelled, how far it will go"),
    "warning": N_("Early warning"),
    "risk": N_("What it may cost"),
    "response": N_("What to do, and whether it helped"),
    "brief": N_("Emergency brief"),
    "delta": N_("What has changed"),
    "aftermath": N_("After-action review"),
    "period": N_("Report of the period"),
    "tutorial": N_("From an export to a brief in ten minutes"),
    "backtest": N_("Would it have warned in time?"),
    "labelling": N_("Labelling"),
    "situation": N_("Situation"),
    "incident": N_("Incident"),
}

SECTIONS: dict[str, tuple[str, str]] = {
    "health": (N_("Data health"), N_("Read this first: what is missing here is missing in everything below.")),
    "sources": (N_("Sources over time"), N_("Grey and red spans were not collected; nothing is known about them.")),
    "volume": (N_("How much is posted"), N_("Volume against what an ordinary window of this watch would hold.")),
    "mood": (
        N_("How people feel"),
        N_(
            "The share of negative posts is corrected by analysts' labels where there are enough; the band is a 95% "
            "interval, wide without labels. Bars by class are the model's own answers, uncorrected."
        ),
    ),
    "topics": (N_("Topics"), N_("Found from the words of the posts; a topic is a help to read by, not a verdict.")),
    "growing": (N_("What is growing"), N_("The newest 24 hours against the 24 hours before.")),
    "stories": (N_("Stories"), N_("Texts that nearly copy one another, from the earliest stored to the last.")),
    "path": (
        N_("The path"),
        N_("The largest story, layer by layer. Edges are evidence with a confidence, not certainty."),
    ),
    "reach": (N_("Growth and reach"), N_("Reach is a range by a named method, not a head count.")),
    "platforms": (N_("From platform to platform"), N_("“Earliest” means earliest in the data we hold.")),
    "people": (
        N_("Who carried it"),
        N_("By the posts that came through an account, not by its followers. Names are masked."),
    ),
    "growth": (
        N_("How it grew"),
        N_("From span to span; a span is the usual time from a post to what came from it. Above 1 a story grows."),
    ),
    "circles": (
        N_("Communities"),
        N_("Accounts that pass things on to each other. They say who reached whom, not what people think or why."),
    ),
    "signals": (N_("Signals"), N_("Each signal against its own expectation; grey windows were not collected.")),
    "levels": (N_("Levels"), N_("A level rises at once and falls only after quiet windows.")),
    "index": (N_("The crisis index"), N_("What each signal adds to the index now.")),
    "alerts": (N_("Alerts"), N_("Every alert with the posts behind it.")),
    "loss": (N_("Loss"), N_("A simulation over the ranges that the watch file names; a decision aid, not a forecast.")),
    "drivers": (N_("What it depends on"), N_("One assumption at a time at its low and high end.")),
    "plan": (N_("What to do"), N_("Steps of the playbook, by when they are due, and who owns them.")),
    "effect": (N_("Did it help?"), N_("What was observed against what would have been expected without the response.")),
    "answers": (N_("Responses so far"), N_("The response log of this incident.")),
    "cases": (
        N_("What was done last time"),
        N_("Past cases like this one, with the reasons; a comparison, not advice."),
    ),
    "periods": (
        N_("Against the period before"),
        N_("What runs have decided and assessed, by period; the period that is running is not over yet."),
    ),
    "evidence": (N_("Evidence"), N_("Posts behind the numbers; names masked, links as collected.")),
    "findings": (N_("Findings"), N_("Sentences over computed facts; each opens the posts behind it.")),
    "claim": (
        N_("What is claimed"),
        N_("In the words of the posts; whether it is true is not decided here."),
    ),
    "course": (
        N_("How big, how fast, and where it goes"),
        N_("The last hour against what is usual, and the next day as an interval."),
    ),
    "carriers": (
        N_("Where, who, and how many"),
        N_("Platforms by their first post with the claim; accounts by the posts that came through them."),
    ),
    "answered": (
        N_("What was answered, and what would calm it"),
        N_("Statements from the log and from the brand’s own accounts, with their effect where it is clear."),
    ),
    "changed": (
        N_("Changed since the brief before"),
        N_("Only what has changed by more than an ordinary hour does."),
    ),
    "register": (
        N_("Incidents and register"),
        N_("Every incident of this watch with its kind, its level and its state."),
    ),
    "record": (
        N_("How right earlier warnings were"),
        N_("Forecasts against what then came, and alerts against what became of them."),
    ),
    "queue": (
        N_("Posts to label"),
        N_("Half a sample of all, half where the model is unsure; its guess is not shown. A hundred take ten minutes."),
    ),
    "card": (
        N_("Report card"),
        N_("On labels held back from the model that was taught last; press “Teach the model” to teach it again."),
    ),
    "backtest": (N_("Backtest"), N_("The detectors run again over the past of this watch, as if it were then.")),
}

METHODS: dict[str, str] = {
    "explicit": N_("stated by the platform"),
    "chain": N_("named in the repost chain"),
    "ghost": N_("through an account whose post was not collected"),
    "star": N_("taken to come from the first post of the story"),
    "vote": N_("most likely by time and account"),
    "link": N_("shares the link of an earlier post"),
    "copy": N_("says the words of an earlier post"),
}
"""How an edge is known, in words."""


ALERT = N_("alert: {level}")


def word(key: object, language: str) -> str:
    """A value of our vocabulary (crisis type, status, kind of response) in words; unknown ones as they are.

    Parameters
    ----------
    key : object
        Key of a kind of crisis, a status or a kind of response.
    language : {"zh", "en"}
        Of the reader.

    Returns
    -------
    str
        Not escaped.
    """
    said = str(key)
    return tr(KINDS.get(said) or STATUS.get(said) or PARTS.get(said) or said, language)
