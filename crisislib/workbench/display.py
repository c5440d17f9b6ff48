"""What a notebook shows: escaped HTML with a plain-text twin, and the chart renderer that works offline."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlsplit

import altair as alt
import pandas as pd
import vl_convert

CHART_MIME = "application/vnd.vegalite.v5+json"
"""The only chart type that JupyterLab, Voila and the report all draw without the internet."""


PICTURE_SCALE = 1.3
"""Times finer than the chart that its picture is drawn: sharp enough to read, and some 50 kB each."""


class Fragment:
    """A piece of a page: HTML for readers, text for terminals, more for machines.

    Parameters
    ----------
    html : str
        Safe HTML: whatever came from the internet has been escaped.
    text : str
        The same for a terminal.
    more : Mapping[str, object], optional
        Other representations by MIME type.
    """

    def __init__(self, html: str, text: str = "", more: Mapping[str, object] | None = None) -> None:
        self.html, self.text, self.more = html, text, dict(more or {})

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/html": self.html, "text/plain": self.text or plain(self.html), **self.more}

    def __repr__(self) -> str:
        return self.text or plain(self.html)

    def __add__(self, other: Fragment) -> Fragment:
        return Fragment(self.html + other.html, f"{self!r}\n{other!r}", {**self.more, **other.more})


def plain(html: str) -> str:
    """HTML as text, tags away.

    Parameters
    ----------
    html : str
        HTML that this package has made.

    Returns
    -------
    str
        Text on as few lines as it has.
    """
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"<[^>]+>", " ", html)).strip()


def link(address: object, words: str) -> str:
    """A link to an http(s) address; anything else (`javascript:`, `data:`) is left as words.

    Parameters
    ----------
    address : object
        What a source gave as an address; hostile until checked.
    words : str
        Text of the link.

    Returns
    -------
    str
        Escaped HTML.
    """
    said = "" if not isinstance(address, str) else address.strip()
    try:
        parts = urlsplit(said)
    except ValueError:  # not an address at all; shown as words, which is all that it is
        return escape(words)
    if parts.scheme.lower() not in {"http", "https"} or not parts.netloc:
        return escape(words)
    return (
        f'<a href="{escape(said, quote=True)}" rel="noopener noreferrer nofollow" target="_blank">{escape(words)}</a>'
    )


def cell(value: object) -> str:
    """One value as escaped words; a missing one as a dash, never as 0.

    Parameters
    ----------
    value : object
        A value of a frame.

    Returns
    -------
    str
        Escaped HTML: times to the minute, numbers to three digits or with thousands marked.
    """
    if value is None or (not isinstance(value, str | list | tuple | dict) and pd.isna(value)):  # type: ignore[call-overload]
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() or abs(value) >= 1000 else f"{value:,.3g}"
    return escape(str(value))


def table(frame: pd.DataFrame, names: Mapping[str, str], *, raw: Sequence[str] = ()) -> str:
    """A frame as an HTML table.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows to show.
    names : Mapping[str, str]
        Column to its heading; other columns are left out.
    raw : Sequence[str]
        Columns that hold HTML which this package has made.
    """
    head = "".join(f"<th>{escape(names[c])}</th>" for c in names)
    kind = {c: _kind(frame[c]) if c not in raw else "" for c in names}
    body = []
    for row in frame[list(names)].to_dict("records"):
        cells = (f"<td{kind[c]}>{row[c] if c in raw else cell(row[c])}</td>" for c in names)
        body.append(f"<tr>{''.join(cells)}</tr>")
    return f'<table class="cw"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'


_SHORT, _LONG = 12, 24  # letters up to which a text stays on one line, and from which it may be broken anywhere


def _kind(column: pd.Series) -> str:
    """How the cells of a column are set: numbers to the right, times on one line, long texts broken."""
    if pd.api.types.is_numeric_dtype(column):
        return ' class="num"'
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return ' class="time"'
    longest = column.astype(str).str.len().max() if len(column) else 0
    return ' class="long"' if longest > _LONG else ' class="short"' if longest <= _SHORT else ""


def render(spec: dict[str, object], **_: object) -> dict[str, object]:
    """A chart's specification as an output of a notebook, with a picture where none is drawn (nbconvert, GitHub).

    Parameters
    ----------
    spec : dict
        A Vega-Lite specification.
    **_ : object
        What Altair passes besides; not used.

    Returns
    -------
    dict
        By MIME type, for a display_data output.
    """
    # The drawing code of JupyterLab and Voila is of the generation before; nothing that we draw differs in it.
    spec = {**spec, "$schema": "https://vega.github.io/schema/vega-lite/v5.json"}
    title = spec.get("title")
    said = title.get("text", "") if isinstance(title, dict) else title or ""
    picture = vl_convert.vegalite_to_png(json.dumps(spec, default=str), scale=PICTURE_SCALE)
    return {CHART_MIME: spec, "image/png": base64.b64encode(picture).decode("ascii"), "text/plain": f"[{said}]"}


def use_renderer() -> None:
    """Make notebooks show charts in the one type that works offline everywhere."""
    alt.renderers.register("crisis", render)
    alt.renderers.enable("crisis")
    alt.data_transformers.enable("default", max_rows=None)
