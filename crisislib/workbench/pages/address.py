"""What a reader asks for, as the address of a page says it: every filter stands there, so that a view can be sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

PAGES = ("situation", "incident", "spread", "response")
"""In the order of the navigation."""
LONGEST = 200
"""Characters of one value that are read: ids are shorter, and nothing longer should be echoed back."""
MOST_PAGES = 10_000
"""Page of a list up to which is asked: a million posts at a hundred a page."""
NAMES = {"since": "from", "until": "to"}
"""Field to its name in the address, where they differ."""
FILTERING = ("platform", "sentiment", "story", "claim", "account", "since", "until")
"""Fields that choose posts."""
LANGUAGES = {"zh": "中文", "en": "English"}
"""Languages of pages, each by its own name."""
SENTIMENTS = ("negative", "neutral", "positive")
"""Classes of sentiment that posts can be chosen by."""


@dataclass(frozen=True)
class Address:
    """A page with everything that was chosen on it; empty means not chosen.

    Attributes
    ----------
    page : str
        Which page.
    watch, incident : str
        Name of the watch; id of the incident.
    platform, sentiment, story, claim, account : str
        Filters: platform, class of sentiment, narrative, claim that a run found, account id.
    since, until : str
        ISO 8601, from and to when posts were created; `from` and `to` in the address.
    root, through, group : str
        Story: post id of its root; on the list of posts also the account through which they came, and a group of
        accounts that act together.
    language : {"", "zh", "en"}
        Of the page.
    tz : str
        Zone in which times are shown.
    sort : {"", "time"}
        Order of posts: most passed on first, or newest first.
    number : int
        Page of a list, from 1.
    wrong : tuple of (str, str)
        Names and values of the address that cannot be read; they count as not chosen, and the page says so.
    """

    page: str = "situation"
    watch: str = ""
    incident: str = ""
    platform: str = ""
    sentiment: str = ""
    story: str = ""
    claim: str = ""
    account: str = ""
    since: str = ""
    until: str = ""
    root: str = ""
    through: str = ""
    group: str = ""
    language: str = ""
    tz: str = ""
    sort: str = ""
    number: int = 1
    wrong: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, page: str, query: Mapping[str, str]) -> Address:
        """The address from its query; what cannot be read counts as not chosen and is listed in `wrong`.

        Parameters
        ----------
        page : str
            Which page.
        query : mapping of str to str
            The last value of each name.

        Returns
        -------
        Address
        """
        asked = {name: query.get(NAMES.get(name, name), "")[:LONGEST] for name in CHOSEN}
        readable: dict[str, Callable[[str], bool]] = {
            "language": LANGUAGES.__contains__,
            "tz": lambda value: value in _zones(),
            "sort": "time".__eq__,
            "sentiment": SENTIMENTS.__contains__,
            "since": lambda value: _instant(value, UTC) is not None,
            "until": lambda value: _instant(value, UTC) is not None,
            "number": lambda value: value.isdecimal() and int(value) > 0,
        }
        wrong = [name for name, reads in readable.items() if asked[name] and not reads(asked[name])]
        values: dict[str, Any] = asked | dict.fromkeys(wrong, "")
        values["number"] = min(int(values["number"] or 1), MOST_PAGES)
        return cls(page, **values, wrong=tuple((NAMES.get(name, name), asked[name]) for name in wrong))

    def to(self, page: str = "", **changes: object) -> str:
        """The address of another view.

        Parameters
        ----------
        page : str
            Which page; the same one when empty.
        **changes : object
            Fields that differ; an empty value chooses nothing.

        Returns
        -------
        str
            Path and query.
        """
        changed = replace(self, **{"number": 1, "wrong": (), **changes})  # type: ignore[arg-type]
        return f"/{page or self.page}" + changed.query()

    def query(self) -> str:
        """The query of this address with its question mark; empty where nothing is chosen."""
        pairs = {NAMES.get(f.name, f.name): getattr(self, f.name) for f in fields(self) if f.name in CHOSEN}
        if self.number == 1:
            pairs.pop("number")
        chosen = {k: v for k, v in pairs.items() if v}
        return f"?{urlencode(chosen)}" if chosen else ""

    def unfiltered(self) -> Address:
        """The same without what chooses posts, for pages that cover all of them; the story that is drawn stays."""
        return replace(self, **dict.fromkeys((*FILTERING, "through", "group"), ""))  # type: ignore[arg-type]

    def filtered(self) -> bool:
        """Whether posts are chosen: then numbers of a whole run do not hold for what is shown."""
        listed = (self.root, self.through, self.group) if self.page == "posts" else ()
        return any((*(getattr(self, name) for name in FILTERING), *listed))

    def window(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """Bounds over when posts were created.

        Parameters
        ----------
        zone : ZoneInfo
            In which times without a zone are read.

        Returns
        -------
        since, until : datetime or None
            UTC; None where nothing is chosen.
        """
        return _instant(self.since, zone), _instant(self.until, zone)


CHOSEN = tuple(f.name for f in fields(Address) if f.name not in {"page", "wrong"})
"""What an address says beside its page."""


@cache
def _zones() -> set[str]:
    """Names of all zones; reading their folder takes longer than a page may."""
    return available_timezones()


def _instant(text: str, zone: object) -> datetime | None:
    try:
        made = datetime.fromisoformat(text) if text else None
    except ValueError:  # typed by hand
        return None
    if made is None:
        return None
    return (made if made.tzinfo else made.replace(tzinfo=zone)).astimezone(UTC)  # type: ignore[arg-type]
