"""A post as the analyst sees it: large, escaped, the brand marked, people masked, no guess of the model."""

from __future__ import annotations

import re
from html import escape

import pandas as pd

from crisislib.core.i18n import N_, tr
from crisislib.core.ids import mask_mentions
from crisislib.core.watch import Watch

BEFORE = N_("You labelled it {label}; a new label replaces it.")
END = N_("This queue is done. Thank you.")
EMPTY = N_("There is no post left to label: every text has a label.")


def marked(text: str, names: list[str]) -> str:
    """Escaped HTML of a text with the names marked, whatever their case.

    Parameters
    ----------
    text : str
        Text of a post.
    names : list of str
        Of the brand.

    Returns
    -------
    str
        Escaped HTML with `<mark>`.
    """
    wanted = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    if not wanted:
        return escape(text)
    parts = re.split(f"({wanted})", text, flags=re.IGNORECASE)
    return "".join(f"<mark>{escape(p)}</mark>" if i % 2 else escape(p) for i, p in enumerate(parts))


def post_html(post: pd.Series, watch: Watch, language: str, before: str = "") -> str:
    """One post; `before` is the label that the analyst has given it already.

    Parameters
    ----------
    post : pandas.Series
        `text`, `platform`, `created_at`.
    watch : Watch
        Names of the brand, and its time zone.
    language : {"zh", "en"}
        Of the analyst.
    before : str
        The label that the analyst has given it already; empty for none.

    Returns
    -------
    str
        Escaped HTML.
    """
    names = [*watch.brand.names, *(a.split(":")[-1] for a in watch.brand.accounts)]
    when = pd.Timestamp(post["created_at"]).tz_convert(watch.timezone).strftime("%Y-%m-%d %H:%M")
    said = marked(mask_mentions(str(post["text"]), names), watch.brand.names).replace("\n", "<br>")
    more = tr(BEFORE, language, label=tr(before, language)) if before else ""
    note = f'<p class="cw-note">{escape(more)}</p>' if more else ""
    source = escape(f"{post['platform'] or '–'} · {when}")
    return f'<div class="cw-post"><p class="cw-note">{source}</p><p class="cw-post-text">{said}</p>{note}</div>'


def done_html(language: str, *, empty: bool) -> str:
    """What stands in place of a post at the end.

    Parameters
    ----------
    language : {"zh", "en"}
        Of the analyst.
    empty : bool
        Whether there was no post to label at all.

    Returns
    -------
    str
        Escaped HTML.
    """
    return f'<div class="cw-post"><p class="cw-post-text">{escape(tr(EMPTY if empty else END, language))}</p></div>'
