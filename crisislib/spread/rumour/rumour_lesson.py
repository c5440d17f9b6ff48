"""A rumour score taught from a watch's own stories, with its report card on later ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.spread.rumour.rumour_model import RumourModel

CARD = N_(
    "Taught on {n} {n:labelled story|labelled stories} ({rumours} {rumours:rumour|rumours}): on the {held} "
    "newest, none of which was in its training, it ranks a rumour above another story in {auc}% of the pairs "
    "after {age} h; the shipped weights in {shipped}%."
)
SHIPPED_STAYS = N_("The shipped weights do as well on the newest stories, so they stay in use; label more stories.")
FEW = N_("Fewer than a hundred stories were held out, so the shares are rough.")


@dataclass(frozen=True)
class AgeCard:
    """How the taught model and the shipped weights do at one age on stories kept for testing.

    Attributes
    ----------
    age : float
        Seconds.
    auc, accuracy : float
        Area under the ROC curve, and share right at probability 0.5, of the taught model.
    shipped_auc : float
        Of the shipped weights.
    """

    age: float
    auc: float
    accuracy: float
    shipped_auc: float


@dataclass(frozen=True)
class RumourLesson:
    """What labelled stories taught.

    Attributes
    ----------
    version : int
        Number on disk; 0 where it was not installed, because the shipped weights do as well.
    models : Mapping[float, RumourModel]
        By age in seconds; trained on all labelled stories.
    n, rumours, held_back : int
        Labelled stories, rumours among them, and those that the card was made on.
    card : tuple of AgeCard
    """

    version: int
    models: Mapping[float, RumourModel]
    n: int
    rumours: int
    held_back: int
    card: tuple[AgeCard, ...]

    def findings(self) -> list[Finding]:
        """The card in words."""
        hour = min(self.card, key=lambda c: abs(c.age - 3600.0))
        facts = {
            "n": self.n, "rumours": self.rumours, "held": self.held_back, "age": round(hour.age / 3600),
            "auc": round(100 * hour.auc), "shipped": round(100 * hour.shipped_auc),
        }  # fmt: skip
        limits = [*([FEW] if self.held_back < 100 else []), *([] if self.version else [SHIPPED_STAYS])]
        table = pd.DataFrame([asdict(c) for c in self.card])
        return [Finding("rumour.card", CARD, facts, table, n=self.n, limits=limits, weight=50.0)]
