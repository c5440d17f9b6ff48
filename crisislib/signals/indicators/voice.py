"""Share of voice: the brand's part of the talk about it and its competitors."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected, nothing


def voice(cut: Cut) -> pd.DataFrame:
    """Posts that name the brand among those that name it or a competitor, per window.

    Originals of the public and the press count; bare reposts do not, nor does the brand's own voice, and a post that
    names both is one post. Without competitors there is no value; nor where the watch's query does not ask for them
    and no post is about them alone, for then they were filtered out.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (share, 0-1), `k` (posts that name the brand), `n_posts` (that name it or a competitor).
    """
    rivals = [word.casefold() for words in cut.watch.brand.competitors.values() for word in words]
    if not rivals:
        return nothing("k")
    query = cut.watch.query.casefold()
    asked = not query.strip() or any(word in query for word in rivals)
    own, rival = nw.col("names_own").cast(nw.Int64), nw.col("names_rival").cast(nw.Int64)
    posts = cut.posts.filter(nw.col("voice").is_in(("original", "press")))
    each = posts.with_columns(own=own, either=nw.max_horizontal(own, rival)).group_by("w")
    reduced = collected(cut, "share_of_voice", lambda: each.agg(k=nw.col("own").sum(), n_posts=nw.col("either").sum()))
    reduced = reduced[reduced["n_posts"] > (0 if asked else reduced["k"])].reset_index(drop=True)
    return reduced.assign(value=reduced["k"] / reduced["n_posts"])


VOICE = Indicator("share_of_voice", N_("share of mentions"), N_("Share of voice"), 0, "share", voice)
