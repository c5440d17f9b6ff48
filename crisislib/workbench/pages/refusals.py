"""What a page answers to an address that asks for what is not there: what that is, and what there is instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crisislib.core.i18n import N_, tr
from crisislib.core.platforms import PLATFORMS
from crisislib.workbench.pages.address import LANGUAGES, PAGES, Address
from crisislib.workbench.pages.frame_model import FILTERS, MOODS, PAGE_NAMES, ZONES
from crisislib.workbench.pages.incident_model import ordered
from crisislib.workbench.pages.page_models import incident_choice
from crisislib.workbench.pages.page_words import page_words
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.posts_model import ORDERS, last_page
from crisislib.workbench.pages.reading import Reading
from crisislib.workbench.selection import Selection

NOT_KNOWN = N_("{name} “{value}” is not known")
NO_PAGE_OF_LIST = N_("The list has no page {number}: it ends with page {last}")
HOW_TIMES = N_("Times are written like {example}.")
EXAMPLE = "2026-11-30T08:00"
"""A time as an address says it."""
LABELS = {
    **{name: FILTERS[name] for name in ("platform", "sentiment", "tz")},
    "from": FILTERS["since"], "to": FILTERS["until"],
    "language": N_("Language"), "sort": N_("Order"), "number": N_("Page"),
}  # fmt: skip
"""What the reader knows each name of an address by."""
LINKS = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Fault:
    """One thing that is not there.

    Attributes
    ----------
    title, words : str
        What it is; how to go on.
    choices : sequence of (str, str)
        What there is: words and address.
    todo : sequence of str
        Commands.
    """

    title: str
    words: str = ""
    choices: LINKS = ()
    todo: Sequence[str] = ()


@dataclass(frozen=True)
class Refusal:
    """A page that shows no data.

    Attributes
    ----------
    status : int
        Of HTTP: 400 for what cannot be read, 404 for what is not there, 500 for a page that broke.
    faults : sequence of Fault
        Why; one at least.
    """

    status: int
    faults: Sequence[Fault]


def refused(reading: Reading, incidents: Sequence[tuple[str, str, bool]]) -> Refusal | None:
    """Why the page of an address is not shown.

    Parameters
    ----------
    reading : Reading
        The reading; its watch is there.
    incidents : sequence of (str, str, bool)
        Id and title of the incidents that are offered; older ones are known, too.

    Returns
    -------
    Refusal or None
        None where there is no reason.
    """
    address = reading.address
    if address.wrong:
        return Refusal(400, [_unreadable(reading, name, value) for name, value in address.wrong])
    w, faults = page_words(reading.language), []
    if address.incident and address.incident not in set(ordered(reading.snapshot)["incident_id"]):
        choices = [(words, address.to(incident=name)) for name, words, _ in incidents]
        faults.append(Fault(w["missing_incident"].format(name=address.incident), choices=choices))
    if address.platform and address.platform not in {*PLATFORMS, *(code for code, _ in _platforms(reading))}:
        choices = [(words, address.to(platform=code)) for code, words in _platforms(reading)]
        faults.append(Fault(_not_known(reading.language, "platform", address.platform), choices=choices))
    if not faults and address.page == "posts" and address.number > 1:
        faults += _beyond(reading, last_page(reading.snapshot.posts.count(incident_choice(reading))))
    return Refusal(404, faults) if faults else None


def no_watch(address: Address, selection: Selection, language: str) -> Refusal:
    """The answer where the watch is not there, or none is.

    Parameters
    ----------
    address : Address
        What was asked for.
    selection : Selection
        The watches that there are.
    language : {"zh", "en"}
        Of the page.

    Returns
    -------
    Refusal
    """
    w = page_words(language)
    if not selection.watches:
        return Refusal(404, [Fault(w["no_watches"], w["write_one"], todo=("crisis demo",))])
    at = Address(address.page, language=address.language)
    choices = [(one.name(language), at.to(watch=one.watch)) for one in selection.watches]
    return Refusal(404, [Fault(w["missing_watch"].format(name=address.watch), choices=choices)])


def no_page(language: str) -> Refusal:
    """The answer to an address that no page has.

    Parameters
    ----------
    language : {"zh", "en"}
        Of the page.

    Returns
    -------
    Refusal
    """
    choices = [(PAGE_NAMES[page].render(language), Address(page, language=language).to()) for page in PAGES]
    return Refusal(404, [Fault(page_words(language)["missing_page"], choices=choices)])


def _unreadable(reading: Reading, name: str, value: str) -> Fault:
    """A value that cannot be read, with those that can."""
    address, language = reading.address, reading.language
    offered: dict[str, LINKS] = {
        "language": [(words, address.to(language=key)) for key, words in LANGUAGES.items()],
        "tz": [(zone, address.to(tz=zone)) for zone in dict.fromkeys([reading.snapshot.watch.timezone, *ZONES])],
        "sentiment": [(reading.words(words), address.to(sentiment=key)) for key, words in MOODS.items()],
        "sort": [(reading.words(words), address.to(sort=key)) for key, words in ORDERS.items()],
        "number": [(f"{reading.words(LABELS['number'])} 1", address.to())],
    }
    how = reading.words(HOW_TIMES, example=EXAMPLE) if name in {"from", "to"} else ""
    return Fault(
        _not_known(language, name, value), how, offered.get(name, [(page_words(language)["go_on"], address.to())])
    )


def _beyond(reading: Reading, last: int) -> list[Fault]:
    """That a list ends before the page of it that was asked for."""
    address = reading.address
    title = reading.words(NO_PAGE_OF_LIST, number=f"{address.number:,}", last=f"{last:,}")
    choices = [(f"{reading.words(LABELS['number'])} {n:,}", address.to(number=n)) for n in dict.fromkeys((1, last))]
    return [Fault(title, choices=choices)] if address.number > last else []


def _not_known(language: str, name: str, value: str) -> str:
    return tr(NOT_KNOWN, language, name=tr(LABELS[name], language), value=value)


def _platforms(reading: Reading) -> list[tuple[str, str]]:
    """Platforms of which the watch has posts: code and name."""
    rows = reading.snapshot.once("platforms", lambda: reading.snapshot.posts.platforms(Choice()))
    return [(str(code), reading.platform(code)) for code in rows["platform"].dropna()]
