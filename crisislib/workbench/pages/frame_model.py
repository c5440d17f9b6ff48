"""What frames every page: navigation, data health, until when it was decided, filters, language, zone, foot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crisislib import __version__
from crisislib.core.i18n import N_
from crisislib.core.phrase import Both
from crisislib.core.watch import Watch
from crisislib.core.zone_names import zone_name
from crisislib.design import Chip
from crisislib.workbench.pages.address import FILTERING, LANGUAGES, PAGES, Address
from crisislib.workbench.pages.health_chip import (
    NEVER,
    ONE_WAITS,
    UNTIL,
    WAITING,
    health_chip,
    health_of,
    waiting,
)
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading
from crisislib.workbench.pages.visitor import NAME_PLACE, NOTICE_PLACE
from crisislib.workbench.selection import note_on

WORKBENCH = N_("Crisis Workbench")
PAGE_NAMES = {
    "situation": Both("态势", "Situation"),
    "incident": Both("事件", "Incident"),
    "spread": Both("传播", "Spread"),
    "response": Both("应对", "Response"),
    "posts": Both("帖子", "Posts"),
}
"""Short names for the navigation, in both languages at once: as sentences elsewhere these words mean other things."""
NOW = N_("read at {at}, {zone}")
COMMAND = N_("To label them:")
MADE = N_(
    "Data of {at} ({zone}); crisislib {version}; versions {versions}. Numbers lead to their posts; names are masked; "
    "words in quotes are those of the posts."
)
ALL = N_("all")
ROLE_NAMES = {"viewer": N_("Viewer"), "analyst": N_("Analyst"), "responder": N_("Responder")}
SIGNED, UNNAMED = N_("{name}, {role}"), N_("Say who you are, to settle steps")
FILTERS = {
    "watch": N_("Watch"),
    "incident": N_("Incident"),
    "platform": N_("Platform"),
    "sentiment": N_("Sentiment"),
    "since": N_("From"),
    "until": N_("To"),
    "tz": N_("Times in"),
}
MOODS = {"negative": N_("negative"), "neutral": N_("neutral"), "positive": N_("positive")}
FILTERED = ("incident", "posts")
"""Pages whose posts can be chosen; the others speak of the whole incident."""
WHOLE = N_("This page covers all posts: filters apply to the pages Incident and Posts.")
WRITTEN = N_("Times in tables and charts are in {zone}; sentences that the last run wrote give them in {own}.")
OF_A_LIST = ("root", "through", "group")
"""What one list of posts, or one tree, is of: other pages do not know it."""
DATA = N_("What the data cover, and what was assumed when they were read")
ZONES = ("Asia/Shanghai", "UTC", "Europe/London", "America/New_York")
"""Zones that are offered beside the watch's own; any other may be written into the address."""


@dataclass(frozen=True)
class Field:
    """One filter.

    Attributes
    ----------
    name, label : str
        In the address, and in words.
    options : sequence of (str, str)
        Value and words; empty for a time that is typed.
    value : str
        What is chosen.
    """

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    value: str


@dataclass(frozen=True)
class Frame:
    """What stands around a page.

    Attributes
    ----------
    title, brand, language : str
        Of the document; whose page; of the words.
    nav : sequence of (str, str, bool)
        Words, address, and whether it is this page.
    chips : sequence of Chip
        Health, judged until, other language.
    notes : sequence of (str, str, str)
        Sentence, command and tone.
    filters : sequence of Field
        What can be chosen.
    clear : str
        Address without filters; empty where none is chosen.
    hidden : sequence of (str, str)
        What the form must keep.
    foot, version, notice : str
        Last line; the version of the data, for live pages; where an answer to what the reader did is put in.
    data_title, data : str and sequence of str
        What the data of the page cover, lack and were assumed to be, folded below the last line.
    """

    title: str
    brand: str
    language: str
    nav: Sequence[tuple[str, str, bool]]
    chips: Sequence[Chip]
    notes: Sequence[tuple[str, str, str]]
    filters: Sequence[Field]
    clear: str
    hidden: Sequence[tuple[str, str]]
    foot: str
    version: str
    notice: str = NOTICE_PLACE
    data_title: str = ""
    data: Sequence[str] = ()


def navigation(address: Address, words: dict[str, str]) -> list[tuple[str, str, bool]]:
    """The links between pages; each keeps what was chosen.

    Parameters
    ----------
    address : Address
        This page.
    words : dict
        Page to its name.

    Returns
    -------
    list of (str, str, bool)
    """
    return [
        (words[page], address.to(page, number=1, sort="", **dict.fromkeys(OF_A_LIST, "")), page == address.page)
        for page in PAGES
    ]


def frame(
    reading: Reading,
    headline: str,
    *,
    watches: Sequence[Watch] = (),
    incidents: Sequence[tuple[str, str, bool]] = (),
    several: bool = False,
) -> Frame:
    """The frame of a page.

    Parameters
    ----------
    reading : Reading
        The reading.
    headline : str
        For the title of the document.
    watches : sequence of Watch
        What can be chosen.
    incidents : sequence of (str, str, bool)
        Id, title, and whether it is shown.
    several : bool
        Whether the page is of all watches.

    Returns
    -------
    Frame
    """
    address, language, snapshot = reading.address, reading.language, reading.snapshot
    name = reading.words(WORKBENCH) if several else snapshot.watch.name(language)
    words = {page: title.render(language) for page, title in PAGE_NAMES.items()}
    shown = {"POSTS", "LABELS", "SIGNALS", "FINDINGS"}
    facts = {
        "at": reading.time(reading.now),
        "zone": reading.zone_name,
        "version": __version__,
        "versions": " · ".join(f"{k} {v}" for k, v in snapshot.versions.items() if k in shown),
    }
    carried = ("language", "story", "claim", "account", "sort", *OF_A_LIST)
    unfiltered = dict.fromkeys((*FILTERING, *OF_A_LIST), "")
    return Frame(
        title=f"{headline} · {name}",
        brand=name,
        language=language,
        nav=navigation(address, words),
        chips=[*([] if several else [health_chip(reading)]), *_chips(reading, several)],
        notes=_notes(reading, several),
        filters=[] if several else _filters(reading, watches, incidents),
        clear=address.to(**unfiltered) if address.filtered() else "",
        hidden=[(k, v) for k in carried if (v := getattr(address, k))],
        foot=reading.words(MADE, **facts),
        version=version_of(reading),
        data_title=reading.words(DATA),
        data=() if several else health_of(reading).lines(language),
    )


def _chips(reading: Reading, several: bool) -> list[Chip]:
    """Until when it was decided, with the zone named once, and the page in the other language."""
    status, other = reading.status, "en" if reading.language == "zh" else "zh"
    if several:
        until = Chip(reading.words(NOW, at=reading.time(reading.now), zone=reading.zone_name))
    elif status.judged_until is None:
        until = Chip(reading.words(NEVER, zone=reading.zone_name), "bad")
    else:
        at = reading.time(status.judged_until)
        until = Chip(reading.words(UNTIL, at=at, zone=reading.zone_name), "bad" if status.level == "unknown" else "")
    words, who = LANGUAGES[other], []
    if reading.visitor.to_be_named:
        who = [Chip(reading.words(UNNAMED), "stale", href=f"/you?language={reading.language}")]
    elif reading.visitor.logged_in:
        role = reading.words(ROLE_NAMES[reading.visitor.role])
        name = reading.words(SIGNED, name=NAME_PLACE, role=role) if reading.visitor.named else role
        who = [Chip(name, href=f"/you?language={reading.language}")]
    return [until, *who, Chip(words, href=reading.address.to(language=other, number=reading.address.number))]


def version_of(reading: Reading) -> str:
    """What a live page compares: the versions of the lake, and whether the level still holds.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    str
    """
    return "-".join([*(str(v) for v in reading.snapshot.versions.values()), reading.status.level])


def _notes(reading: Reading, several: bool) -> list[tuple[str, str, str]]:
    home, made = reading.snapshot.home, []
    note = note_on(home, reading.language, zone=reading.zone, empty=False)
    if note:
        made.append((note, "", ""))
    if reading.address.page not in FILTERED and reading.address.filtered():
        made.append((reading.words(WHOLE), "", ""))
    own = reading.snapshot.watch.timezone
    if not several and reading.zone.key != own:
        names = {"zone": reading.zone_name, "own": zone_name(own, reading.language)}
        made.append((reading.words(WRITTEN, **names), "", ""))
    left = 0 if several or home.simulated else waiting(reading)
    if left:
        words = reading.words(ONE_WAITS if left == 1 else WAITING, n=f"{left:,}")
        made.append((f"{words} {reading.words(COMMAND)}", f"crisis run --watch {reading.snapshot.watch.watch}", "bad"))
    return made


def _filters(reading: Reading, watches: Sequence[Watch], incidents: Sequence[tuple[str, str, bool]]) -> list[Field]:
    address, language = reading.address, reading.language
    label = {name: reading.words(words) for name, words in FILTERS.items()}
    everything = ("", reading.words(ALL))
    rows = reading.snapshot.once("platforms", lambda: reading.snapshot.posts.platforms(Choice()))
    known = [(str(p), reading.platform(p)) for p in rows["platform"].dropna()]
    if address.platform and address.platform not in dict(known):  # of another watch: what governs the page is shown
        known.append((address.platform, reading.platform(address.platform)))
    zones = dict.fromkeys([reading.snapshot.watch.timezone, *ZONES, reading.zone.key])
    shown = next((i for i, _, on in incidents if on), "")
    fields = [
        Field("watch", label["watch"], [(w.watch, w.name(language)) for w in watches], reading.snapshot.watch.watch),
        Field("platform", label["platform"], [everything, *known], address.platform),
        Field("sentiment", label["sentiment"], [everything, *((k, reading.words(v)) for k, v in MOODS.items())],
              address.sentiment),
        Field("from", label["since"], [], address.since[:16]),
        Field("to", label["until"], [], address.until[:16]),
        Field("tz", label["tz"], [(z, zone_name(z, language, reading.now)) for z in zones],
              reading.zone.key),
    ]  # fmt: skip
    if address.page not in FILTERED:
        fields = [one for one in fields if one.name in {"watch", "tz"}]
    if len(incidents) > 1:
        fields.insert(1, Field("incident", label["incident"], [(i, t) for i, t, _ in incidents], shown))
    return fields
