"""What somebody had read who fills a draft: nobody's words are replaced by somebody who has not seen them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crisislib import respond
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.phrase import Both, Listing, Phrase, unpack
from crisislib.engine.logbook_reading import history_of
from crisislib.engine.response_plan import playbooks
from crisislib.engine.team_change import TeamChange

NAMED_BY = 8
"""Digits of a content's hash that name it at least: one in four thousand million others begins alike."""
FACT, PROOF, CLAIM = "fact", "proof", "claim"
Key = tuple[str, str]
"""What can be filled: :data:`FACT` or :data:`PROOF` of a place, or :data:`CLAIM` and nothing."""
_WORDS = {
    FACT: N_("{place}: “{words}”"), PROOF: N_("{place}, borne out by: “{words}”"),
    CLAIM: N_("what people say is true: {words}"),
}  # fmt: skip
_BY = N_("{change} ({by}, {at})")
_ANSWERS = {True: N_("yes"), False: N_("no")}
JOINT = N_("; ")


class ChangedSinceError(InputError):
    """Somebody else has filled the same place since.

    Parameters
    ----------
    statement_id : str
        Which statement.
    changes : Listing
        What was filled since, by whom and when.
    now : str
        Digits of what it says now.
    mine : mapping
        What was to be filled, so that it is not lost.
    """

    def __init__(self, statement_id: str, changes: Listing, now: str, mine: Mapping[Key, object]) -> None:
        self.mine = dict(mine)
        super().__init__(
            N_("{entry} was changed since you read it: {changes}"), where="--content",
            do=N_("read what it says now (content {now}), and fill it in again if yours shall stand"),
            facts={"entry": statement_id, "changes": changes, "now": now},
        )  # fmt: skip


def fingerprint(content: Mapping[str, Any]) -> str:
    """What an approval names: it changes with every word, fact, proof and answer of a statement.

    Parameters
    ----------
    content : mapping
        As :func:`crisislib.engine.statement_drafts.content_of` gives it.

    Returns
    -------
    str
        SHA-256 over text, facts, evidence and whether the claim is true, as hexadecimal digits.
    """
    entered = {key: content[key] for key in ("draft", "language", "text", "facts", "evidence", "claim_true")}
    return hashlib.sha256(json.dumps(entered, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def entered_in(facts: Mapping[str, str], evidence: Mapping[str, str], claim_true: bool | None) -> dict[Key, object]:
    """What is filled, by what can be filled; an open claim is not.

    Parameters
    ----------
    facts, evidence : mapping of str to str
        Place -> words.
    claim_true : bool or None
        Whether what people say is true.

    Returns
    -------
    dict
    """
    entered: dict[Key, object] = {(FACT, place): words for place, words in facts.items()}
    entered |= {(PROOF, place): words for place, words in evidence.items()}
    return entered if claim_true is None else entered | {(CLAIM, ""): claim_true}


def own_changes(
    change: TeamChange, row: Mapping[str, Any], given: Mapping[Key, object], read: str
) -> dict[Key, object]:
    """What somebody changes in a draft, of all that a form sends; refused where another has filled the same place.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    row : mapping
        The LOGBOOK row of the statement as it stands.
    given : mapping
        What is to stand there; see :func:`entered_in`.
    read : str
        Digits of the content that they had read; the newest that is their own when empty, else none of it.

    Returns
    -------
    dict
        What differs from what they had read.

    Raises
    ------
    ChangedSinceError
        The same place says something else since.
    InputError
        No version of the statement has these digits.
    """
    history = history_of(change.home, change.watch, str(row["entry_id"])).to_dict("records")
    versions = [{str(column): cell for column, cell in one.items()} for one in history]
    contents = [unpack(one["facts"]) or {} for one in versions]
    basis = _basis(row, versions, contents, change.by, read.strip().lower())
    base, now = _entered(contents[basis]) if basis >= 0 else {}, _entered(contents[-1])
    mine = {key: words for key, words in given.items() if not _same(words, base.get(key))}
    theirs = {key for key in now if not _same(now[key], base.get(key))}
    lost = {key[1] for key, words in mine.items() if not _same(words, now.get(key))} & {key[1] for key in theirs}
    if lost:
        book = playbooks(change.home).named(contents[-1]["playbook"])
        since = [key for key in theirs if key[1] in lost]
        changes = [_by(key, versions, contents, book, change) for key in sorted(since)]
        raise ChangedSinceError(
            str(row["entry_id"]), Listing(tuple(changes), JOINT), fingerprint(contents[-1])[:NAMED_BY], mine
        )
    return mine


def in_words(entered: Mapping[Key, object], book: respond.Playbook) -> Listing:
    """What was filled, as the history of a statement shows it.

    Parameters
    ----------
    entered : mapping
        See :func:`entered_in`.
    book : Playbook
        Its places have names.

    Returns
    -------
    Listing
    """
    return Listing(tuple(_phrase(key, words, book) for key, words in entered.items()), JOINT)


def _entered(content: Mapping[str, Any]) -> dict[Key, object]:
    return entered_in(content["facts"], content["evidence"], content["claim_true"])


def _same(one: object, other: object) -> bool:
    """Whether two values say the same; a field of one line drops the breaks of lines that it is given."""
    plain = ["".join(value.splitlines()).strip() if isinstance(value, str) else value for value in (one, other)]
    return plain[0] == plain[1]


def _basis(
    row: Mapping[str, Any], versions: Sequence[Mapping[str, Any]], contents: Sequence[Mapping[str, Any]], by: str,
    read: str,
) -> int:  # fmt: skip
    """Which version was read; -1 for none."""
    if not read:
        return max((n for n, one in enumerate(versions) if one["by"] == by), default=-1)
    known = [n for n, one in enumerate(contents) if len(read) >= NAMED_BY and fingerprint(one).startswith(read)]
    if not known:
        raise InputError(
            N_("{entry} has no version {named}"), where="--content",
            do=N_("read it again (crisis release show), and name the digits that it has now"),
            facts={"entry": row["entry_id"], "named": read},
        )  # fmt: skip
    return known[-1]


def _phrase(key: Key, words: object, book: respond.Playbook) -> Phrase:
    what, place = key
    name: object = respond.both(book.places[place]) if place in book.places else Both(place, place)
    answer = Phrase(_ANSWERS[words]) if isinstance(words, bool) else words
    return Phrase(_WORDS[what], {"place": name, "words": answer})


def _by(
    key: Key, versions: Sequence[Mapping[str, Any]], contents: Sequence[Mapping[str, Any]], book: respond.Playbook,
    change: TeamChange,
) -> Phrase:  # fmt: skip
    """What stands at a place now, and who wrote it there when."""
    now = _entered(contents[-1])[key]
    first = len(versions) - 1
    while first and _same(_entered(contents[first - 1]).get(key), now):
        first -= 1
    at = pd.Timestamp(versions[first]["at"]).astimezone(change.watch.zone)
    return Phrase(_BY, {"change": _phrase(key, now, book), "by": str(versions[first]["by"]), "at": f"{at:%m-%d %H:%M}"})
