"""The first page of a report as a mail: tables with values of the design, since mail programs know no style sheet."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import jinja2
import vl_convert

from crisislib.core.i18n import N_, tr
from crisislib.design.design_tokens import FONT_NAMES, LIGHT
from crisislib.workbench.pages.incident_model import IncidentPage
from crisislib.workbench.pages.page_words import page_words
from crisislib.workbench.pages.reading import Reading

FOOT = N_("{brand}, read at {at} ({zone}). The report with the posts behind every figure is attached.")
FONT = "'Segoe UI','PingFang SC','Microsoft YaHei',Arial,sans-serif"
"""Fonts that Outlook, Apple Mail and Chinese systems have; nothing is fetched."""
SCALE = 1.6
"""Times finer than the page that the picture is drawn, for screens with many pixels."""


def mail(reading: Reading, page: IncidentPage) -> dict[str, Any]:
    """The mail of a report.

    Parameters
    ----------
    reading : Reading
        What the page was made from.
    page : IncidentPage
        The first page.

    Returns
    -------
    dict
        `subject`, `html` (pictures by `cid:`), `text`, `images` (name to base64 of a PNG).
    """
    language, watch = reading.language, reading.snapshot.watch
    subject = f"{page.level.word}: {page.headline} · {watch.name(language)}"
    facts = {"brand": watch.name(language), "at": reading.time(reading.now), "zone": reading.zone_name}
    level, drawing = page.level.key, picture(page.course.wide)
    html = _template().render(
        lang=language, subject=subject, page=page, w=page_words(language), font=FONT, foot=tr(FOOT, language, **facts),
        t=LIGHT, colour=LIGHT[f"level-{level}"],
        drawn=bool(drawing), on=LIGHT["on-level-yellow"] if level == "yellow" else LIGHT["on-level"],
    )  # fmt: skip
    image = base64.b64encode(drawing).decode("ascii")
    text = as_text(page, page_words(language))
    return {"subject": subject, "html": html, "text": text, "images": {"course": image} if drawing else {}}


def picture(svg: str) -> bytes:
    """A drawing of a page as a PNG on white, for mail programs, which draw no SVG.

    Parameters
    ----------
    svg : str
        From :mod:`crisislib.workbench.pages.chart_svg`; its colours are variables.

    Returns
    -------
    bytes
        Empty where there is no drawing.
    """
    if not svg:
        return b""
    plain = re.sub(r"var\(--([\w-]+)\)", lambda m: LIGHT.get(m[1], LIGHT["ink"]), svg)
    head, _, rest = plain.partition(">")
    whole = f'{head} font-family="{FONT_NAMES}"><rect x="-50" y="-50" width="9999" height="9999" fill="#ffffff"/>{rest}'
    drawn: bytes = vl_convert.svg_to_png(whole, scale=SCALE)
    return drawn


def as_text(page: IncidentPage, words: Mapping[str, str]) -> str:
    """A page as plain text, for terminals and for mail programs that show no HTML.

    Parameters
    ----------
    page : IncidentPage
        The page.
    words : mapping of str to str
        Headings of its parts, see :func:`crisislib.workbench.pages.page_words.page_words`.
    """
    tiles = [f"{tile.label}: {tile.value}" + (f" ({tile.note})" if tile.note else "") for tile in page.tiles]
    steps = [f"- {one.title} ({one.detail})" for one in page.steps]
    sayings = [f"- {one.text} ({one.count})" for one in page.sayings]
    head = f"{page.level.word}: {page.headline}"
    about = " · ".join(one for one in (page.standing, page.sub) if one)
    named = (("do_now", steps), ("changed", page.changes), ("people_say", sayings))
    rest = [line for key, lines in named if lines for line in ("", words[key], *lines)]
    return "\n".join([head, about, "", *tiles, *rest]).strip()


@cache
def _template() -> jinja2.Template:
    from crisislib.design import template_environment

    return template_environment(jinja2.PackageLoader("crisislib.workbench", "templates")).get_template("mail.html.j2")
