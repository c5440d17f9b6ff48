"""The after-action review: crisis review."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import Annotated

import typer

from crisislib.cli.common import By, Incident, LakeDir, Language, WatchDir, WatchName, change_of, escape, opened, out
from crisislib.cli.respond import print_findings
from crisislib.cli.run import pairs
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, tr

CLAIM = N_("{number}. “{claim}” ({n} {n:post|posts})")
NO_CLAIMS = N_("The newest brief of this incident has no claim.")
RECORDED = N_(
    "Review {id} is recorded, by {by}: {kinds} {kinds:post|posts} labelled with the kind, {stories} "
    "{stories:story|stories} as rumour or not. They count from the next run; crisis teach --rumours learns from them."
)
NO_HARM = N_("The incident counts as a false alarm from the next crisis backtest on.")
ANSWER = {"yes": True, "no": False}


def review(
    watch: WatchName,
    kind: Annotated[str, typer.Option(help="The kind that it really was; as it stands if left out.")] = "",
    harm: Annotated[str, typer.Option(help="Whether it really was a crisis: yes or no.")] = "",
    claim: Annotated[
        list[str] | None, typer.Option(help="NUMBER=refuted or NUMBER=confirmed, as it turned out; repeat.")
    ] = None,
    why: Annotated[str, typer.Option(help="What that rests on; needed to record. Without it nothing is written.")] = "",
    by: By = None,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Review an incident afterwards: how the clocks were kept, and what is known by now; with --why it is recorded.

    Without --why it scores the clocks and lists the claims with their numbers. Recorded, it becomes labels with who and
    when: the kind on the posts with the claims, rumour or not on their stories. crisis teach --rumours learns from
    these, and crisis backtest counts an incident without harm as a false alarm. The report: crisis report aftermath.
    """
    from crisislib.engine import incident_review, response_work

    if harm and harm not in ANSWER:
        raise InputError(
            N_("{harm} is no answer"), where="--harm", do=N_("write yes or no"), facts={"harm": repr(harm)}
        )
    if not why and (kind or harm or claim):
        raise InputError(
            N_("no reason is given"), where="--why", do=N_("say what it rests on: a report, a ruling, a recall")
        )
    if not why:
        place, chosen = opened(watch, lake, watches)
        spoken = language or chosen.language
        scored = response_work.score(place, chosen, by=by or getpass.getuser(), now=place.now(), incident_id=incident)
        print_findings(scored.findings, spoken)
        known = incident_review.claims_of(place, chosen, incident_id=incident)
        for row in known.to_dict("records"):
            out.print(escape(tr(CLAIM, spoken, number=row["number"], claim=row["claim"], n=row["n"])))
        if known.empty:
            out.print(tr(NO_CLAIMS, spoken))
        return
    change = change_of(watch, by, lake, watches)
    spoken = language or change.watch.language
    answers = {_number(number): answer for number, answer in pairs(claim or [], "--claim").items()}
    done = incident_review.review(
        change, kind=kind, harm=ANSWER.get(harm), claims=answers, why=why, incident_id=incident
    )
    facts = {"id": done.entry["entry_id"], "by": change.by, "kinds": done.kind_labels, "stories": done.story_labels}
    out.print(escape(tr(RECORDED, spoken, **facts)))
    if harm == "no":
        out.print(tr(NO_HARM, spoken))


def _number(text: str) -> int:
    if not text.isdigit():
        raise InputError(
            N_("{text} is no number of a claim"), where="--claim", do=N_("write 1=refuted"), facts={"text": repr(text)}
        )
    return int(text)


commands: dict[str, Callable[..., None]] = {"review": review}
