"""The indicators there are. Add one: a file with an `Indicator`, and a line here."""

from __future__ import annotations

from crisislib.signals.indicators.acceleration import ACCELERATION
from crisislib.signals.indicators.authors import AUTHORS
from crisislib.signals.indicators.calls import CALLS
from crisislib.signals.indicators.complaints import COMPLAINTS
from crisislib.signals.indicators.coordination import COORDINATION
from crisislib.signals.indicators.engagement import ENGAGEMENT
from crisislib.signals.indicators.gains import TOP_GAIN
from crisislib.signals.indicators.heat import HEAT
from crisislib.signals.indicators.indicator import Indicator
from crisislib.signals.indicators.influencers import INFLUENCERS
from crisislib.signals.indicators.negative import NEGATIVE_INDEX, NEGATIVE_POSTS, NEGATIVE_SHARE
from crisislib.signals.indicators.news import NEWS
from crisislib.signals.indicators.platform_indicators import PLATFORMS
from crisislib.signals.indicators.reach import REACH
from crisislib.signals.indicators.sensitive import SENSITIVE, SENSITIVE_POSTS
from crisislib.signals.indicators.sustained import SUSTAINED_NEGATIVE, SUSTAINED_VOLUME
from crisislib.signals.indicators.tallies import BY_VOICE, HARM, KINDS, STANCES, STATEMENTS
from crisislib.signals.indicators.velocity import VELOCITY
from crisislib.signals.indicators.voice import VOICE
from crisislib.signals.indicators.volume import VOLUME

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
    STATEMENTS,
    TOP_GAIN,
)

INDICATORS: dict[str, Indicator] = {indicator.name: indicator for indicator in _ALL}
