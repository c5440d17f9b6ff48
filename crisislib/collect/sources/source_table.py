"""The table of live sources, and the one door to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crisislib.collect.import_batch import Batch
from crisislib.collect.importing import export_folder
from crisislib.collect.sources import (
    bluesky,
    brandwatch,
    crawler,
    discourse,
    gdelt,
    hacker_news,
    jetstream,
    mastodon,
    meltwater,
    reddit,
    rss,
    rsshub,
    site_pages,
    sprout,
    talkwalker,
    telegram_channels,
    watched_pages,
    x_search,
    youtube,
)
from crisislib.collect.sources.live_source import Source, State
from crisislib.collect.sources.source_options import with_secrets
from crisislib.collect.sources.watch_query import noted, with_own_query
from crisislib.core.credentials import has_place
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import Both, Listing, Phrase
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

SOURCES: Mapping[str, Source] = {
    "rss": rss.SOURCE,
    "folder": export_folder.SOURCE,
    "mastodon": mastodon.SOURCE,
    "bluesky": bluesky.SOURCE,
    "crawler": crawler.SOURCE,
    "sprout": sprout.SOURCE,
    "talkwalker": talkwalker.SOURCE,
    "brandwatch": brandwatch.SOURCE,
    "meltwater": meltwater.SOURCE,
    "hackernews": hacker_news.SOURCE,
    "discourse": discourse.SOURCE,
    "reddit": reddit.SOURCE,
    "youtube": youtube.SOURCE,
    "telegram": telegram_channels.SOURCE,
    "x": x_search.SOURCE,
    "gdelt": gdelt.SOURCE,
    "site": site_pages.SOURCE,
    "page": watched_pages.SOURCE,
    "rsshub": rsshub.SOURCE,
    "jetstream": jetstream.SOURCE,
}
"""Live source by name."""
SHIPPED = frozenset(SOURCES)
"""Names that a user's own source may not take."""


def check_use(use: SourceUse) -> Source:
    """The source that an entry of a watch file means.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file.

    Raises
    ------
    SourceError
        There is no such source, an option is unknown, missing or wrong, or a `${NAME}` in it has no value.
    """
    if use.source not in SOURCES:
        raise SourceError(
            N_("there is no source {source!r}"),
            where=use.name or use.source,
            do=N_("use one of {sources}"),
            facts={"source": use.source, "sources": ", ".join(SOURCES)},
        )
    source, where = SOURCES[use.source], use.name or use.source
    if plain := [n for n in source.secrets if use.options.get(n) and not has_place(str(use.options[n]))]:
        raise SourceError(
            N_("option {plain} holds a secret in plain text"),
            where=where,
            do=N_("write {plain}: ${{NAME}}, and set NAME in the environment or store it in the keyring"),
            facts={"plain": plain[0]},
        )
    use = with_secrets(use)
    known = N_("known are {known}")
    listed = ", ".join(f"{name} ({option.about})" for name, option in source.options.items())
    about = {"known": Both(zh="、".join(source.options), en=listed)}
    if unknown := [name for name in use.options if name not in source.options]:
        raise SourceError(N_("unknown options {unknown}"), where=where, do=known, facts={"unknown": unknown, **about})
    if missing := [name for name in source.required if not use.options.get(name)]:
        raise SourceError(
            N_("options {missing} are missing"), where=where, do=known, facts={"missing": missing, **about}
        )
    found = {name: source.options[name].wrong(value) for name, value in use.options.items()}
    wrong = Listing(tuple(Phrase(N_("{name}: {why}"), {"name": n, "why": why}) for n, why in found.items() if why))
    if wrong.items:
        raise SourceError(N_("option {wrong}"), where=where, do=known, facts={"wrong": wrong, **about})
    if source.either and sum(bool(use.options.get(name)) for name in source.either) != 1:
        raise SourceError(
            N_("needs one of {either}"),
            where=where,
            do=known,
            facts={"either": Both(zh="、".join(source.either), en=" and ".join(source.either)), **about},
        )
    return source


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Ask one live source for what is new.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file.
    watch : Watch
        Its query chooses the posts.
    state : dict
        What this source handed back last time; empty the first time. Not changed.
    now : datetime
        UTC.

    Returns
    -------
    Batch
        New posts; empty where there are none.
    dict
        The state to hand in next time.

    Raises
    ------
    SourceError
        The source did not answer, refused, or sent what we do not understand; the state stays valid.
    """
    source = check_use(use)
    asked, messages = with_own_query(use, watch)
    batch, after = source.fetch(with_secrets(asked), watch, state=dict(state), now=now)
    return noted(batch, messages, watch.language), after
