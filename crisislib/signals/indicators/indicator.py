"""What an indicator is: a named reduction of one cut to one value per window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from crisislib.signals.frame_reading import Lazy
from crisislib.signals.frames import Cut

Kind = Literal["count", "share", "amount", "change", "tally"]
Zero = Literal["", "posts", "topics"]


@dataclass(frozen=True)
class Indicator:
    """One entry of the registry.

    Attributes
    ----------
    name : str
        As in SIGNALS.signal; an indicator with parts writes `name.part`.
    unit : str
        Unit of the value (a gettext id).
    title : str
        What readers see (a gettext id).
    direction : int
        +1 where more is worse, 0 where neither way is.
    kind : str
        Decides the baseline: `count` negative binomial, `share` beta-binomial, `amount` a t on asinh, `change` a t;
        a `tally` has none: it is summed up by whom it concerns.
    fn : callable
        Cut to a frame with `w` (window number), `value`, `n_posts`; a share also gives `k`, its
        numerator; an indicator with parts gives `part`.
    zero : str
        When a collected window without a value is a true zero: `posts` where it holds no post,
        `topics` where it holds no listed topic, empty never.
    dimension : str
        Of an indicator of the user's own: the dimension of the index that counts it; empty for none.
    title_zh : str
        Of an indicator of the user's own: its Chinese title, which no catalogue has.
    """

    name: str
    unit: str
    title: str
    direction: int
    kind: Kind
    fn: Callable[[Cut], pd.DataFrame]
    zero: Zero = ""
    dimension: str = ""
    title_zh: str = ""


def collected(cut: Cut, name: str, ask: Callable[[], Lazy]) -> pd.DataFrame:
    """The small answer of an engine as pandas, in order of windows; asked once a name, and not to be changed.

    Windows that an earlier run has kept are not asked for again: `ask` must reduce each window by itself.

    Parameters
    ----------
    cut : Cut
        The run's tables and the reductions already made.
    name : str
        Of the reduction, unique among all indicators.
    ask : callable
        Gives the lazy reduction, with a column `w`.

    Returns
    -------
    pandas.DataFrame
        One row or a few a window.
    """

    def answer() -> pd.DataFrame:
        frame: pd.DataFrame = ask().sort("w").collect("pyarrow").to_native().to_pandas()
        return frame

    return cut.reductions.get(name, answer)


def nothing(*more: str) -> pd.DataFrame:
    """No window has a value: the table that the indicator needs was not made.

    Parameters
    ----------
    *more : str
        Columns beside `w`, `value` and `n_posts`.

    Returns
    -------
    pandas.DataFrame
        Without rows.
    """
    return pd.DataFrame({c: pd.Series(dtype="float64") for c in ("w", "value", "n_posts", *more)})
