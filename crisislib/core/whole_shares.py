"""Shares of one whole in percents that add up."""

from __future__ import annotations

import math
from collections.abc import Sequence

from crisislib.core.phrase import whole_percents


def shares_of_whole(shares: Sequence[float]) -> list[str]:
    """Shares of one whole in whole percents that add up to a hundred: the largest remainders are rounded up.

    Parameters
    ----------
    shares : sequence of float
        0-1, of which the sum is one.

    Returns
    -------
    list of str
        As :func:`whole_percents` shows them: what is rounded to none is `<1%`, and beside it all but that `>99%`.
    """
    whole = [math.floor(100 * one + 1e-9) for one in shares]
    order = sorted(range(len(whole)), key=lambda i: whole[i] - 100 * shares[i])
    for i in order[: max(0, round(100 * sum(shares)) - sum(whole))]:
        whole[i] += 1
    return [whole_percents(one) if n in (0, 100) else f"{n}%" for one, n in zip(shares, whole, strict=True)]
