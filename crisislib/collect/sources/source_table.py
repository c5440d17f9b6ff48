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
            f"there is no source {use.source!r}", where=use.name or use.source, do=f"use one of {', '.join(SOURCES)}"
        )
    source, where = SOURCES[use.source], use.name or use.source
    if plain := [n for n in source.secrets if use.options.get(n) and not has_place(str(use.options[n]))]:
        raise SourceError(
            f"option {plain[0]} holds a secret in plain text",
            where=where,
            do=f"write {plain[0]}: ${{NAME}}, and set NAME in the environment or store it in the keyring",
        )
    use = with_secrets(use)
    known = "known are " + ", ".join(f"{name} ({option.about})" for name, option in source.options.items())
    if unknown := [name for name in use.options if name not in source.options]:
        raise SourceError(f"unknown options {unknown}", where=where, do=known)
    if missing := [name for name in source.required if not use.options.get(name)]:
        raise SourceError(f"options {missing} are missing", where=where, do=known)
    wrong = [f"{n}: {said}" for n, value in use.options.items() if (said := source.options[n].wrong(value))]
    if wrong:
        raise SourceError(f"option {'; '.join(wrong)}", where=where, do=known)
    if source.either and sum(bool(use.options.get(name)) for name in source.either) != 1:
        raise SourceError(f"needs one of {' and '.join(source.either)}", where=where, do=known)
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
