"""Pages of web sites: as robots.txt allows, one after another with pauses, and the article in them.

The article is found by trafilatura, where it is installed (`pip install crisislib[web]`); without it by the
page's own description and paragraphs, which takes menus and teasers for text now and then.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from crisislib.collect.http_client import Answer, HttpSettings, get
from crisislib.collect.http_redirects import AGENT
from crisislib.collect.sources.robots_rules import NOTHING, Robots, parse_robots
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_

logger = logging.getLogger(__name__)

ROBOT = AGENT.partition("/")[0]
"""Our product token in robots.txt."""
PAUSE_S = 1.0
"""Seconds between two pages of one site, where it asks for nothing else: less than a reader with two tabs."""
LONGEST_TEXT = 20_000
"""Characters of an article that are stored: of a report the beginning says what it is about."""
SHORTEST_PARAGRAPH = 40
"""Characters below which a paragraph is a button or a caption; counts for pages read without trafilatura only."""
_UNAVAILABLE = tuple(status for status in range(400, 500) if status != 429)
"""A site without a robots.txt allows all (RFC 9309, 2.3.1.3)."""


@dataclass(frozen=True)
class Article:
    """What a page says.

    Attributes
    ----------
    title, text, site, author, language : str
        As the page has them; empty where it does not.
    published : str
        As the page writes it, ISO mostly; empty where it does not say.
    """

    title: str
    text: str
    site: str = ""
    author: str = ""
    language: str = ""
    published: str = ""


@dataclass
class PageReader:
    """Reads pages politely during one fetch.

    Parameters
    ----------
    settings : HttpSettings
        Limits of each request.
    """

    settings: HttpSettings
    _robots: dict[str, Robots] = field(default_factory=dict)
    _asked: dict[str, float] = field(default_factory=dict)

    def robots(self, url: str) -> Robots:
        """The rules of the site of an address; read once.

        Parameters
        ----------
        url : str
            Any address on it.

        Raises
        ------
        SourceError
            The site does not answer.
        """
        origin = _origin(url)
        if origin not in self._robots:
            answer = self._get(f"{origin}/robots.txt", (*_UNAVAILABLE, 500, 501, 502, 503, 504), {})
            found = NOTHING
            if answer.status in _UNAVAILABLE:
                found = Robots()
            elif answer.status == 200:
                found = parse_robots(answer.content.decode("utf-8", "replace"), ROBOT)
            self._robots[origin] = found
        return self._robots[origin]

    def read(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """One page.

        Parameters
        ----------
        url : str
            Its address.
        headers : Mapping of str to str, optional
            Such as those that ask for a change only; 304 is an answer.

        Raises
        ------
        SourceError
            The site forbids it, or does not answer well.
        """
        if not self.robots(url).allows(url):
            raise SourceError(
                N_("robots.txt of the site forbids this page"), where=url, do=N_("ask the site, or take the page out")
            )
        return self._get(url, (304,), headers or {})

    def _get(self, url: str, also: tuple[int, ...], headers: Mapping[str, str]) -> Answer:
        origin = _origin(url)
        rules = self._robots.get(origin)
        pause = max(PAUSE_S, rules.delay_s if rules else 0.0)
        wait = self._asked.get(origin, -pause) + pause - time.monotonic()
        if origin in self._asked and wait > 0:
            time.sleep(wait)
        self._asked[origin] = time.monotonic()
        return get(url, headers={"Accept": "text/html,*/*;q=0.5", **headers}, settings=self.settings, also=also)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@cache
def _extractor() -> ModuleType | None:
    """trafilatura, where it is installed and whole."""
    if importlib.util.find_spec("trafilatura") is None:
        return None
    try:
        return importlib.import_module("trafilatura")
    except ImportError as fault:  # one of its own parts is missing
        logger.warning("trafilatura cannot be used: %s", fault)
        return None


def has_extractor() -> bool:
    """Whether trafilatura can be used."""
    return _extractor() is not None


def article_of(page: bytes, url: str) -> Article:
    """The article of a page.

    Parameters
    ----------
    page : bytes
        HTML.
    url : str
        Its address.
    """
    soup = BeautifulSoup(page, "html.parser")
    meta = {
        str(tag.get("property") or tag.get("name") or tag.get("itemprop")).lower(): str(
            tag.get("content") or ""
        ).strip()
        for tag in soup.find_all("meta")
        if isinstance(tag, Tag)
    }
    found = _extracted(page, url)
    heading = soup.title.get_text(" ", strip=True) if soup.title else ""
    root = soup.find("html")
    text = found.get("text") or ("" if has_extractor() else _paragraphs(soup)) or meta.get("description", "")
    return Article(
        title=found.get("title") or meta.get("og:title") or heading,
        text=(text or meta.get("og:description", ""))[:LONGEST_TEXT],
        site=meta.get("og:site_name") or found.get("sitename") or urlsplit(url).hostname or "",
        author=found.get("author") or meta.get("author", ""),
        language=str(root.get("lang") or "").partition("-")[0].lower() if isinstance(root, Tag) else "",
        published=_published(soup, meta) or found.get("date", ""),
    )


def _extracted(page: bytes, url: str) -> dict[str, str]:
    """What trafilatura finds; empty where it finds nothing."""
    trafilatura = _extractor()
    if trafilatura is None:
        return {}
    document: Any = trafilatura.bare_extraction(page, url=url, include_comments=False, with_metadata=True)
    names = ("title", "text", "sitename", "author", "date")
    return {name: str(value) for name in names if (value := getattr(document, name, None))}


def _paragraphs(soup: BeautifulSoup) -> str:
    part = soup.find("article") or soup.find("main") or soup
    texts = (p.get_text(" ", strip=True) for p in part.find_all("p")) if isinstance(part, Tag) else ()
    return "\n".join(text for text in texts if len(text) >= SHORTEST_PARAGRAPH)


def _published(soup: BeautifulSoup, meta: Mapping[str, str]) -> str:
    """When it was published, by what pages say of it: Open Graph, schema.org, `<time>`."""
    for name in ("article:published_time", "og:article:published_time", "datepublished", "date", "pubdate"):
        if meta.get(name):
            return meta[name]
    for script in soup.find_all("script", type="application/ld+json"):
        if at := _from_schema(script.get_text()):
            return at
    when = soup.select_one("article time[datetime], main time[datetime], time[datetime][pubdate]")
    return str(when["datetime"]) if when else ""


def _from_schema(text: str) -> str:
    """`datePublished` of the JSON that schema.org asks pages to hold."""
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    entries = entry if isinstance(entry, list) else [entry]
    entries += [one for e in entries if isinstance(e, dict) for one in e.get("@graph") or [] if isinstance(one, dict)]
    return next((str(e["datePublished"]) for e in entries if isinstance(e, dict) and e.get("datePublished")), "")
