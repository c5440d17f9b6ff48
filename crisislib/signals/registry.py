"""The indicators there are. Add one: a file with an `Indicator`, and a line here."""

from __future__ import annotations

from crisislib.signals.acceleration import ACCELERATION
from crisislib.signals.authors import AUTHORS
from crisislib.signals.calls import CALLS
from crisislib.signals.complaints import COMPLAINTS
from crisislib.signals.coordination import COORDINATION
from crisislib.signals.engagement import ENGAGEMENT
from crisislib.signals.heat import HEAT
from crisislib.signals.indicator import Indicator
from crisislib.signals.influencers import INFLUENCERS
from crisislib.signals.negative import NEGATIVE_INDEX, NEGATIVE_POSTS, NEGATIVE_SHARE
from crisislib.signals.news import NEWS
from crisislib.signals.platforms import PLATFORMS
from crisislib.signals.reach import REACH
from crisislib.signals.sensitive import SENSITIVE, SENSITIVE_POSTS
from crisislib.signals.sustained import SUSTAINED_NEGATIVE, SUSTAINED_VOLUME
from crisislib.signals.velocity import VELOCITY
from crisislib.signals.voice import VOICE
from crisislib.signals.volume import VOLUME

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
)

INDICATORS: dict[str, Indicator] = {indicator.name: indicator for indicator in _ALL}
