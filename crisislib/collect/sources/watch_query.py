"""The watch's own query in the language of a source's search: `search: =query` in a watch file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from crisislib.collect.import_batch import Batch, Message
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_, tr
from crisislib.core.query import parse
from crisislib.core.query_translation import Dialect, Translation, translate
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

OWN_QUERY = "=query"
"""Stands in a watch file for the watch's query in the source's own language."""
ASKED_WIDER = N_("{source} is asked for more than the query says, and its posts are filtered here: {difference}")
ASKED = N_("{source} is asked: {text}")
DIALECTS: Mapping[str, Dialect] = {
    "talkwalker": Dialect("Talkwalker", "query", wildcard=True),
    "x": Dialect("X", "search", conjunction=" ", negation="-", longest=512),
    "reddit": Dialect("Reddit", "search", longest=512),
    "gdelt": Dialect("GDELT", "search", conjunction=" ", negation="-"),
}
"""Sources whose search can say a query: published operators, Reddit's length as its search box takes it."""


def own_query(use: SourceUse, watch: Watch) -> Translation | None:
    """The watch's query as a source is asked for it; None where the entry has words of its own.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file.
    watch : Watch
        Whose query it is.

    Raises
    ------
    SourceError
        The source has no search that could say it, the watch has no query, or it is too long.
    """
    places = [name for name, value in use.options.items() if value == OWN_QUERY]
    if not places:
        return None
    where, dialect = use.name or use.source, DIALECTS.get(use.source)
    if dialect is None or places != [dialect.option]:
        able = ", ".join(f"{name} ({d.option})" for name, d in DIALECTS.items())
        raise SourceError(
            N_("{places} cannot hold {own_query}"),
            where=where,
            do=N_("it is understood by {able}"),
            facts={"places": places[0], "own_query": OWN_QUERY, "able": able},
        )
    found = translate(parse(watch.query), dialect)
    if not found.text:
        raise SourceError(
            N_("nothing of the watch's query can be asked of {title}"),
            where=where,
            do=N_("write {option} in its own language, or give the watch a query with a word to look for"),
            facts={"title": dialect.title, "option": dialect.option},
        )
    if dialect.longest and len(found.text) > dialect.longest:
        raise SourceError(
            N_("the query has {text} characters for {title}, which takes {longest}"),
            where=where,
            do=N_("write a shorter {option} in its own language; posts are filtered by the watch's query anyway"),
            facts={
                "text": len(found.text),
                "title": dialect.title,
                "longest": dialect.longest,
                "option": dialect.option,
            },
        )
    return found


def with_own_query(use: SourceUse, watch: Watch) -> tuple[SourceUse, list[Message]]:
    """The entry with the query filled in, and in what the source is asked for more.

    Parameters
    ----------
    use, watch
        As of :func:`own_query`.
    """
    found = own_query(use, watch)
    if found is None:
        return use, []
    filled = use.model_copy(update={"options": {**use.options, DIALECTS[use.source].option: found.text}})
    return filled, [difference_message(use, watch, found)] if found.differences else []


def difference_message(use: SourceUse, watch: Watch, translation: Translation) -> Message:
    """What a reader should know of a translation.

    Parameters
    ----------
    use, watch
        As of :func:`own_query`.
    translation : Translation
        With differences.
    """
    words = "; ".join(tr(message, watch.language, **facts) for message, facts in translation.differences)
    return ASKED_WIDER, {"source": use.name or use.source, "difference": words}


def noted(batch: Batch, messages: Sequence[Message], language: str) -> Batch:
    """A batch whose record says these, too.

    Parameters
    ----------
    batch : Batch
        Of a fetch.
    messages : sequence of Message
        Marked sentences with their facts.
    language : str
        Of the watch.
    """
    if not messages:
        return batch
    row = batch.record.to_pylist()[0]
    lines = [*batch.warnings, *(tr(message, language, **facts) for message, facts in messages)]
    record = pa.Table.from_pylist([{**row, "warnings": "\n".join(lines)}], schema=batch.record.schema)
    return replace(batch, record=conform(record, "BATCHES"))


def queries_asked(watch: Watch) -> list[str]:
    """How each source of a watch is asked for the watch's query, and in what that is more than it says.

    Parameters
    ----------
    watch : Watch
        Its sources have been checked.
    """
    lines = []
    for use in watch.sources:
        found = own_query(use, watch)
        if found is None:
            continue
        asked = tr(ASKED, watch.language, source=use.name or use.source, text=found.text)
        message, facts = difference_message(use, watch, found)
        lines += [asked, *([tr(message, watch.language, **facts)] if found.differences else [])]
    return lines
