"""A shared page in a notebook: the same view as the dashboards' server sends, with its filters as controls."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

import ipywidgets

from crisislib.core.i18n import N_, tr
from crisislib.core.isolation import Failure, run_isolated
from crisislib.design import DARK
from crisislib.workbench.dashboards.choice import LANGUAGE, LANGUAGES, dropdown, query
from crisislib.workbench.executive_page import design_css
from crisislib.workbench.kernel_log import log_from_kernel
from crisislib.workbench.pages.address import PAGES, Address
from crisislib.workbench.pages.frame_model import Field
from crisislib.workbench.pages.page_views import Pages
from crisislib.workbench.pages.page_words import page_words
from crisislib.workbench.pages.visitor import personal
from crisislib.workbench.progressive_page import SOON_S, failure_notice, later

logger = logging.getLogger(__name__)
REFRESH = N_("Refresh")
CONTROLS = """
@media (max-width:600px){.cw-bar:not(.cw-open){display:none!important}}
@media (min-width:601px){.cw-fold{display:none!important}}
@media (max-width:600px){#rendered_cells>div{padding:.4rem .2rem 2rem!important}.cw-design .page{padding:0 4px}}
"""
"""On a telephone the controls are behind one button, as the filters of the server's pages are."""
NIGHT = (
    "body:has(.cw-alone){color-scheme:light dark}@media (prefers-color-scheme:dark){"
    f"body:has(.cw-alone),body:has(.cw-alone) #rendered_cells{{background:{DARK['bg']}!important;color:{DARK['ink']};"
    + "".join(f"--jp-{name}:{DARK[token]};" for name, token in {
        "layout-color0": "bg", "layout-color1": "card", "layout-color2": "card", "border-color1": "line",
        "ui-font-color0": "ink", "ui-font-color1": "ink", "content-font-color1": "ink", "widgets-color": "ink",
        "widgets-label-color": "mute", "widgets-input-color": "ink", "widgets-input-background-color": "card",
        "widgets-input-border-color": "line",
    }.items())
    + "}}"
)  # fmt: skip
"""What stands around a page that is alone in a browser's window, by night; inside JupyterLab its theme decides."""
_LINK = re.compile(r'<a([^>]*) href="/([a-z]+)(\.csv|\.xlsx)?(\?[^"]*)?"([^>]*)>(.*?)</a>', re.DOTALL)


def situation() -> ipywidgets.VBox:
    """All watches, the most urgent first; `?language=…`."""
    return NotebookPage("situation", query()).show()


def incident() -> ipywidgets.VBox:
    """One incident; `?watch=…&incident=…&platform=…&sentiment=…`."""
    return NotebookPage("incident", query()).show()


def spread() -> ipywidgets.VBox:
    """How an incident spread; `?watch=…&incident=…&root=…`."""
    return NotebookPage("spread", query()).show()


def response() -> ipywidgets.VBox:
    """Plan, statements and effect of one incident; `?watch=…&incident=…`."""
    return NotebookPage("response", query()).show()


def notebook_links(html: str, served: bool) -> str:
    """A page whose links lead to the notebook of the other page.

    Parameters
    ----------
    html : str
        As the server sends it.
    served : bool
        Whether the dashboards' server shows the notebook; else (in JupyterLab) lists of posts and downloads, which only
        that server has, are left as words.

    Returns
    -------
    str
    """

    def leading(match: re.Match[str]) -> str:
        before, page, ending, query, after, words = match.groups(default="")
        if page in PAGES and not ending:
            return f'<a{before} href="{page}.ipynb{query}"{after}>{words}</a>'
        return match[0] if served else words

    return _LINK.sub(leading, html)


class NotebookPage:
    """Controls above a shared page, which is drawn anew when one changes.

    Parameters
    ----------
    page : str
        One of :data:`crisislib.workbench.pages.address.PAGES`.
    asked : mapping of str to str
        Query of the notebook's address.
    """

    def __init__(self, page: str, asked: Mapping[str, str]) -> None:
        log_from_kernel()
        self._page, self._query = page, dict(asked)
        self._pages = Pages(forms=False)
        self._bar, self._html = ipywidgets.HBox(layout={"flex_flow": "row wrap"}), ipywidgets.HTML()
        self._fold = ipywidgets.ToggleButton(layout={"width": "auto"})
        self._bar.add_class("cw-bar")
        self._fold.add_class("cw-fold")
        self._fold.observe(self._unfold, names="value")
        self._alone = os.environ.get("SERVER_SOFTWARE", "").startswith("voila")

    def show(self) -> ipywidgets.VBox:
        """The whole for the notebook to show; it fills once the notebook has been answered."""
        later(SOON_S, self.draw)
        return ipywidgets.VBox([self._fold, self._bar, self._html])

    def _unfold(self, change: Mapping[str, Any]) -> None:
        (self._bar.add_class if change["new"] else self._bar.remove_class)("cw-open")

    def draw(self) -> None:
        """The page of what is chosen, with the data as they are now."""

        def broken(failure: Failure) -> None:
            self._html.value = failure_notice(failure, self._query.get("language", "en"))

        run_isolated("notebook page", self._draw, on_error=broken, logger=logger)

    def _draw(self) -> None:
        address = Address.parse(self._page, self._query)
        view = self._pages.view(address, accepted=os.environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        look = f"{design_css(dark=self._alone)}{CONTROLS}{NIGHT if self._alone else ''}"
        kind, shown = " cw-alone" if self._alone else "", notebook_links(personal(view.html), self._alone)
        self._html.value = (
            f'<style>{look}</style><div class="cw-design{kind}" lang="{escape(view.language)}">'
            f'<div class="page">{shown}</div></div>'
        )
        self._fold.description = page_words(view.language)["filters"]
        spoken = Field("language", tr(LANGUAGE, view.language), [(v, words) for words, v in LANGUAGES], view.language)
        refresh = ipywidgets.Button(description=tr(REFRESH, view.language), layout={"width": "auto"})
        refresh.on_click(lambda _: self.draw())
        gone, self._bar.children = self._bar.children, [*map(self._control, [*view.fields, spoken]), refresh]
        for one in gone:  # a page that stands on a wall for weeks must not collect them
            one.close()

    def _control(self, field: Field) -> ipywidgets.VBox:
        """A filter as a labelled control."""
        control: Any
        if field.options:
            control = dropdown([(words, value) for value, words in field.options], field.value)
        else:
            at = datetime.fromisoformat(field.value) if field.value else None
            control = ipywidgets.NaiveDatetimePicker(value=at, layout={"width": "auto"})
        control.observe(lambda change: self._choose(field.name, change["new"]), names="value")
        return ipywidgets.VBox([ipywidgets.Label(field.label), control])

    def _choose(self, name: str, value: object) -> None:
        if name == "watch":
            self._query.pop("incident", None)
        self._query[name] = value.isoformat(timespec="minutes") if isinstance(value, datetime) else str(value or "")
        self.draw()
