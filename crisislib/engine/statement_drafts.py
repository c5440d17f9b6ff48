"""Statements as drafts: proposed with a strategy, filled from facts with their evidence, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from babel.dates import format_date

from crisislib import respond
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.phrase import Both, Listing, Phrase, unpack
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import claim_known, incident_of
from crisislib.engine.logbook_reading import entries_of
from crisislib.engine.response_plan import playbooks
from crisislib.engine.response_work import DAY_LOCALES
from crisislib.engine.statement_basis import CLAIM, FACT, PROOF, entered_in, in_words, own_changes
from crisislib.engine.team_change import TeamChange
from crisislib.engine.team_logbook import STATEMENT, EntryChanges, record_decided, record_entry


def propose(
    change: TeamChange,
    draft: str,
    *,
    facts: Mapping[str, str],
    evidence: Mapping[str, str],
    claim_true: bool | None = None,
    knew_before: bool | None = None,
    owner: str = "",
    language: str | None = None,
    incident_id: str = "",
) -> dict[str, Any]:
    """Put a statement on its way: the strategy with its reasons, and the draft filled from facts with their evidence.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    draft : str
        Which skeleton of the incident's playbook.
    facts : mapping of str to str
        Place -> established words; nothing else enters the text.
    evidence : mapping of str to str
        Place -> what bears its words out.
    claim_true : bool, optional
        Whether what people say is true; None where that is open, unless the incident stands as confirmed.
    knew_before : bool, optional
        Whether the company knew before; None where that is open.
    owner : str
        Who sees to it; the author when empty.
    language : str, optional
        `zh` or `en`; the watch's own when left out.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    dict
        The LOGBOOK row.

    Raises
    ------
    CrisisError
        There is no such incident, draft or place.
    """
    incident = incident_of(change.home, change.watch, incident_id)
    claim_true = claim_known(incident, claim_true)
    kind = incident["kind"] if isinstance(incident["kind"], str) else "other"
    book = playbooks(change.home).for_kind(kind)
    advice = respond.strategy(kind, change.watch, book, known_true=claim_true, knew_before=knew_before)
    known = dict(facts)
    spoken = language or change.watch.language
    if "date" in book.places:
        known.setdefault(
            "date", format_date(incident["opened_at"].astimezone(change.watch.zone), "long", locale=DAY_LOCALES[spoken])
        )
    text = respond.statement(book, draft, change.watch, facts=known, language=spoken)
    content = {
        "draft": draft, "playbook": book.playbook, "language": text.language, "text": text.text, "facts": known,
        "evidence": dict(evidence), "claim_true": claim_true, "strategy": list(advice.tags), "author": change.by,
        "advised": list(advice.advised), "avoid": list(advice.avoid),
        "reasons": [reason for _, reason in advice.reasons], "approvals": {},
    }  # fmt: skip
    title = text.title.render(spoken)
    return record_entry(
        change,
        STATEMENT,
        title,
        about=draft,
        owner=owner or change.by,
        facts=content,
        note=in_words(entered_in(facts, evidence, None), book).render(change.watch.language),
        incident_id=str(incident["incident_id"]),
    )


def revise(
    change: TeamChange,
    statement_id: str,
    *,
    facts: Mapping[str, str],
    evidence: Mapping[str, str],
    claim_true: bool | None = None,
    content: str = "",
) -> dict[str, Any]:
    """Fill a draft further, or otherwise; approvals of what it said before fall, and what others filled stays.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    statement_id : str
        Which.
    facts, evidence : mapping of str to str
        What is added or replaced.
    claim_true : bool, optional
        Whether the claim is true, where that is now known.
    content : str
        Hash of what was read before, or its first digits; the newest version by the same person when empty.

    Returns
    -------
    dict
        The LOGBOOK row, a draft again.

    Raises
    ------
    ChangedSinceError
        Somebody else has filled the same place since.
    CrisisError
        There is no such statement or place, or it is published.
    """
    books = playbooks(change.home)

    def refilled(row: dict[str, Any]) -> EntryChanges:
        before = standing(row, ("draft", "approved", "scheduled"))
        mine = own_changes(change, row, entered_in(facts, evidence, claim_true), content)
        known = before["facts"] | {place: words for (what, place), words in mine.items() if what == FACT}
        proven = before["evidence"] | {place: words for (what, place), words in mine.items() if what == PROOF}
        book = books.named(before["playbook"])
        text = respond.statement(book, before["draft"], change.watch, facts=known, language=before["language"])
        new = {
            "facts": known, "evidence": proven, "text": text.text, "approvals": {},
            "claim_true": mine.get((CLAIM, ""), before["claim_true"]), "author": change.by,
        }  # fmt: skip
        return {"status": "draft", "facts": new, "note": in_words(mine, book).render(change.watch.language)}

    return record_decided(change, statement_id, refilled)


def content_faults(home: Home, watch: Watch, content: Mapping[str, Any]) -> list[Phrase]:
    """Why a content must not go out yet, whoever holds it.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    content : mapping
        As :func:`standing` gives it.

    Returns
    -------
    list of Phrase
        Empty where nothing speaks against it.
    """
    book, text = _filled(home, watch, content)
    skeleton = book.draft(content["draft"]).placeholders()
    return respond.statement_faults(
        replace(text, text=content["text"]),  # what is on record goes out, whatever the playbook says by now
        {k: v for k, v in content["facts"].items() if k in skeleton}, content["evidence"],
        places={key: respond.both(words) for key, words in book.places.items()},
        forbidden=[(one.words, respond.both(one.why)) for one in book.forbidden],
        claim_false=content["claim_true"] is False,
    )  # fmt: skip


def open_places(home: Home, watch: Watch, content: Mapping[str, Any]) -> Mapping[str, Both]:
    """The places of a statement that nobody has filled.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    content : mapping
        As :func:`standing` gives it.

    Returns
    -------
    mapping of str to Both
        Place -> what belongs there.
    """
    return _filled(home, watch, content)[1].missing


def _filled(home: Home, watch: Watch, content: Mapping[str, Any]) -> tuple[respond.Playbook, respond.Text]:
    """The playbook of a statement, and its skeleton with the facts that are established."""
    book = playbooks(home).named(content["playbook"])
    draft, language = content["draft"], content["language"]
    return book, respond.statement(book, draft, watch, facts=content["facts"], language=language)


def content_of(
    home: Home, watch: Watch, statement_id: str, states: tuple[str, ...] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A statement as it stands: its LOGBOOK row, and its text, facts, evidence, strategy, reasons and approvals.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    statement_id : str
        Which.
    states : tuple of str
        In which of these it must be; any when empty.

    Returns
    -------
    tuple of dict and dict
        The row, and what its `facts` hold.

    Raises
    ------
    CrisisError
        There is no such statement, or it is in another state.
    """
    row = respond.entry(entries_of(home, watch, kind=STATEMENT), statement_id)
    return row, standing(row, states)


def standing(row: Mapping[str, Any], states: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the row of a statement holds: text, facts, evidence, strategy, reasons and approvals.

    Parameters
    ----------
    row : mapping
        A LOGBOOK row.
    states : tuple of str
        In which of these it must be; any when empty.

    Returns
    -------
    dict
        The content.

    Raises
    ------
    InputError
        It is no statement, or in another state.
    """
    if row["kind"] != STATEMENT:
        raise InputError(
            N_("{entry} is no statement"), do=N_("crisis log list --kind statement names them"),
            facts={"entry": row["entry_id"]},
        )  # fmt: skip
    if states and row["status"] not in states:
        names = Listing(tuple(Phrase(respond.STATE_NAMES[one]) for one in states))
        raise InputError(
            N_("statement {entry} is {state}"), do=N_("that can be done while it is {states}"),
            facts={"entry": row["entry_id"], "state": Phrase(respond.STATE_NAMES[row["status"]]), "states": names},
        )  # fmt: skip
    return unpack(row["facts"]) or {}
