"""The team's board: what people settle stays settled, whatever the plan becomes."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Brand, Respond
from crisislib.respond import (
    ResponseError,
    decided_times,
    describe_action,
    describe_actions,
    done,
    find_actions,
    fulfilled,
    load_playbooks,
    not_applicable,
    plan,
    reopen,
    respond,
    revise,
    states,
)
from crisislib.respond.task_states import open_actions

BOOKS = load_playbooks()
START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WATCH = Watch(watch="w", title={"en": "W"}, brand=Brand(names=["B"]), respond=Respond(owners={"duty_manager": "Ms Wu"}))
NO_LOG = empty("RESPONSES").to_pandas()


def made(level="orange", kind="rumour", at=START):
    incident = {"incident_id": "i", "kind": kind, "level": level, "opened_at": START}
    return plan(incident, WATCH, BOOKS.for_kind(kind), BOOKS.words, now=at).to_pandas()


def present(rows):
    return rows.sort_values("at", kind="stable").drop_duplicates("action_id", keep="last").set_index("step")


def joined(*tables):
    frames = [t if isinstance(t, pd.DataFrame) else t.to_pandas() for t in tables]
    filled = [f for f in frames if len(f)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]


def said(minutes, kind, at_log=None):
    at = START + minutes * MINUTE
    return respond(WATCH, "i", kind, at=at, now=at_log or at, text="x", by="Lin")


# -- words ---------------------------------------------------------------------------------------


def test_the_plan_is_the_same_whatever_the_readers_language():
    chinese = WATCH.model_copy(update={"language": "zh"})
    incident = {"incident_id": "i", "kind": "data_breach", "level": "red", "opened_at": START}
    book = BOOKS.for_kind("data_breach")
    both = [plan(incident, w, book, BOOKS.words, now=START) for w in (WATCH, chinese)]
    assert both[0].equals(both[1])
    row = both[0].to_pandas().set_index("step").loc["verify"]
    assert (row["owner"], row["resources"], row["reason"]) == (
        "duty_manager",
        "fact_sheet case_owner_on_site",
        "step",
    )


@pytest.mark.parametrize("name", BOOKS.names())
@pytest.mark.parametrize("level", ["unknown", "blue", "red"])
def test_every_action_reads_in_both_languages(name, level):
    incident = {"incident_id": "i", "kind": None, "level": level, "opened_at": START}
    rows = plan(incident, WATCH, BOOKS.named(name), BOOKS.words, now=START).to_pandas()
    for language, other in (("en", "zh"), ("zh", "en")):
        shown, theirs = describe_actions(rows, WATCH, language), describe_actions(rows, WATCH, other)
        for column in ("step", "owner", "resources", "reason"):
            assert not shown[column].str.contains("{", regex=False).any() and (shown[column] != "").all()
            assert (shown[column] != theirs[column]).all()


def test_a_person_is_named_beside_the_role_as_the_watch_says_today():
    row = made().set_index("step").loc["verify"].to_dict()
    assert describe_action(row, WATCH, "en").owner == "duty manager (Ms Wu)"
    assert describe_action(row, WATCH, "zh").owner == "值班经理（Ms Wu）"
    nobody = WATCH.model_copy(update={"respond": Respond()})
    assert describe_action(row, nobody, "en").owner == "duty manager"
    spoken = WATCH.model_copy(update={"respond": Respond(spokesperson="Ann")})
    row = made().set_index("step").loc["holding"].to_dict()
    assert describe_action(row, spoken, "en").owner == "spokesperson (Ann)"


def test_rows_of_before_are_shown_as_they_stand():
    row = {"step": "核实事实", "owner": "质量", "resources": None, "reason": "test", "facts": None}
    assert describe_action(row, WATCH, "en").title == "核实事实" and describe_action(row, WATCH, "en").resources == ""


# -- ticking off ---------------------------------------------------------------------------------


def test_done_in_time_late_left_out_and_back():
    rows = made()
    now = START + 600 * MINUTE
    in_time = done(rows, ["i/rumour/verify"], at=START + 15 * MINUTE, now=now, by="Wu", note="one page")
    late = done(rows, ["i/rumour/war_room"], at=START + 21 * MINUTE, now=now, by="Wu")
    out = not_applicable(rows, ["i/rumour/invite"], now=now, by="Wu", note="no plant")
    board = present(joined(rows, in_time, late, out))
    assert board.loc[["verify", "war_room", "invite"], "status"].tolist() == ["done", "done late", "na"]
    assert board.loc["verify", ["by", "note"]].tolist() == ["Wu", "one page"]
    assert not {"verify", "war_room", "invite"} & set(open_actions(board.reset_index())["step"])
    back = reopen(board.reset_index(), ["i/rumour/verify"], now=now, by="Lin")
    again = present(joined(rows, in_time, back))
    assert again.loc["verify", "status"] == "late" and pd.isna(again.loc["verify", "done_at"])
    assert "verify" in set(open_actions(again.reset_index())["step"])
    with pytest.raises(ResponseError, match="reason"):
        not_applicable(rows, ["i/rumour/verify"], now=now, by="Wu", note=" ")
    with pytest.raises(ResponseError, match="future"):
        done(rows, ["i/rumour/verify"], at=now + MINUTE, now=now)


def test_a_change_is_always_newer_than_what_it_changes():
    rows = made(at=START + 900 * MINUTE)
    changed = done(rows, ["i/rumour/verify"], at=START, now=START + MINUTE).to_pandas()
    assert (changed["at"] > rows["at"].iloc[0]).all()


def test_open_becomes_late_by_itself():
    rows = made()
    assert set(states(rows, now=START)) == {"open"}
    assert states(rows, now=START + timedelta(days=30)).eq("late").all()


def test_a_step_is_found_by_its_id_or_its_key():
    rows = made()
    assert find_actions(rows, ["verify", "i/rumour/verify", "holding"]) == ["i/rumour/verify", "i/rumour/holding"]
    with pytest.raises(ResponseError, match="verfy"):
        find_actions(rows, ["verfy"])


def test_a_logged_response_ticks_its_step_off():
    rows = made()
    log = joined(said(45, "holding"), said(50, "holding"), said(100, "one_to_one"), said(110, "takedown"))
    found = fulfilled(rows, log, opened_at=START, now=START + 120 * MINUTE).to_pandas().set_index("step")
    assert found["status"].to_dict() == {"holding": "done", "answer_people": "done late", "report_platform": "done"}
    assert found.loc["holding", "by"] == "Lin" and found.loc["holding", "done_at"] == START + 45 * MINUTE
    assert fulfilled(rows, log, opened_at=START + 60 * MINUTE, now=START + 70 * MINUTE).num_rows == 0
    board = joined(rows, found.reset_index())
    assert fulfilled(board, log, opened_at=START, now=START + 120 * MINUTE).num_rows == 0


def test_a_step_that_was_reopened_waits_for_a_later_response():
    rows = made()
    now = START + 60 * MINUTE
    ticked = fulfilled(rows, said(45, "holding"), opened_at=START, now=now)
    board = joined(rows, ticked)
    board = joined(board, reopen(board, ["i/rumour/holding"], now=now + MINUTE, by="Wu"))
    assert fulfilled(board, said(45, "holding"), opened_at=START, now=now + 5 * MINUTE).num_rows == 0
    later = joined(said(45, "holding"), said(64, "holding"))
    assert fulfilled(board, later, opened_at=START, now=now + 5 * MINUTE).num_rows == 1


def test_a_response_logged_late_settles_its_step_as_of_its_own_time():
    """The team answered in time and wrote it down at night: an earlier tick by a later response is corrected."""
    rows, now = made(), START + 300 * MINUTE
    board = joined(rows, fulfilled(rows, said(200, "holding"), opened_at=START, now=START + 200 * MINUTE))
    assert present(board).loc["holding", "status"] == "done late"
    log = joined(said(200, "holding"), said(20, "holding", at_log=now))
    board = joined(board, fulfilled(board, log, opened_at=START, now=now))
    held = present(board).loc["holding"]
    assert (held["status"], held["done_at"]) == ("done", START + 20 * MINUTE)
    changes = board[board["step"] == "holding"].sort_values("at")
    assert changes["status"].tolist() == ["open", "done late", "done"], "every state is on record"
    assert fulfilled(board, log, opened_at=START, now=now + MINUTE).num_rows == 0
    own = joined(rows, done(rows, ["i/rumour/holding"], at=now, now=now, by="Wu"))
    assert fulfilled(own, log, opened_at=START, now=now + MINUTE).num_rows == 0, "what a person settled stays"


# -- how a plan follows the incident -------------------------------------------------------------


def revised(held, rows, now=START):
    return revise(held, rows, now=now).to_pandas()


def test_a_plan_that_says_nothing_new_adds_nothing():
    rows = made()
    assert len(revised(empty("ACTIONS").to_pandas(), rows)) == len(rows)
    assert revised(rows, made(at=START + MINUTE), now=START + MINUTE).empty
    assert revised(rows, made("none"), now=START + MINUTE).empty
    assert revised(empty("ACTIONS").to_pandas(), made("none")).empty


def test_a_worse_level_brings_deadlines_forward_and_a_better_one_does_not_push_them_back():
    later = START + 5 * MINUTE
    up = revised(made("yellow"), made("red", at=later), now=later).set_index("step")
    assert up.loc["verify", "due_at"] == START + 15 * MINUTE
    assert revised(made("red"), made("yellow", at=later), now=later).empty


def test_deadlines_count_from_when_the_level_was_decided():
    """The window began an hour before anybody could know; orange was decided an hour after blue."""
    hour = 60 * MINUTE
    course = pd.DataFrame({"at": [START + hour, START + 2 * hour], "level": ["blue", "orange"]})
    known = decided_times(course)
    assert known == dict(blue=START + hour, yellow=START + 2 * hour, orange=START + 2 * hour)
    incident = {"incident_id": "i", "kind": "rumour", "level": "orange", "opened_at": START}
    book = BOOKS.for_kind("rumour")
    rows = plan(incident, WATCH, book, BOOKS.words, decided=known, now=START + 2 * hour).to_pandas().set_index("step")
    steps = {step.id: step for step in book.steps}
    for step, due in rows.loc[rows["reason"] == "step", "due_at"].items():
        minutes = steps[step].due
        clocks = [known[level] + minutes[level] * MINUTE for level in known if level in minutes]
        assert due == min(clocks) > START + hour
    assert rows.loc["verify", "due_at"] == START + 2 * hour + steps["verify"].due["orange"] * MINUTE
    assert rows.loc["verify", "status"] == "open"
    assert decided_times(course.assign(level="unknown"))["yellow"] == START + hour


def test_another_kind_replaces_what_is_open_and_keeps_what_is_done():
    rows, later = made(), START + 30 * MINUTE
    held = joined(rows, done(rows, ["i/rumour/verify"], at=START + MINUTE, now=START + MINUTE, by="Wu"))
    new = revised(held, made(kind="labour", at=later), now=later)
    board = joined(held, new)
    here = board.sort_values("at").drop_duplicates("action_id", keep="last")
    pending = open_actions(here)
    assert set(pending["playbook"]) == {"labour"} and "verify" not in set(pending["step"])
    assert here.set_index("action_id").loc["i/rumour/verify", "status"] == "done"
    replaced = here[here["status"] == "replaced"]
    assert set(replaced["playbook"]) == {"rumour"} and set(replaced["note"]) == {"labour"}
    back = revised(board, made(at=later + MINUTE), now=later + MINUTE)
    whole = joined(board, back)
    assert set(open_actions(whole)["playbook"]) == {"rumour"}


def test_a_look_at_the_past_changes_nothing_that_people_did_since():
    rows, later = made(at=START + 60 * MINUTE), START + 61 * MINUTE
    held = joined(rows, done(rows, ["i/rumour/verify"], at=later, now=later, by="Wu"))
    assert revised(held, made("red", at=START + MINUTE), now=START + MINUTE).empty
    assert revised(held, made(kind="labour", at=START + MINUTE), now=START + MINUTE)["status"].ne("replaced").all()


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["none", "blue", "yellow", "orange", "red", "unknown"]),
        st.sampled_from(["rumour", "labour", None]),
        st.sampled_from(["verify", "holding", "review", ""]),
        st.sampled_from(["done", "na", "holding", ""]),
    ),
    max_size=7,
)


@pytest.mark.long
@settings(max_examples=25)
@given(CHANGES)
def test_settled_steps_stay_settled_and_one_moment_never_has_two_rows(changes):
    board, log, settled = empty("ACTIONS").to_pandas(), NO_LOG, set()
    for number, (level, kind, step, how) in enumerate(changes):
        now = START + number * 20 * MINUTE
        board = joined(board, revised(board, made(level, kind, now), now))
        board = joined(board, fulfilled(board, log, opened_at=START, now=now))
        pending = open_actions(board)
        mine = list(pending.loc[pending["step"] == step, "action_id"])
        if mine and how == "done":
            board = joined(board, done(board, mine, at=now, now=now, by="x"))
            settled.add(step)
        if mine and how == "na":
            board = joined(board, not_applicable(board, mine, now=now, by="x", note="y"))
            settled.add(step)
        if how == "holding":
            log = joined(log, said(number * 20, "holding"))
    assert not board.duplicated(["action_id", "at"]).any()
    pending = open_actions(board)
    assert not settled & set(pending["step"])
    assert pending["step"].is_unique, "one step is never asked for by two playbooks at once"
    conform(board, "ACTIONS")
