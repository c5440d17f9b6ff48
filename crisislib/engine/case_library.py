"""What was done last time: a watch's own closed incidents and public past cases, searched by likeness."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from crisislib import respond
from crisislib.core.errors import PlaybookError
from crisislib.core.evidence import posts_of
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.phrase import Listing, Phrase, render
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import alerted_at, incident_of
from crisislib.engine.incident_review import claims_of
from crisislib.engine.rendering import KINDS, incident_title, strategy_words
from crisislib.engine.response_plan import playbook_folders
from crisislib.nlp.classify.sensitive_subjects import GENERAL, industry_of

FOLDER = "cases"
"""Folder beside the playbooks' with cases of the user's own, in files of the library's form."""
POSTS_READ = 20
"""Posts of an incident whose words a search takes: its evidence, the most telling first."""
COMPARED = 3
"""Cases that a comparison of losses names: what a reader takes in."""
TURNED_OUT: dict[str, Literal["true", "false"]] = {"confirmed": "true", "denied": "false"}
"""Standing of a closed incident -> how its claim turned out; any other leaves it open."""
NO_CASE = N_("No past case is like this one.")
_RESPONSE = N_("{kind} after {hours} h")
_NONE = N_("no response is on record")
_HEAD = N_("{name} · {kind} · {truth} · likeness {likeness} ({reasons})")
_OWN = N_("{name} (your own) · {kind} · {truth} · likeness {likeness} ({reasons})")
_CLAIM, _OUTCOME = N_("  Claim: {claim}"), N_("  What was done: {outcome}")
_FIRST = N_("  First answer after about {hours} h")
_STRATEGIES, _LOSS, _SOURCES = N_("  Answered by: {strategies}"), N_("  Loss: {losses}"), N_("  Sources: {sources}")
_COMPARE = N_(
    "Like cases of the past with a known loss, as their sources give it and not scaled to your size: {cases}."
)
_NO_COMPARE = N_("No like case of the past with a known loss is in the library (crisis cases).")
_ONE = N_("{name}: {losses}")
_LEFT_OUT = N_("A file of past cases has a fault and was left out ({where}: {what}).")
_LIKENESS = N_("Chosen by kind, subject, industry and the words of the claims; a comparison, not a forecast.")


def case_folders(home: Home) -> list[Path]:
    """Folders in which a user's own case files are searched.

    Parameters
    ----------
    home : Home
        The workbench.

    Returns
    -------
    list of Path
        They need not exist.
    """
    return [folder.with_name(FOLDER) for folder in playbook_folders(home)]


def case_faults(home: Home) -> list[PlaybookError]:
    """What is wrong with the user's case files; a file with a fault is left out of every search.

    Parameters
    ----------
    home : Home
        The workbench.

    Returns
    -------
    list of PlaybookError
        Each with file, line and what to do.
    """
    return respond.cases_in(case_folders(home))[1]


def all_cases(home: Home, watch: Watch, *, without: str = "") -> list[respond.PastCase]:
    """A watch's closed incidents, the user's own case files, and the shipped library.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    without : str
        Id of an incident that is left out: the one at hand.

    Returns
    -------
    list of PastCase
        Own ones first.
    """
    rows = home.lake.read("INCIDENTS", watch=watch.watch)
    closed = rows[(rows["status"] == "closed") & rows["merged_into"].isna() & (rows["incident_id"] != without)]
    own = [_own_case(home, watch, {str(k): v for k, v in row.items()}) for row in closed.to_dict("records")]
    return [*own, *respond.cases_in(case_folders(home))[0], *respond.public_cases()]


def like_incident(home: Home, watch: Watch, *, incident_id: str = "", most: int = 5) -> list[respond.LikeCase]:
    """The past cases most like an incident.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    incident_id : str
        The incident; the latest when empty.
    most : int
        Cases at most.

    Returns
    -------
    list of LikeCase
        The likest first.

    Raises
    ------
    CrisisError
        There is no such incident.
    """
    row = incident_of(home, watch, incident_id)
    cases = all_cases(home, watch, without=str(row["incident_id"]))
    return respond.like_cases(cases, _at_hand(home, watch, row), kinds=KINDS, most=most)


def like_text(home: Home, watch: Watch, text: str, *, kind: str = "", most: int = 5) -> list[respond.LikeCase]:
    """The past cases most like some words.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    text : str
        What is claimed.
    kind : str
        A kind of crisis; any when empty.
    most : int
        Cases at most.

    Returns
    -------
    list of LikeCase
        The likest first.
    """
    hand = respond.CaseAtHand(text=text, kind=kind, sector=_sector(watch))
    return respond.like_cases(all_cases(home, watch), hand, kinds=KINDS, most=most)


def loss_comparison(home: Home, watch: Watch, incident: Mapping[str, Any]) -> Finding:
    """What like cases of the past have cost, beside the loss that is assessed.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    incident : mapping
        The INCIDENTS row.

    Returns
    -------
    Finding
        `risk.cases`; its table has a row for each case and loss.
    """
    cases = [one for one in all_cases(home, watch, without=str(incident["incident_id"])) if one.losses]
    like = respond.like_cases(cases, _at_hand(home, watch, incident), kinds=KINDS, most=COMPARED)
    if not like:
        return Finding("risk.cases", _NO_COMPARE, {}, pd.DataFrame(), silent=True)
    rows = [
        {"case": one.case.name, "likeness": round(one.likeness, 3), "what": loss.what, "amount": loss.amount,
         "currency": loss.currency, "source": "; ".join(s.url or s.title for s in one.case.sources)}
        for one in like for loss in one.case.losses
    ]  # fmt: skip
    named = tuple(Phrase(_ONE, {"name": one.case.title, "losses": one.case.loss_words}) for one in like)
    facts = {"cases": Listing(named)}
    left_out = [Phrase(_LEFT_OUT, {"where": fault.where, "what": fault.wrong}) for fault in case_faults(home)]
    return Finding("risk.cases", _COMPARE, facts, pd.DataFrame(rows), limits=[Phrase(_LIKENESS), *left_out], weight=0.4)


def case_in_words(one: respond.LikeCase, language: str) -> list[str]:
    """A past case as lines to read.

    Parameters
    ----------
    one : LikeCase
        The case, and why it is like the one at hand.
    language : str
        `zh` or `en`.

    Returns
    -------
    list of str
        Head, claim, what was done, first answer, strategies, loss, sources; what is not known is left out.
    """
    case = one.case
    reasons = Listing(tuple(one.reasons)).render(language)
    kind = tr(KINDS.get(case.kind, case.kind), language)
    truth = tr(respond.TRUTH_WORDS[case.turned_out], language)
    name = case.title.render(language)
    facts = {"name": name, "kind": kind, "truth": truth, "likeness": f"{one.likeness:.2f}", "reasons": reasons}
    lines = [tr(_OWN if case.own else _HEAD, language, **facts)]
    lines.append(tr(_CLAIM, language, claim=case.claim_words().render(language)))
    lines.append(tr(_OUTCOME, language, outcome=case.outcome_words().render(language)))
    if case.first_response_hours is not None:
        lines.append(tr(_FIRST, language, hours=f"{case.first_response_hours:g}"))
    if case.strategies:
        lines.append(tr(_STRATEGIES, language, strategies=strategy_words(" ".join(case.strategies), language)))
    if case.loss_words is not None:
        lines.append(tr(_LOSS, language, losses=case.loss_words.render(language)))
    sources = tr("; ", language).join(f"{s.title} {s.url}".strip() for s in case.sources)
    return [*lines, tr(_SOURCES, language, sources=sources)]


def _words(home: Home, watch: Watch, incident: Mapping[str, Any]) -> str:
    """Its title where a person gave one, and the words of its claims; where the brief names none, of its evidence."""
    title = incident.get("title")
    said = title if isinstance(title, str) else ""
    claims = claims_of(home, watch, incident_id=str(incident["incident_id"]))
    if len(claims):
        return " ".join([said, *claims["claim"]])
    ids = ", ".join("'" + one.replace("'", "''") + "'" for one in posts_of(incident.get("evidence"))[:POSTS_READ])
    posts = home.lake.sql("POSTS", watch=watch.watch).filter(f"post_id IN ({ids or 'NULL'})").project("text")
    return " ".join([said, *(row[0] or "" for row in posts.fetchall())])


def _at_hand(home: Home, watch: Watch, incident: Mapping[str, Any]) -> respond.CaseAtHand:
    """What an incident is compared by: kind, subject, industry, standing, and the words of its claims."""
    keys = ("kind", "subject", "standing")
    known = {key: incident[key] if isinstance(incident.get(key), str) else "" for key in keys}
    return respond.CaseAtHand(text=_words(home, watch, incident), sector=_sector(watch), **known)


def _sector(watch: Watch) -> str:
    """The industry of a watch; empty where its file names none."""
    name: str = industry_of(watch)
    return "" if name == GENERAL else name


def _own_case(home: Home, watch: Watch, incident: dict[str, Any]) -> respond.PastCase:
    """A closed incident in the form of the library."""
    own = str(incident["incident_id"])
    log = home.lake.read("RESPONSES", watch=watch.watch)
    log = log[log["incident_id"] == own].sort_values("at")
    alerted = alerted_at(home, watch, incident)
    hours = [max(0.0, (at - alerted).total_seconds() / 3600) for at in log["at"]]
    answers = [
        Phrase(_RESPONSE, {"kind": Phrase(respond.RESPONSE_KINDS.get(kind, kind)), "hours": f"{after:.1f}"})
        for kind, after in zip(log["kind"], hours, strict=True)
    ]
    risks = home.lake.read("RISKS", watch=watch.watch, present=False)
    risks = risks[(risks["incident_id"] == own) & risks["loss_p50"].notna()].sort_values("loss_p50").tail(1)
    losses = [
        respond.CaseLoss(what="estimate", amount=float(one["loss_p50"]), currency=str(one["currency"]))
        for one in risks.to_dict("records")
    ]
    outcome = Listing(tuple(answers)) if answers else Phrase(_NONE)
    note = incident.get("note")
    closed = f" ({note})" if isinstance(note, str) and note else ""
    tags = [tag for cell in log["strategy"].fillna("") for tag in cell.split()]
    return respond.PastCase(
        id=own, brand=watch.name("en"), started=f"{incident['opened_at'].astimezone(watch.zone):%Y-%m-%d}",
        kind=str(incident["kind"] or "other"), subject=str(incident.get("subject") or ""), sector=_sector(watch),
        claim=_both(incident_title(incident, watch)), own=True,
        turned_out=TURNED_OUT.get(str(incident.get("standing")), "open"),
        first_response_hours=round(hours[0], 1) if hours else None,
        strategies=list(dict.fromkeys(tags)), losses=losses,
        outcome={language: str(render(outcome, language)) + closed for language in ("en", "zh")},
        sources=[respond.CaseSource(title=f"crisis report aftermath --watch {watch.watch} -p incident={own}")],
    )  # fmt: skip


def _both(words: object) -> dict[Any, str]:
    return {language: str(render(words, language)) for language in ("en", "zh")}
