"""The indicators there are. Add one: a function and its `Indicator` in the file of its family, and a line here."""

from __future__ import annotations

from crisislib.signals.indicators.engagement import BAD_GAIN, ENGAGEMENT, TOP_GAIN
from crisislib.signals.indicators.indicator import Indicator
from crisislib.signals.indicators.negative import NEGATIVE_INDEX, NEGATIVE_POSTS, NEGATIVE_SHARE, SUSTAINED_NEGATIVE
from crisislib.signals.indicators.participants import COORDINATION, NEWS, PLATFORMS, VOICE
from crisislib.signals.indicators.reach import HEAT, INFLUENCERS, REACH
from crisislib.signals.indicators.subjects import CALLS, COMPLAINTS, SENSITIVE, SENSITIVE_POSTS
from crisislib.signals.indicators.tallies import BY_VOICE, HARM, KINDS, STANCES, STATEMENTS, TONE
from crisislib.signals.indicators.volume import ACCELERATION, AUTHORS, SUSTAINED_VOLUME, VELOCITY, VOLUME

_ALL = (
    VOLUME,
    AUTHORS,
    VELOCITY,
    ACCELERATION,
    SUSTAINED_VOLUME,
    NEGATIVE_SHARE,
    NEGATIVE_POSTS,
    SUSTAINED_NEGATIVE,
    NEGATIVE_INDEX,
    SENSITIVE,
    SENSITIVE_POSTS,
    REACH,
    ENGAGEMENT,
    PLATFORMS,
    NEWS,
    INFLUENCERS,
    COORDINATION,
    CALLS,
    COMPLAINTS,
    VOICE,
    HEAT,
    BY_VOICE,
    HARM,
    KINDS,
    STANCES,
    TONE,
    STATEMENTS,
    TOP_GAIN,
    BAD_GAIN,
)

INDICATORS: dict[str, Indicator] = {indicator.name: indicator for indicator in _ALL}
