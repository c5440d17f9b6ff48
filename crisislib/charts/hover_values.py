"""Values that show under the pointer, or by arrow keys: an unseen layer that says each of them in words."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

ROLE = "value"
"""By which whoever draws a chart knows the marks of this layer; see `crisislib.workbench.pages.chart_svg`."""


def hover_values(frame: pd.DataFrame, words: Sequence[str]) -> alt.Chart:
    """A layer of columns, one a window, each with its words.

    Parameters
    ----------
    frame : pandas.DataFrame
        `t` and `end`, wall clock.
    words : sequence of str
        What each says.

    Returns
    -------
    altair.Chart
        Nothing of it is seen.
    """
    data = frame[["t", "end"]].assign(said=list(words))
    unseen = alt.Chart(data).mark_rect(opacity=0, aria=True, ariaRoleDescription=ROLE)
    return unseen.encode(
        x=alt.X("t:T"), x2=alt.X2("end:T"), description=alt.Description("said:N"), tooltip=alt.Tooltip("said:N")
    )
