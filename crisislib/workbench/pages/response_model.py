"""The response page: what is due, what was published, and whether it helped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crisislib.charts import effect, event_list
from crisislib.charts.theme import clock
from crisislib.core.i18n import N_
from crisislib.design import Figure, LevelBadge, Step, Tile
from crisislib.engine.plan_in_words import PENDING, guidance
from crisislib.engine.rendering import response_word, signal_words, strategy_words
from crisislib.engine.response_effects import counterfactual
from crisislib.workbench.evidence_table import short
from crisislib.workbench.pages.case_parts import Summary, cases_of, summary_of
from crisislib.workbench.pages.chart_svg import FULL, drawings
from crisislib.workbench.pages.evidence_model import web_address
from crisislib.workbench.pages.incident_model import badge, chosen_incident
from crisislib.workbench.pages.incident_time import answers_of
from crisislib.workbench.pages.plan_parts import comments_of, plan_of, step_of
from crisislib.workbench.pages.reading import Reading

HEADLINE, HEADLINE_ONE = N_("{open} {open:step|steps} open, {late} of them late"), N_("1 step open, {late} late")
NEXT = N_("next: {step}")
ALL_DONE, NO_PLAN = N_("No step is open"), N_("No incident is open, so no step is due")
OPEN, LATE, DONE = N_("Open steps"), N_("Late steps"), N_("Done")
OLDEST = N_("the oldest {span} late")
ON_TIME, OF_STEPS = N_("{n} on time"), N_("of {n} {n:step|steps}")
ANSWERED, AFTER, NOT_YET = N_("First response"), N_("after the first alert"), N_("nothing has been published yet")
LOGGED, LOGGED_NOTE = N_("Responses"), N_("in the log of this incident")
CHANGE, NO_CHANGE = N_("Effect on the volume"), N_("cannot be estimated yet")
INTERVAL = N_("{lo} to {hi}; last response whose effect can be estimated")
EFFECT = N_("Volume, and what would have been expected without the response")
HOW = N_("Line: what was seen. Dashed, with its band: what would have been expected without the response.")
HOW_ALONE = N_("Line: what was seen. What would have been expected without the response cannot be estimated yet.")
LOG = N_("Log one with: crisis respond --watch {watch}")
ASK = N_("An analyst or responder of the team logs what was done.")
HEADS = (N_("time"), N_("what"), N_("channel"), N_("strategy"), N_("what was published"))
LETTERS = 200
"""Letters of a statement that a line shows."""


@dataclass(frozen=True)
class ResponsePage:
    """What the response page shows.

    Attributes
    ----------
    level : LevelBadge
        Of the watch.
    headline, sub : str
        How many steps are open; which comes due next.
    tiles : sequence of Tile
        Numbers.
    late, due, done : sequence of Step
        The plan.
    statements : sequence of sequence
        The response log as rows; `heads` above it.
    heads : sequence of str
        Headings.
    log_hint : str
        How a response is logged.
    effect : Figure
        Before and after.
    effects : sequence of str
        What the run says of each response.
    guidance : sequence of (str, sequence of str)
        What the playbook says beside its steps: headings and lines.
    cases : sequence of (str, sequence of str)
        Past cases like the incident: head and lines.
    summary : Summary
        What a language model of the user said of it.
    """

    level: LevelBadge
    headline: str
    sub: str
    tiles: Sequence[Tile]
    late: Sequence[Step]
    due: Sequence[Step]
    done: Sequence[Step]
    statements: Sequence[Sequence[object]]
    heads: Sequence[str]
    log_hint: str
    effect: Figure
    effects: Sequence[str]
    guidance: Sequence[tuple[str, Sequence[str]]]
    cases: Sequence[tuple[str, Sequence[str]]]
    summary: Summary


def response_page(reading: Reading) -> ResponsePage:
    """The model of the response page.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    ResponsePage
    """
    row = chosen_incident(reading)
    named = "" if row is None else str(row["incident_id"])
    plan = _plan(reading, named)
    written = comments_of(reading, named)
    steps = [step_of(reading, r, written.get(str(r["action_id"]), ())) for r in plan.to_dict("records")]
    due = [one for one in steps if one.state == "open" and not one.late]
    late = [one for one in steps if one.late]
    answers = answers_of(reading, row)
    return ResponsePage(
        level=badge(reading, row),
        headline=_headline(reading, len(due) + len(late), len(late), row is None),
        sub="".join(reading.words(NEXT, step=reading.joined(one.title, one.detail)) for one in [*late, *due][:1]),
        tiles=_tiles(reading, plan, answers, named),
        late=late,
        due=due,
        done=[one for one in steps if one.state != "open"],
        statements=[_statement(reading, r) for r in answers.to_dict("records")],
        heads=[reading.words(head) for head in HEADS],
        log_hint=reading.words(LOG, watch=reading.snapshot.watch.watch)
        if reading.visitor.works
        else reading.words(ASK),
        effect=_effect(reading, answers),
        effects=[f.render(reading.language) for f in reading.findings("respond.effect", named)],
        guidance=[] if row is None else _guidance(reading, {str(key): value for key, value in row.items()}),
        cases=cases_of(reading, named),
        summary=summary_of(reading, named),
    )


def _guidance(reading: Reading, row: dict[str, Any]) -> list[tuple[str, Sequence[str]]]:
    parts = guidance(reading.snapshot.home, row, reading.language)
    return [(reading.words(one.heading), one.lines) for one in parts if one.lines]


def _plan(reading: Reading, named: str) -> pd.DataFrame:
    rows = reading.snapshot.table("ACTIONS")
    rows = rows[rows["incident_id"] == named]
    if rows.empty:
        return rows.assign(late=False)
    return plan_of(reading, named)


def _headline(reading: Reading, number: int, late: int, none: bool) -> str:
    if none:
        return reading.words(NO_PLAN)
    if not number:
        return reading.words(ALL_DONE)
    return reading.words(HEADLINE_ONE if number == 1 else HEADLINE, open=number, late=late)


def _tiles(reading: Reading, plan: pd.DataFrame, answers: pd.DataFrame, named: str) -> list[Tile]:
    status = plan["status"] if len(plan) else pd.Series(dtype=str)
    late, still = int((status == "late").sum()), int(status.isin(PENDING).sum())
    done, on_time = int(status.isin(["done", "done late"]).sum()), int((status == "done").sum())
    history = reading.snapshot.history("INCIDENTS")
    alerted = history.loc[history["incident_id"] == named, "at"].min()
    first = answers["at"].min()
    clock = "–"
    if pd.notna(first) and pd.notna(alerted):
        clock = reading.span(max(0.0, (first - alerted).total_seconds()))
    return [
        Tile(reading.words(OPEN), str(still), reading.words(OF_STEPS, n=len(plan))),
        Tile(reading.words(LATE), str(late), _oldest(reading, plan) if late else "", "bad" if late else ""),
        Tile(reading.words(DONE), str(done), reading.words(ON_TIME, n=on_time)),
        Tile(reading.words(ANSWERED), clock, reading.words(NOT_YET if clock == "–" else AFTER)),
        Tile(reading.words(LOGGED), str(len(answers)), reading.words(LOGGED_NOTE)),
        _change(reading, named),
    ]


def _oldest(reading: Reading, plan: pd.DataFrame) -> str:
    """How late the oldest of the late steps is."""
    since = plan.loc[plan["status"] == "late", "due_at"].min()
    return reading.words(OLDEST, span=reading.span((pd.Timestamp(reading.now) - since).total_seconds()))


def _change(reading: Reading, named: str) -> Tile:
    """The change that the newest response made to the volume, where it can be judged."""
    known = [
        row
        for f in reading.findings("respond.effect", named)
        if not f.silent and len(f.table)
        for row in f.table.to_dict("records")
        if row.get("signal") == "volume" and pd.notna(row.get("change"))
    ]
    if not known:
        return Tile(reading.words(CHANGE), "–", reading.words(NO_CHANGE))
    last = known[-1]
    shares = {k: f"{float(last[k]):+.0%}".replace("-", "−") for k in ("change", "lo", "hi")}
    return Tile(reading.words(CHANGE), shares["change"], reading.words(INTERVAL, lo=shares["lo"], hi=shares["hi"]))


def _statement(reading: Reading, row: Any) -> list[object]:
    when: object = reading.time(row["at"])
    link = web_address(row["url"])
    return [
        {"text": when, "href": link} if link else when,
        response_word(row["kind"], reading.language),
        reading.platform(row["channel"]),
        strategy_words(row["strategy"], reading.language),
        short(row["text"], LETTERS),
    ]


def _effect(reading: Reading, answers: pd.DataFrame) -> Figure:
    snapshot = reading.snapshot
    series = snapshot.once(
        "counterfactual", lambda: counterfactual(snapshot.lake, snapshot.watch, "volume", now=reading.now)
    )
    names, units = signal_words(["volume"], reading.language)
    labels = [
        f"{response_word(k, reading.language)} {reading.clock(a)}"
        for k, a in zip(answers["kind"], answers["at"], strict=True)
    ]
    marks = pd.DataFrame({"at": answers["at"], "label": labels})
    style: dict[str, Any] = {"language": reading.language, "zone": reading.zone.key}
    wide, narrow = drawings(
        lambda width: effect(
            series=series, responses=marks, name=names["volume"], unit=units["volume"], width=width, **style
        ),
        screen=reading.screen,
        wide=FULL,
    )
    note = reading.words(HOW if series["expected"].notna().any() else HOW_ALONE) if len(series) else ""
    at = clock(series["at"], reading.zone.key)
    listed = event_list(marks, [at.min(), at.max()], zone=reading.zone.key) if len(at) else []
    return Figure(reading.words(EFFECT), wide, narrow, reading.words(EFFECT), note, marks=listed)
