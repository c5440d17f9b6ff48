"""Drafts: statement skeletons filled from facts only; what is not known stays a visible mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Literal

import pandas as pd

from crisislib.core.errors import PlaybookError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.phrase import Both, Listing, Phrase
from crisislib.core.schema_faults import near
from crisislib.core.watch import Watch
from crisislib.respond.playbook import Playbook
from crisislib.respond.roles_resources import both

_MARK = {"zh": "【待补充：{what}】", "en": "[TO FILL: {what}]"}
"""What stands in a draft where no fact does; in the language of the draft, not of the reader."""
_EXERCISE = N_("[DRILL: an exercise, not for publication]")
_READY = N_("Draft “{title}” ({audience}): every place is filled; it is ready for sign-off, not for sending.")
_MISSING = N_("Draft “{title}” ({audience}): not established yet: {missing}.")
AUDIENCES: dict[str, str] = {
    "public": N_("the public"),
    "press": N_("the press"),
    "customer": N_("a customer"),
    "partner": N_("partners"),
    "staff": N_("staff"),
    "authority": N_("an authority"),
}
"""For whom a draft is; gettext ids."""


@dataclass(frozen=True)
class Text:
    """A draft as far as the facts allow.

    Attributes
    ----------
    draft, audience, language : str
        Which skeleton, for whom.
    title : Both
        Its name.
    text : str
        With a visible mark at every place that no fact fills.
    missing : Mapping[str, Both]
        Those places with what belongs there; empty means ready for sign-off, never ready to send.
    """

    draft: str
    audience: str
    title: Both
    language: str
    text: str
    missing: Mapping[str, Both]

    def finding(self) -> Finding:
        """What the draft lacks; its table holds the draft."""
        facts: dict[str, object] = {"title": self.title, "audience": Phrase(AUDIENCES[self.audience])}
        if self.missing:
            facts["missing"] = Listing(tuple(self.missing.values()))
        row = {"draft": self.draft, "audience": self.audience, "language": self.language, "text": self.text}
        table = pd.DataFrame([{**row, "missing": " ".join(self.missing)}])
        return Finding("statement.draft", _MISSING if self.missing else _READY, facts, table, weight=0.5)


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
        The playbook has no such draft, or no such place.
    """
    skeleton = book.draft(draft)
    if unknown := sorted(set(facts or {}) - set(book.places)):
        raise PlaybookError(
            N_("{playbook} has no place {names}"), do=N_("use {known}"),
            facts={"playbook": book.playbook, "names": ", ".join(unknown),
                   "known": near(unknown[0], book.places, most=40)},
        )  # fmt: skip
    spoken: Literal["zh", "en"] = "zh" if (language or watch.language) == "zh" else "en"
    if not getattr(skeleton, spoken).strip():  # a playbook may speak one language only
        spoken = "en" if spoken == "zh" else "zh"
    known = {"brand": watch.brand_name.render(spoken), "spokesperson": watch.respond.spokesperson, **(facts or {})}
    pieces: list[str] = []
    missing: dict[str, Both] = {}
    for literal, place, _, _ in Formatter().parse(getattr(skeleton, spoken)):
        pieces.append(literal)
        if place is None:
            continue
        if place in skeleton.each:
            pieces.append("{" + place + "}")
        elif words := known.get(place, "").strip():
            pieces.append(words.rstrip("。.") if spoken == "zh" else words.rstrip("."))
        else:
            missing[place] = both(book.places[place])
            pieces.append(_MARK[spoken].format(what=missing[place].render(spoken)))
    text = "".join(pieces).strip()
    if watch.drill:
        text = f"{tr(_EXERCISE, spoken)}\n{text}"
    return Text(draft, skeleton.audience, both(skeleton.title), spoken, text, missing)


def pack(
    book: Playbook,
    watch: Watch,
    *,
    facts: Mapping[str, str] | None = None,
    audience: str | None = None,
    language: str | None = None,
) -> list[Text]:
    """All drafts of a playbook, or those for one audience: the press or partner pack.

    Parameters
    ----------
    book : Playbook
        Whose drafts.
    watch : Watch
        Brand, spokesperson and time zone that fill places.
    facts : mapping of str to str, optional
        Place to its text; what is not known is marked in the draft.
    audience : str, optional
        One of :data:`AUDIENCES`; all when None.
    language : str, optional
        `zh` or `en`; that of the watch when None.

    Returns
    -------
    list of Text
        In the order of the playbook.

    Raises
    ------
    PlaybookError
        There is no such audience, or a fact fills no place.
    """
    if audience is not None and audience not in AUDIENCES:
        raise PlaybookError(
            N_("{audience} is no audience"),
            do=N_("use one of {audiences}"),
            facts={"audience": repr(audience), "audiences": ", ".join(AUDIENCES)},
        )
    chosen = [d.id for d in book.statements if audience in (None, d.audience)]
    return [statement(book, name, watch, facts=facts, language=language) for name in chosen]
