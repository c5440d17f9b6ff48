"""The prose of notebooks and dashboards, in the reader's language."""

from __future__ import annotations

import re

from crisislib.core.i18n import N_, tr

TITLES: dict[str, str] = {
    "collection": N_("Collection and data health"),
    "topics": N_("What people talk about and how they feel"),
    "spread": N_("Who started it, how it travelled, how far it will go"),
    "warning": N_("Early warning"),
    "risk": N_("What it may cost"),
    "response": N_("What to do, and whether it helped"),
    "brief": N_("Emergency brief"),
    "backtest": N_("Would it have warned in time?"),
    "labelling": N_("Labelling"),
    "situation": N_("Situation"),
    "incident": N_("Incident"),
}

SECTIONS: dict[str, tuple[str, str]] = {
    "health": (N_("Data health"), N_("Read this first: what is missing here is missing in everything below.")),
    "sources": (N_("Sources over time"), N_("Grey and red spans were not collected; nothing is known about them.")),
    "volume": (N_("How much is said"), N_("Volume against what an ordinary window of this watch would hold.")),
    "mood": (
        N_("How people feel"),
        N_(
            "The share of negative posts is corrected by analysts' labels where there are enough; the band is a 95 % "
            "interval, wide without labels. Bars by class are the model's own answers, uncorrected."
        ),
    ),
    "topics": (N_("Topics"), N_("Found from the words of the posts; a topic is a help to read by, not a verdict.")),
    "growing": (N_("What is growing"), N_("The newest 24 hours against the 24 hours before.")),
    "stories": (N_("Stories"), N_("Texts that nearly copy one another, from the earliest that we hold to the last.")),
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
    "signals": (N_("Signals"), N_("Each signal against its own expectation; grey windows were not collected.")),
    "levels": (N_("Levels"), N_("A level rises at once and falls only after quiet windows.")),
    "index": (N_("The crisis index"), N_("What each signal adds to the index now.")),
    "alerts": (N_("Alerts"), N_("Every alert with the posts behind it.")),
    "loss": (N_("Loss"), N_("A simulation over the ranges that the watch file names; a decision aid, not a forecast.")),
    "drivers": (N_("What it hangs on"), N_("One assumption at a time at its low and high end.")),
    "plan": (N_("What to do"), N_("Steps of the playbook, by when they are due, and who owns them.")),
    "effect": (N_("Did it help?"), N_("What was seen against what would have been expected without the response.")),
    "answers": (N_("Responses so far"), N_("The response log of this incident.")),
    "evidence": (N_("Evidence"), N_("Posts behind the numbers; names masked, links as collected.")),
    "findings": (N_("Findings"), N_("Sentences over computed facts; each opens the posts behind it.")),
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

KINDS: dict[str, str] = {
    "rumour": N_("rumour"),
    "data_breach": N_("data breach"),
    "malicious_attack": N_("malicious attack"),
    "product_harm": N_("product harm"),
    "service_outage": N_("service outage"),
    "executive_misconduct": N_("executive misconduct"),
    "labour": N_("labour dispute"),
    "discrimination": N_("discrimination"),
    "other": N_("other"),
}

STATUS: dict[str, str] = {
    "open": N_("ongoing"),
    "watching": N_("being watched"),
    "closed": N_("closed"),
    "done": N_("finished"),
    "acknowledged": N_("taken in hand"),
}


PARTS: dict[str, str] = {
    "service_attitude": N_("service and attitude"),
    "quality": N_("product quality"),
    "price": N_("price"),
    "delivery_and_delay": N_("delivery and delay"),
    "refund_and_after_sale": N_("refund and after-sale"),
    "false_advertising": N_("false advertising"),
    "privacy": N_("privacy"),
    "safety": N_("safety"),
    "booking_and_system": N_("booking and systems"),
    "travel_safety": N_("travel safety"),
    "vehicle_safety": N_("vehicle safety"),
    "campus_safety": N_("campus safety"),
    "conduct": N_("conduct of public figures"),
    "funds_safety": N_("safety of money"),
    "food_safety": N_("food safety"),
    "casualties": N_("deaths and injuries"),
    "minors": N_("children and minors"),
    "personal_data_leak": N_("personal data"),
    "regulator": N_("regulators"),
    "lawsuit": N_("lawsuits"),
    "sexual_misconduct": N_("sexual misconduct"),
    "state_and_history": N_("national dignity and history"),
    "religion_and_custom": N_("religion and custom"),
    "environment": N_("environment"),
    "labour_rights": N_("workers' rights"),
    "fraud": N_("fraud and fakes"),
    "official_response": N_("botched responses"),
    "patient_safety": N_("patient safety"),
    "public_trust": N_("public trust"),
    "product_quality": N_("product quality and safety"),
    "marketing": N_("marketing controversies"),
    "service_and_device": N_("outages and device faults"),
    "ai_and_content": N_("AI and content safety"),
}
"""Parts of a signal: kinds of complaint, and subjects that raise the stakes."""

METHODS: dict[str, str] = {
    "explicit": N_("stated by the platform"),
    "chain": N_("named in the repost chain"),
    "ghost": N_("through an account whose post we do not hold"),
    "star": N_("taken to come from the first post of the story"),
    "vote": N_("most likely by time and account"),
    "link": N_("shares the link of an earlier post"),
    "copy": N_("says the words of an earlier post"),
}
"""How an edge is known, in words."""


def response_word(kind: object, language: str) -> str:
    """A kind of response in words."""
    from crisislib.respond.log import RESPONSE_KINDS

    return tr(RESPONSE_KINDS.get(str(kind), str(kind)), language)


def strategy_words(tags: object, language: str) -> str:
    """Strategy tags of a response (`a, b` or `a;b` or a JSON list) in words."""
    from crisislib.respond import STRATEGIES

    said = re.findall(r"[\w.]+", tags if isinstance(tags, str) else "")
    return tr("; ", language).join(tr(STRATEGIES.get(tag, tag), language) for tag in said)


ALERT = N_("alert: {level}")


def word(key: object, language: str) -> str:
    """A value of our vocabulary (crisis type, status, kind of response) in words; unknown ones as they are."""
    said = str(key)
    return tr(KINDS.get(said) or STATUS.get(said) or PARTS.get(said) or said, language)
