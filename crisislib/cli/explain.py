"""Commands that let a language model write, where the user has set one: explain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from crisislib import engine
from crisislib.cli.common import LakeDir, Since, Until, WatchDir, WatchName, escape, instant, opened, out
from crisislib.core.i18n import N_, tr

NO_TITLE = N_("no title of the model's is borne out by its posts; the topics keep theirs")


def explain(
    watch: WatchName,
    since: Since = None,
    until: Until = None,
    draft: Annotated[bool, typer.Option("--draft", help="A draft of a statement instead of a summary.")] = False,
    fact: Annotated[
        list[str] | None, typer.Option("--fact", help="With --draft: what you have confirmed; once for each.")
    ] = None,
    titles: Annotated[bool, typer.Option("--titles", help="Give the topics titles instead.")] = False,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Let a language model of yours say what the posts report and demand; every sentence cites posts.

    Without --since it reads from the beginning of the incident, where one is open. Off unless CRISIS_LLM_URL (an
    OpenAI-compatible address) and CRISIS_LLM_MODEL are set, and CRISIS_LLM_KEY where it needs one. Posts are sent to
    that address. A sentence that its posts do not bear out is dropped, by a check of ours.
    """
    place, chosen = opened(watch, lake, watches)
    if titles:
        changed = engine.title_topics(place, chosen, now=place.now())
        for topic, before, after in changed.itertuples(index=False, name=None):
            out.print(escape(f"{topic}  {before} → {after}"))
        if changed.empty:
            out.print(tr(NO_TITLE, chosen.language))
        return
    facts = {str(number): words for number, words in enumerate(fact or [], 1)}
    begin = instant(since, chosen, "--since") or engine.incident_began(place, chosen)
    ended = instant(until, chosen, "--until")
    made = engine.explain(place, chosen, since=begin, until=ended, facts=facts, draft=draft)
    language = chosen.language
    out.print(escape(made.finding.render(language)))
    for number, post, url in made.cited.itertuples(index=False, name=None):
        out.print(escape(f"  [{number}] {post}  {url or ''}".rstrip()))
    for line in made.dropped_in_words(language):
        out.print(escape(line), style="dim")
    for line in made.finding.caveats(language):
        out.print(escape(line), style="dim")


commands: dict[str, Callable[..., None]] = {"explain": explain}
