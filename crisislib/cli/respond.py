"""Commands of the response team: respond, ack, effect, strategy, statement, pack."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crisislib import engine
from crisislib.cli.common import (
    By,
    Incident,
    LakeDir,
    Language,
    WatchDir,
    WatchName,
    change_of,
    err,
    escape,
    home,
    instant,
    opened,
    out,
    words_or_file,
)
from crisislib.cli.error_language import watch_in
from crisislib.cli.run import pairs
from crisislib.cli.typed_command import typed
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, tr

if TYPE_CHECKING:
    from rich.console import Console

    from crisislib.core.finding import Finding
    from crisislib.core.phrase import Both
    from crisislib.engine.response_work import Text


Fill = Annotated[list[str] | None, typer.Option("--fill", "-f", help="An established fact, name=words.")]
WHY = N_("Why")
NO_RESPONSES = N_(
    "No response has been logged for {watch} up to {now}, so there is no effect to estimate. Log what was "
    "done, then ask again: {command}"
)
LOG_ONE = "respond --watch {watch} --kind statement --by NAME --text 'what was published'"
"""Completed so that it can be typed as it stands, but for the name and the words."""
FILL_WITH = N_("  --fill {place}=…  ({words})")
WRITTEN = N_("{n} {n:draft|drafts} in {folder}")


def respond(
    watch: WatchName,
    kind: Annotated[str, typer.Option(help="holding, statement, press_conference, one_to_one, partner, internal …")],
    by: Annotated[str, typer.Option(help="Who did it.")],
    channel: Annotated[str, typer.Option(help="Where: weibo, x, press, e-mail, phone …")] = "",
    strategy: Annotated[str, typer.Option(help="SCCT or Benoit tag, as crisis strategy names it.")] = "",
    url: Annotated[str, typer.Option(help="Where it can be read.")] = "",
    text: Annotated[str, typer.Option(help="What was published, or a file as @statement.txt.")] = "",
    at: Annotated[str | None, typer.Option(help="When, in the watch's zone; now if left out.")] = None,
    incident: Annotated[str, typer.Option(help="Its id; the newest that had begun by then if left out.")] = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Log what was done, so that whether it worked can be measured.

    A step of the plan that such a response fulfils (the holding statement, one-to-one replies, the letter to
    partners …) is ticked off with it; after its due time it counts as late.
    """
    change = change_of(watch, by, lake, watches)
    said = words_or_file(text, "--text")
    logged = engine.log_response(
        change,
        kind=kind,
        channel=channel,
        strategy=strategy,
        url=url,
        text=said,
        at=instant(at, change.watch, "--at", before=change.now) or change.now,
        incident_id=incident,
    )
    out.print(escape(logged))


def print_places(missing: Mapping[str, Both], language: str, console: Console) -> None:
    """How the open places of a draft are filled: the keys that --fill takes, and what belongs there."""
    for place, words in missing.items():
        console.print(escape(tr(FILL_WITH, language, place=place, words=words.render(language))), style="dim")


def ack(
    watch: WatchName,
    by: Annotated[str, typer.Option(help="Who takes it.")],
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Acknowledge the open incident of a watch: escalation stops, the incident stays."""
    place = home(lake, watches, None, watch)
    out.print(escape(engine.acknowledge(place, watch_in(place, watch), by=by, now=place.now())))


def effect(watch: WatchName, lake: LakeDir = None, watches: WatchDir = None) -> None:
    """Whether the logged responses changed anything: before and after, with intervals.

    Where none is logged, says so and how to log one; that is no error.
    """
    place, chosen = opened(watch, lake, watches)
    now = place.now()
    found = engine.effects(place.lake, chosen, now=now)
    print_findings(found, chosen.language)
    if not found:
        command = f"{typed()} {LOG_ONE.format(watch=watch)}"
        local = f"{now.astimezone(chosen.zone):%Y-%m-%d %H:%M}"
        words = tr(NO_RESPONSES, chosen.language, watch=chosen.name(), now=local, command=command)
        out.print(escape(words), soft_wrap=True)


def strategy(
    watch: WatchName,
    claim: Annotated[str, typer.Option(help="Is what people say true? true, false or unknown.")] = "unknown",
    knew: Annotated[str, typer.Option(help="Did the company know before? yes, no or unknown.")] = "unknown",
    by: By = None,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Propose what to say in principle about the open incident, and why, rule by rule.

    Situational crisis communication theory over the kind of incident and the watch's crisis_history and
    reputation. Give --claim and --knew as soon as they are known: they change the answer. Advice, not a decision.
    """
    from crisislib.engine import response_work

    place, chosen = opened(watch, lake, watches)
    advice = response_work.strategy(
        place, chosen, by=by or getpass.getuser(), now=place.now(), incident_id=incident,
        known_true=known_answer(claim, {"true": True, "false": False}, "--claim"),
        knew_before=known_answer(knew, {"yes": True, "no": False}, "--knew"),
    )  # fmt: skip
    spoken = language or chosen.language
    print_findings([advice.finding()], spoken)
    out.print(f"[bold]{tr(WHY, spoken)}[/bold]")
    for _, reason in advice.reasons:
        out.print(f"  · {escape(reason.render(spoken))}")
    line = f"{typed()} respond --watch {watch} --kind statement --by NAME --text @statement.txt"
    line += f" --strategy {','.join(advice.tags)}"
    out.print(escape(line), style="dim", soft_wrap=True)


def statement(
    draft: Annotated[str, typer.Argument(help="holding statement press_qa reply partner internal correction …")],
    watch: WatchName,
    playbook: Annotated[str, typer.Option(help="Its name; that of the incident's kind if left out.")] = "",
    fill: Fill = None,
    final: Annotated[bool, typer.Option("--final", help="Refuse a draft in which a place is not filled.")] = False,
    by: By = None,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Draft a statement from the playbook's skeleton and established facts.

    Nothing but the facts that you give (--fill what_happened="…" --fill contact=…), the brand, the spokesperson
    and the day on which the incident began enters the text. What is not established stays a visible mark, is
    listed, and with --final is refused. The draft is for sign-off; nothing is published.
    """
    from crisislib.engine import response_work

    place, chosen = opened(watch, lake, watches)
    text = response_work.drafts(
        place, chosen, [draft], by=by or getpass.getuser(), now=place.now(), playbook=playbook,
        facts=pairs(fill or [], "--fill"), language=language, incident_id=incident,
    )[0]  # fmt: skip
    if final and text.missing:
        raise InputError(
            N_("the draft {draft} is not ready: {missing} not established"),
            where="--final",
            do=N_("give each as --fill name=words, or leave out --final for a draft with marks"),
            facts={"draft": repr(draft), "missing": ", ".join(text.missing)},
        )
    out.print(escape(text.text))
    err.print(escape(text.finding().render(language or chosen.language)), style="yellow" if text.missing else "green")
    print_places(text.missing, language or chosen.language, err)


def pack(
    watch: WatchName,
    folder: Annotated[Path, typer.Option("--to", help="Folder for the drafts; made where it is not there.")],
    audience: Annotated[
        str | None, typer.Option(help="Only for: public press customer partner staff authority.")
    ] = None,
    playbook: Annotated[str, typer.Option(help="Its name; that of the incident's kind if left out.")] = "",
    fill: Fill = None,
    by: By = None,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Write all drafts of a playbook into a folder: statements, press questions, letters, replies.

    One Markdown file a draft, filled from the same facts; each says what is still to be established.
    """
    from crisislib.engine import response_work

    place, chosen = opened(watch, lake, watches)
    texts = response_work.drafts(
        place, chosen, by=by or getpass.getuser(), now=place.now(), playbook=playbook, audience=audience,
        facts=pairs(fill or [], "--fill"), language=language, incident_id=incident,
    )  # fmt: skip
    spoken = language or chosen.language
    folder.mkdir(parents=True, exist_ok=True)
    for text in texts:
        (folder / f"{text.draft}.md").write_text(_page(text, spoken), encoding="utf-8")
        out.print(escape(text.finding().render(spoken)))
    out.print(escape(tr(WRITTEN, spoken, n=len(texts), folder=folder)))


def print_findings(findings: list[Finding], language: str) -> None:
    """Findings with what a reader must know before relying on them."""
    for finding in findings:
        out.print(escape(finding.render(language)))
        for line in finding.caveats(language):
            out.print(f"  {escape(line)}", style="dim")


def _page(text: Text, language: str) -> str:
    """A draft as Markdown, with what it lacks."""
    lacks = "".join(f"- `{place}`: {words.render(language)}\n" for place, words in text.missing.items())
    return f"# {text.title.render(text.language)}\n\n{text.text}\n\n---\n\n{text.finding().render(language)}\n\n{lacks}"


def known_answer(answer: str, answers: dict[str, bool], option: str) -> bool | None:
    """An answer of the command line; `unknown` is None."""
    if answer == "unknown":
        return None
    if answer not in answers:
        raise InputError(
            N_("{answer} is no answer"),
            where=option,
            do=N_("write {answers} or unknown"),
            facts={"answer": repr(answer), "answers": ", ".join(answers)},
        )
    return answers[answer]


commands: dict[str, Callable[..., None]] = {
    "respond": respond,
    "ack": ack,
    "effect": effect,
    "strategy": strategy,
    "statement": statement,
    "pack": pack,
}
