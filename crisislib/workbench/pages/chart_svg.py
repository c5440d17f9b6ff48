"""Charts as drawings inside a page: made once on the server, right in dark mode and in print, without a script."""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable

import altair as alt
import vl_convert
from altair.utils import schemapi

from crisislib.charts.hover_values import ROLE
from crisislib.core.ids import short_hash
from crisislib.design import as_variables

WIDE, FULL, NARROW = 760, 1140, 300
"""Pixels of the plot in two thirds and in the whole of a laptop's page, and on a telephone."""
MOST = 400
"""Drawings that are kept, some 50 kB each: what the readers of a day look at."""
_HIT = re.compile(rf'<path aria-label="([^"]*)"([^>]*) aria-roledescription="{ROLE}"([^>]*)/>')
"""A mark of :func:`crisislib.charts.hover_values`, as it is drawn."""
_drawn: OrderedDict[str, str] = OrderedDict()
_lock = threading.Lock()


def widths_of(screen: str, *, wide: int = WIDE) -> dict[str, int]:
    """Which drawings a reader's screen needs: where the browser does not say what it has, both.

    Parameters
    ----------
    screen : {"", "wide", "narrow"}
        What the reader has.
    wide : int
        Width of the plot on a wide screen.

    Returns
    -------
    dict of str to int
        `wide` and `narrow` to pixels.
    """
    return {name: size for name, size in (("wide", wide), ("narrow", NARROW)) if screen in {"", name}}


def drawings(draw: Callable[[int], alt.Chart], *, screen: str = "", wide: int = WIDE) -> tuple[str, str]:
    """A chart for wide and for narrow columns.

    Parameters
    ----------
    draw : callable
        Width of the plot in pixels to the chart.
    screen : {"", "wide", "narrow"}
        What the reader has, where the browser reports it: then the other drawing is not made.
    wide : int
        Width of the plot on a wide screen.

    Returns
    -------
    tuple of (str, str)
        SVG, safe to stand in a page; empty where it was not made.
    """
    with schemapi.debug_mode(False):  # as in `svg`: the charts' own tests check them against the schema
        made = {name: svg(draw(size)) for name, size in widths_of(screen, wide=wide).items()}
    return made.get("wide", ""), made.get("narrow", "")


def svg(chart: alt.Chart) -> str:
    """A chart as SVG for use inside a page: no title (the page has one), colours as variables, width of its place.

    Parameters
    ----------
    chart : altair.Chart
        What is drawn.

    Returns
    -------
    str
        SVG; all text in it is escaped by the drawing library.
    """
    # The charts' own tests check them against the schema; to check again at every drawing would take most of its time.
    spec = chart.to_dict(validate=False)
    spec.pop("title", None)
    spec["background"] = None
    spec.setdefault("config", {})["axis"] = {**spec["config"].get("axis", {}), "title": None}  # the note below says it
    spec["config"]["aria"] = False  # the figure around it says the same in words; values under the pointer are kept
    spec["padding"] = {"left": 2, "right": 6, "top": 2, "bottom": 2}
    text = json.dumps(spec, sort_keys=True, default=str)
    key = short_hash(text)
    with _lock:
        if key in _drawn:
            _drawn.move_to_end(key)
            return _drawn[key]
    made = _for_page(vl_convert.vegalite_to_svg(text))
    with _lock:
        _drawn[key] = made
        while len(_drawn) > MOST:
            _drawn.popitem(last=False)
    return made


def _for_page(drawn: str) -> str:
    """Width and height go: the box of the drawing keeps its shape, its place in the page gives the size."""
    head, _, rest = drawn.partition(">")
    head = re.sub(r'\s(width|height|xmlns:xlink|version)="[^"]*"', "", head)
    rest = re.sub(r'\sfont-family="[^"]*"', "", rest)
    rest = _HIT.sub(r'<path class="hit"\3><title>\1</title></path>', rest)
    return as_variables(f'{head} aria-hidden="true" focusable="false">{rest}')
