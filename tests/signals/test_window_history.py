"""What one computation leaves for the next takes no more memory from time to time."""

from __future__ import annotations

import gc
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from crisislib.core.tables import conform
from crisislib.signals import ReductionCache, compute
from tests.signals.world import START, batch, frames, posts, sentiment, watch

DAY = timedelta(days=1)
STEP = timedelta(hours=1)


@pytest.mark.long
def test_a_watch_that_is_measured_again_and_again_leaves_nothing_behind() -> None:
    # Nothing new in the running windows: what is kept of earlier ones is handed on as it is.
    begin = START + 2 * DAY
    told = posts(list(pd.date_range(begin - DAY, begin - STEP, 100, tz="UTC").as_unit("us")))
    labels = conform(sentiment(told, np.tile([0.9, 0.1], 50)), "LABELS")
    given = {"posts": told, "labels": labels, "batches": [batch(START, begin + DAY)]}
    scene = watch(window={"baseline_days": 2})
    now = begin + timedelta(minutes=30)
    history = compute(frames(**given), scene, since=START + DAY, until=begin, now=now)
    cache = ReductionCache()

    def objects(times: int) -> int:
        for _ in range(times):
            before = history.to_pandas()
            compute(frames(**given), scene, since=begin, until=now, now=now, history=before, cache=cache)
        gc.collect()
        return len(gc.get_objects())

    known = objects(4)
    assert cache.frames
    grown = objects(20) - known
    assert grown < 100, f"{grown} objects more after twenty looks that found nothing new"
