"""What a site's robots.txt allows (RFC 9309): wildcards and the longest match, which the standard library lacks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, unquote, urlsplit

LARGEST = 512_000
"""Characters that are read; RFC 9309 asks for 500 KiB at least."""
LONGEST_DELAY_S = 30.0
"""A site that asks for longer pauses gets this pause and fewer pages."""


@dataclass(frozen=True)
class Robots:
    """The rules of one site for us.

    Attributes
    ----------
    rules : tuple of (str, bool)
        Pattern of a path, and whether it is allowed.
    delay_s : float
        Pause that the site asks for between two requests.
    sitemaps : tuple of str
        Addresses of sitemaps.
    """

    rules: tuple[tuple[str, bool], ...] = ()
    delay_s: float = 0.0
    sitemaps: tuple[str, ...] = ()

    def allows(self, url: str) -> bool:
        """Whether an address may be asked: the longest matching rule says so, and of two equally long ones the milder.

        Parameters
        ----------
        url : str
            Address on the site.
        """
        parts = urlsplit(url)
        path = _plain(parts.path or "/") + (f"?{_plain(parts.query)}" if parts.query else "")
        if path == "/robots.txt":
            return True
        matching = [(len(pattern), allowed) for pattern, allowed in self.rules if _matches(pattern, path)]
        return max(matching, default=(0, True))[1]


NOTHING = Robots((("/", False),))
"""Where a site's rules cannot be read because it is broken: nothing is asked (RFC 9309, 2.3.1.4)."""


def parse_robots(text: str, agent: str) -> Robots:
    """The rules of a robots.txt for a robot.

    Parameters
    ----------
    text : str
        Content of the file.
    agent : str
        Product token of the robot; groups that name it go before those for all.
    """
    groups: dict[str, list[tuple[str, bool]]] = {}
    delays: dict[str, float] = {}
    sitemaps: list[str] = []
    names: list[str] = []
    heading = False
    for line in text[:LARGEST].lstrip("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            names = [*(names if heading else []), value.lower()]
            heading = True
            groups.setdefault(value.lower(), [])
            continue
        if key == "sitemap":
            sitemaps.append(value)
            continue
        heading = False
        for name in names:
            if key in ("allow", "disallow") and value:
                groups[name].append((_plain(value), key == "allow"))
            elif key == "crawl-delay" and value.replace(".", "", 1).isdigit():
                delays[name] = min(float(value), LONGEST_DELAY_S)
    mine = agent.lower() if agent.lower() in groups else "*"
    return Robots(tuple(groups.get(mine, ())), delays.get(mine, 0.0), tuple(sitemaps))


def _plain(path: str) -> str:
    """A path with every character in one spelling, so that `%7E` and `~` are the same."""
    return quote(unquote(path), safe="/*$?&=:;,@!+()'~%-._")


@cache
def _pattern(rule: str) -> re.Pattern[str]:
    ends = rule.endswith("$")
    parts = re.sub(r"\*+", "*", rule.removesuffix("$")).split("*")
    return re.compile(".*?".join(map(re.escape, parts)) + (r"\Z" if ends else ""), re.DOTALL)


def _matches(rule: str, path: str) -> bool:
    return _pattern(rule).match(path) is not None
