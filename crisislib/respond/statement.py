"""Drafts: statement skeletons filled from facts only; what is not known stays a visible mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Literal

from crisislib.core.watch import Watch
from crisislib.respond.playbook import Playbook

_MARK = {"zh": "【待补充：{what}】", "en": "[TO FILL: {what}]"}


@dataclass(frozen=True)
class Text:
    """A draft as far as the facts allow.

    Attributes
    ----------
    draft, audience, title, language : str
        Which skeleton, for whom.
    text : str
        With a visible mark at every place that no fact fills.
    missing : tuple of str
        Names of those places; empty means ready for sign-off, never ready to send.
    """

    draft: str
    audience: str
    title: str
    language: str
    text: str
    missing: tuple[str, ...]


def statement(
    book: Playbook, draft: str, watch: Watch, *, facts: Mapping[str, str] | None = None, language: str | None = None
) -> Text:
    """Fill one draft of a playbook.

    Parameters
    ----------
    book : Playbook
        Whose drafts.
    draft : str
        `holding`, `statement`, `press_qa`, `reply`, `partner`, `internal`, `correction`, `regulator`, …
    watch : Watch
        Gives brand, spokesperson and language.
    facts : mapping, optional
        Place -> verified words. Nothing else enters the text; empty words count as not given.
    language : str, optional
        `zh` or `en`; the watch's own when not given.

    Returns
    -------
    Text
        The draft and what it still lacks.

    Raises
    ------
    PlaybookError
        The playbook has no such draft.
    """
    spoken: Literal["zh", "en"] = "zh" if (language or watch.language) == "zh" else "en"
    skeleton = book.draft(draft)
    known = {"brand": watch.brand.names[0], "spokesperson": watch.respond.spokesperson, **(facts or {})}
    pieces: list[str] = []
    missing: list[str] = []
    for literal, place, _, _ in Formatter().parse(getattr(skeleton, spoken)):
        pieces.append(literal)
        if place is None:
            continue
        if said := known.get(place, "").strip():
            pieces.append(said.rstrip("。.") if spoken == "zh" else said.rstrip("."))
        else:
            missing.append(place)
            pieces.append(_MARK[spoken].format(what=book.places[place][spoken]))
    once = tuple(dict.fromkeys(missing))
    return Text(draft, skeleton.audience, skeleton.title[spoken], spoken, "".join(pieces).strip(), once)


def pack(
    book: Playbook, watch: Watch, *, facts: Mapping[str, str] | None = None, audience: str | None = None
) -> list[Text]:
    """All drafts of a playbook in the watch's language, or those for one audience: the press or partner pack."""
    chosen = [d.id for d in book.statements if audience in (None, d.audience)]
    return [statement(book, name, watch, facts=facts) for name in chosen]
