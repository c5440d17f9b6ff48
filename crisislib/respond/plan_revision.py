"""How a plan follows its incident: a step that both playbooks have goes on, one of the former only is taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from crisislib.core.phrase import pack, unpack
from crisislib.core.tables import conform, empty
from crisislib.respond.task_states import LATER, ONLY_IF, OWN, SET, newest, open_actions

REPLACED_BY = "playbook"
"""Who takes a step back when a rule says that the kind of crisis, and with it the playbook, is another."""
_CLOCK = ("after", "first", "hours", "level", "minutes", SET)
"""Facts of a step that say from what its time counts."""


def revise(
    stored: pd.DataFrame,
    made: pd.DataFrame,
    *,
    now: datetime,
    playbook: str = "",
    steps: Collection[str] = (),
    by: str = "",
    why: str = "",
) -> pa.Table:
    """What is new in a plan, against the stored one; what people have settled is never undone.

    A step is one action of its incident, whichever playbook asked for it first: when the kind of crisis turns out to
    be another, a step that both playbooks have goes on under its id, with its person, its state and its clock.

    Parameters
    ----------
    stored : pandas.DataFrame
        ACTIONS of the incident, every observation.
    made : pandas.DataFrame
        ACTIONS as :func:`plan` makes them now; empty where the level calls for nothing.
    now : datetime
        Moment of the plan. What was written after it stays as it is, so that looking at a window of the past
        changes nothing that people did since.
    playbook : str
        Whose plan it is, which `made` says unless the level calls for nothing.
    steps : collection of str
        Steps that the playbook has at other levels, see :func:`steps_of`: one that was begun stays on the list.
    by, why : str
        Who says that the kind of crisis is another, and for what reason; the playbook and its name when empty.

    Returns
    -------
    pyarrow.Table
        ACTIONS to append: steps that are new or due earlier, those that go on in another playbook, and open steps that
        only the former playbook has, as `replaced`.
    """
    if made.empty and not playbook:
        return empty("ACTIONS")
    known = newest(stored).set_index("action_id")
    settled = set(known.loc[known["status"].isin(["na", "done", "done late"]), "step"])
    book = playbook or str(made["playbook"].iloc[0])
    ids = _ids(known, book)
    made = made.assign(action_id=made["step"].map(ids).fillna(made["action_id"]))
    fresh = [row for row in made.to_dict("records") if _is_new(row, known, settled)]
    new = pd.DataFrame([_going_on(row, known, now) for row in fresh], columns=made.columns)
    others = open_actions(stored)
    others = others[(others["at"] < pd.Timestamp(now)) & ~others["action_id"].isin(made["action_id"])]
    others = others[others["playbook"] != OWN]
    lapsed = others["facts"].map(lambda facts: ONLY_IF in (unpack(facts) or {})).astype(bool) & ~others["step"].isin(
        steps
    )
    twice = others["action_id"] != others["step"].map(ids)
    foreign = (others["playbook"] != book) & ~others["step"].isin(steps)
    gone = lapsed | twice | foreign
    replaced = others[gone].assign(
        at=pd.Timestamp(now), status="replaced", by=by or REPLACED_BY, note=why or book, run_id=None
    )
    stays = others[~gone & (others["playbook"] != book)].assign(at=pd.Timestamp(now), playbook=book, run_id=None)
    return pa.concat_tables([conform(part, "ACTIONS") for part in (new, stays, replaced)])


def _ids(known: pd.DataFrame, book: str) -> dict[str, str]:
    """The action that each step is: a settled one before an open one, one of this playbook before one of another."""
    ranks = known["status"].map({"na": 0, "done": 0, "done late": 0, "replaced": 2}).fillna(1)
    order = known.assign(rank=ranks, other=known["playbook"] != book).sort_values(
        ["rank", "other", "at"], kind="stable"
    )
    first = order[order["playbook"] != OWN].reset_index().drop_duplicates("step")
    return dict(zip(first["step"], first["action_id"], strict=True))


def _is_new(row: Mapping[Any, Any], known: pd.DataFrame, settled: set[str]) -> bool:
    """Whether a planned step says more than what is known of it."""
    if row["step"] in settled:
        return False
    if row["action_id"] not in known.index:
        return True
    before = known.loc[row["action_id"]]
    moved = before["status"] == "replaced" or before["playbook"] != row["playbook"]
    if not moved and (unpack(before["facts"]) or {}).keys() & {SET, "after"}:
        return False  # its time was set by a person, or by what it waits for
    return bool((moved or before["due_at"] > row["due_at"]) and before["at"] < row["at"])


def _going_on(row: dict[Any, Any], known: pd.DataFrame, now: datetime) -> dict[Any, Any]:
    """A planned step with what is known of the action that it is: whoever has it keeps it, and so does its clock."""
    if row["action_id"] not in known.index:
        return row
    before = known.loc[row["action_id"]]
    row |= {key: before[key] for key in ("person", "started_at")}
    back = before["status"] == "replaced"
    if before["playbook"] == row["playbook"] and not back:
        return row  # the same playbook, due earlier
    if not back:
        row |= {key: before[key] for key in ("by", "note")}
    was, facts = unpack(before["facts"]) or {}, unpack(row["facts"]) or {}
    waits = {was.get("after", ""), facts.get("after", "")}
    sooner = waits == {""} and before["due_at"] < row["due_at"]
    if back and ONLY_IF in facts:
        sooner = False  # nobody could do it while the claim stood otherwise
    if SET in was or sooner or (len(waits) == 1 and waits != {""}):
        facts = {key: value for key, value in facts.items() if key not in _CLOCK}
        facts |= {key: value for key, value in was.items() if key in _CLOCK}
        row |= {"due_at": before["due_at"], "reason": before["reason"], "facts": pack(facts)}
    return row | {"status": LATER[bool(row["due_at"] < pd.Timestamp(now))]}
