"""What analysts and responders change on pages: the same steps that `crisis task`, `incident` and `release` take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from crisislib.core.errors import CrisisError, InputError
from crisislib.core.i18n import N_
from crisislib.engine import (
    explanation,
    incident_corrections,
    response_plan,
    statement_drafts,
    statement_release,
    team_tasks,
)
from crisislib.engine.analyst_actions import log_response
from crisislib.engine.statement_basis import ChangedSinceError
from crisislib.engine.team_change import TeamChange
from crisislib.workbench.pages.reading import Typed

Form = Mapping[str, str]
LONGEST_NOTE = 2000
"""Characters of a note that are kept: a page of text; more belongs into a document."""


def _step(form: Form) -> tuple[str, str]:
    return form.get("action", ""), form.get("note", "")


def _done(change: TeamChange, incident: str, form: Form) -> None:
    step, note = _step(form)
    response_plan.mark(change, [step], "done", note=note, incident_id=incident, pending_only=True)


def _left_out(change: TeamChange, incident: str, form: Form) -> None:
    step, note = _step(form)
    response_plan.mark(change, [step], "na", note=note, incident_id=incident, pending_only=True)


def _reopened(change: TeamChange, incident: str, form: Form) -> None:
    step, note = _step(form)
    response_plan.mark(change, [step], "open", note=note, incident_id=incident)


def _started(change: TeamChange, incident: str, form: Form) -> None:
    step, note = _step(form)
    team_tasks.start(change, [step], note=note, incident_id=incident)


def _assigned(change: TeamChange, incident: str, form: Form) -> None:
    step, note = _step(form)
    team_tasks.assign(change, [step], form.get("person", "").strip(), note=note, incident_id=incident)


def _commented(change: TeamChange, incident: str, form: Form) -> None:
    step, note = _step(form)
    team_tasks.comment(change, step, note, incident_id=incident)


def _retyped(change: TeamChange, incident: str, form: Form) -> None:
    kind, standing = form.get("kind", ""), form.get("standing", "")
    incident_corrections.retype(change, kind, why=form.get("note", ""), standing=standing, incident_id=incident)


def _closed(change: TeamChange, incident: str, form: Form) -> None:
    incident_corrections.settle(change, "closed", why=form.get("note", ""), incident_id=incident)


def _opened(change: TeamChange, incident: str, form: Form) -> None:
    incident_corrections.settle(change, "open", why=form.get("note", ""), incident_id=incident)


def _explained(change: TeamChange, incident: str, form: Form) -> None:
    explanation.explain_incident(change, incident_id=incident)


def _approved(change: TeamChange, incident: str, form: Form) -> None:
    statement_release.approve(change, form.get("action", ""), role=form.get("as", ""), content=form.get("content", ""))


def _rejected(change: TeamChange, incident: str, form: Form) -> None:
    statement_release.withdraw(change, form.get("action", ""), why=form.get("note", ""))


def _instant(change: TeamChange, given: str) -> datetime:
    """A time of a form, in the watch's zone."""
    try:
        at = datetime.fromisoformat(given)
    except ValueError as fault:
        raise InputError(
            N_("{given} is no time"), do=N_("write it as 2026-03-01T10:00"), facts={"given": repr(given)}
        ) from fault
    own = change.watch.zone if at.tzinfo is None else at.tzinfo
    return at.replace(tzinfo=own)


def _scheduled(change: TeamChange, incident: str, form: Form) -> None:
    statement_release.schedule(change, form.get("action", ""), at=_instant(change, form.get("at", "")))


def _logged(change: TeamChange, incident: str, form: Form) -> None:
    given = form.get("at", "").strip()
    log_response(
        change, kind=form.get("kind", ""), channel=form.get("channel", "").strip(), strategy="",
        url=form.get("url", "").strip(), text=form.get("text", "").strip(),
        at=_instant(change, given) if given else change.now, incident_id=incident,
    )  # fmt: skip


def _published(change: TeamChange, incident: str, form: Form) -> None:
    url, channel = form.get("url", ""), form.get("channel", "").strip()
    statement_release.publish(change, form.get("action", ""), url=url, channel=channel, at=change.now)


def _facts(form: Form) -> tuple[dict[str, str], dict[str, str]]:
    """Established facts and what bears them out, by place; what was left empty is not given."""
    given = {key: value.strip() for key, value in form.items() if value.strip()}
    facts = {key.removeprefix("fact:"): value for key, value in given.items() if key.startswith("fact:")}
    return facts, {key.removeprefix("proof:"): value for key, value in given.items() if key.startswith("proof:")}


def _answer(form: Form, question: str) -> bool | None:
    return {"yes": True, "no": False}.get(form.get(question, ""))


def _proposed(change: TeamChange, incident: str, form: Form) -> None:
    facts, evidence = _facts(form)
    statement_drafts.propose(
        change, form.get("draft", ""), facts=facts, evidence=evidence, claim_true=_answer(form, "true"),
        knew_before=_answer(form, "knew"), language=form.get("in") or None, incident_id=incident,
    )  # fmt: skip


def _filled(change: TeamChange, incident: str, form: Form) -> None:
    facts, evidence = _facts(form)
    statement_drafts.revise(
        change, form.get("action", ""), facts=facts, evidence=evidence, claim_true=_answer(form, "true"),
        content=form.get("content", ""),
    )  # fmt: skip


ACTIONS: Mapping[str, Mapping[str, Callable[[TeamChange, str, Form], None]]] = {
    "step": {
        "done": _done,
        "start": _started,
        "na": _left_out,
        "open": _reopened,
        "comment": _commented,
        "assign": _assigned,
    },
    "incident": {"retype": _retyped, "close": _closed, "reopen": _opened, "explain": _explained},
    "draft": {"propose": _proposed, "fill": _filled},
    "response": {"log": _logged},
    "statement": {"approve": _approved, "schedule": _scheduled, "publish": _published, "reject": _rejected},
}
"""What is changed, to how; the first is what a role may change."""


TYPED_AGAIN = {"draft", "response"}
"""Forms with more than a line of words, which stay in them where the change is refused."""
REASONED = {"na", "comment", "retype", "close", "reopen", "reject"}
"""Changes that are not made without words."""


class NoReasonError(InputError):
    """A change without the reason that it needs."""


def act(change: TeamChange, what: str, form: Form) -> None:
    """Change something, as a form of a page says.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    what : str
        Key of :data:`ACTIONS`.
    form : mapping of str to str
        `how`, `incident` and what the change needs.

    Raises
    ------
    CrisisError
        No such change, or the engine refuses it: the message says why.
    """
    how = ACTIONS[what].get(form.get("how", ""))
    if how is None:
        raise InputError(
            N_("{name} is no change of this"), do=N_("use the buttons of the page"),
            facts={"name": repr(form.get("how", ""))},
        )  # fmt: skip
    if form["how"] in REASONED and not form.get("note", "").strip():
        raise NoReasonError(N_("no reason is given"), do=N_("say why"))
    if len(form.get("note", "")) > LONGEST_NOTE:
        raise InputError(
            N_("the note is too long"), do=N_("keep it below {n} characters"), facts={"n": f"{LONGEST_NOTE:,}"}
        )
    how(change, form.get("incident", ""), form)


def typed_again(what: str, form: Form, fault: CrisisError) -> Typed:
    """What a reader typed into a form that was refused, so that the page shows it again.

    Parameters
    ----------
    what : str
        Key of :data:`ACTIONS`.
    form : mapping of str to str
        What they sent.
    fault : CrisisError
        Why it was refused.

    Returns
    -------
    tuple of (str, str)
        Its fields; beside what another has filled since only those that the reader changed.
    """
    if what not in TYPED_AGAIN:
        return ()
    if isinstance(fault, ChangedSinceError):
        mine = {f"{part}:{place}" if place else "true" for part, place in fault.mine}
        form = {name: value for name, value in form.items() if name in mine or name in {"action", "how"}}
    return tuple((name, value) for name, value in form.items() if name != "_xsrf")
