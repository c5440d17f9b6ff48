"""The posts of a drill: nothing is answered by itself, and what the team says bends what comes after, never before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from crisislib.core.errors import PlaybookError
from crisislib.simulation import DrillStream, Response, find_scenario, scenario, scenario_names, simulate

DAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOURS = 8


def stream(name: str = "rumour") -> DrillStream:
    return DrillStream(scenario(name), DAY, 3, 4000, "drill", "en")


def played(name: str, responses: list[Response]) -> pd.DataFrame:
    """Everything that appears in eight hours, look by look."""
    one, parts = stream(name), []
    for minutes in range(0, 60 * HOURS, 10):
        at = one.start + timedelta(minutes=minutes)
        parts.append(one.until(at, [r for r in responses if r.at <= at]).assign(look=at))
    frame = pd.concat(parts, ignore_index=True)
    return frame[frame["created_at"] > pd.Timestamp(one.start)]


def answer(name: str, minutes: int, strategy: str, kind: str = "statement") -> Response:
    one = stream(name)
    return Response(
        f"r-{kind}-{minutes}", kind, "What we know and do.", strategy, one.onset + timedelta(minutes=minutes)
    )


def test_an_unanswered_crisis_has_no_word_of_the_brand() -> None:
    made = simulate(3, 4000, kind="rumour", answers=False)
    assert made.truth.holding_at is None and made.truth.statement_id == "" and made.responses.num_rows == 0
    assert not set(made.truth.posts["role"]) & {"holding", "statement"}


def test_the_day_is_the_days_and_the_first_post_comes_an_hour_in() -> None:
    one = stream()
    assert one.start.date() == DAY.date() and one.onset - one.start == timedelta(minutes=60)
    before = one.until(one.start, [])
    assert (before["created_at"] <= pd.Timestamp(one.start)).all() and len(before) > 1000, "three weeks of talk"
    first = one.until(one.onset, [])
    assert one.truth.root_id in set(first["post_id"])


@pytest.mark.long
@pytest.mark.parametrize("name", ["rumour", "data_breach"])
def test_a_right_answer_bends_the_crisis_and_a_wrong_one_does_not(name: str) -> None:
    right, wrong = ("deny.denial", "rebuild.apology") if name == "rumour" else ("rebuild.apology", "deny.denial")
    silent = played(name, [])
    early, late = played(name, [answer(name, 60, right)]), played(name, [answer(name, 240, right)])
    lied = played(name, [answer(name, 60, wrong)])
    assert len(early) < len(late) < len(silent) < len(lied)
    cut = pd.Timestamp(stream(name).onset + timedelta(minutes=60))
    past = [frame[frame["created_at"] < cut]["post_id"].tolist() for frame in (silent, early, lied)]
    assert past[0] == past[1] == past[2], "no answer changes what was said before it"


@pytest.mark.long
def test_the_mood_turns_with_the_volume() -> None:
    truth = stream().truth.posts.set_index("post_id")["sentiment"]

    def negative(frame: pd.DataFrame) -> float:
        after = frame[frame["created_at"] > pd.Timestamp(stream().onset + timedelta(hours=2))]
        return float((after["post_id"].map(truth) == "negative").mean())

    assert negative(played("rumour", [answer("rumour", 60, "deny.denial")])) < negative(played("rumour", [])) - 0.05


@pytest.mark.long
def test_the_brands_answer_is_a_post_that_people_answer() -> None:
    frame = played("rumour", [answer("rumour", 60, "deny.denial")])
    own = frame[frame["text"] == "What we know and do."]
    assert len(own) == 1 and (frame["parent_id"] == own["post_id"].iloc[0]).sum() > 3
    made = simulate(3, 4000, kind="rumour", answers=False).posts["post_id"].to_pylist()
    one = stream()
    shown = {*frame["post_id"], *one.until(one.start, [])["post_id"]}
    assert not set(frame["parent_id"].dropna()) & (set(made) - shown), "nobody answers a post that never appeared"


@pytest.mark.long
def test_an_outage_hides_a_platform_and_a_memo_leaks() -> None:
    one = stream()
    moment, outage = next((at, i) for at, i in one.injects() if i.kind == "outage")
    frame = played("rumour", [])
    dark = frame[
        (frame["platform"] == outage.platform) & frame["created_at"].between(moment, moment + timedelta(minutes=25))
    ]
    assert len(dark) and (dark["shown_at"] == pd.Timestamp(moment + timedelta(minutes=25))).all()
    leaked = next(i for _, i in one.injects() if i.kind == "memo")
    assert frame["text"].str.contains(leaked.words["zh"], regex=False).sum() > 5


def test_every_scenario_has_its_injects_in_both_languages() -> None:
    assert len(scenario_names()) >= 8
    for name in scenario_names():
        pack = scenario(name)
        assert {i.kind for i in pack.injects} == {"call", "memo", "outage"}
        assert all(i.words["zh"].strip() and i.words["en"].strip() for i in pack.injects)


def test_a_users_scenario_goes_before_the_shipped_one(tmp_path: Path) -> None:
    text = scenario("rumour").model_copy(update={"title": {"zh": "我们的", "en": "Ours"}}).model_dump_json()
    (tmp_path / "rumour.yml").write_text(text, encoding="utf-8")
    assert find_scenario("rumour", tmp_path).title["en"] == "Ours"
    assert find_scenario("labour", tmp_path) == scenario("labour")
    with pytest.raises(PlaybookError, match="no scenario 'nothing'"):
        find_scenario("nothing", tmp_path)
    (tmp_path / "broken.yml").write_text("kind: 3", encoding="utf-8")
    with pytest.raises(PlaybookError, match="title: is missing"):
        find_scenario("broken", tmp_path)
