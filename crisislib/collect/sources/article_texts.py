"""Full text for items that name an address: each page read once, as its site allows, the rest the next times."""

from __future__ import annotations

from collections.abc import Sequence

from crisislib.collect.http_client import HttpSettings
from crisislib.collect.import_batch import Message
from crisislib.collect.sources.live_source import Item, State
from crisislib.collect.sources.page_reader import Article, PageReader, article_of, has_extractor
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.phrase_types import Phrase

WITHOUT = N_("{n} of {all} articles of {source} are stored by title only; their pages could not be read: {why}")
NO_EXTRACTOR = N_("the package trafilatura is not installed; the text of pages is taken from their paragraphs")
LATER = N_("{n} {n:article|articles} of {source} {n:is|are} stored by title for now; the pages will be read next")
REMEMBERED = 2000
"""Addresses whose page was read: more than a site has on its front pages."""


def with_texts(
    items: Sequence[Item], settings: HttpSettings, state: State, *, most: int, name: str
) -> tuple[list[Item], State, list[Message]]:
    """Items with the text of their pages.

    Parameters
    ----------
    items : sequence of Item
        With `url`; those whose page cannot be read keep what they have.
    settings : HttpSettings
        Limits of each request.
    state : dict
        `read`: marks of addresses that were read before; `later`: items that wait for theirs.
    most : int
        Pages at most.
    name : str
        Of the source, for messages.

    Returns
    -------
    items : list of Item
        Those that were not read before, and those that waited, now with their text.
    state : dict
        After it.
    messages : list of Message
        What a reader should know.
    """
    reader = PageReader(settings)
    read: list[str] = list(state.get("read", []))
    known = set(read)
    fresh = [item for item in items if short_hash(str(item.get("url"))) not in known]
    queue = {str(item["url"]): item for item in (*state.get("later", []), *fresh) if item.get("url")}
    waiting = sorted(queue.values(), key=lambda item: str(item.get("created")), reverse=True)  # the newest first
    faults: list[Phrase] = []
    full: dict[str, Item] = {}
    for item in waiting[:most]:
        url = str(item["url"])
        read.append(short_hash(url))
        try:
            article = article_of(reader.read(url).content, url)
        except SourceError as fault:
            faults.append(fault.wrong)
            continue
        full[url] = _filled(item, article)
    rest = waiting[most:][:REMEMBERED]
    messages: list[Message] = []
    if faults:
        messages.append((WITHOUT, {"n": len(faults), "all": len(waiting[:most]), "source": name, "why": faults[-1]}))
    if rest:
        messages.append((LATER, {"n": len(rest), "source": name}))
    if full and not has_extractor():
        messages.append((NO_EXTRACTOR, {}))
    given = [full.pop(str(item.get("url")), item) for item in fresh]
    return [*given, *full.values()], {**state, "read": read[-REMEMBERED:], "later": rest}, messages


def _filled(item: Item, article: Article) -> Item:
    """An item with what its page says; its own time and title go before."""
    title, text = str(item.get("title") or article.title), article.text or str(item.get("text") or "")
    given = {**item, "title": title, "text": text, "name": item.get("name") or article.site}
    return {**given, "lang": item.get("lang") or article.language or None}
