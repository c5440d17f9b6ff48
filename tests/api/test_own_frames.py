"""Frames of a stranger: a fault is named with place and remedy, and nothing is dropped in silence."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import crisislib
from crisislib.core.errors import CrisisError

NAMES = ["Luvaya"]
DOORS: dict[str, Callable[[Any], Any]] = {
    "label": lambda posts: crisislib.label(posts, NAMES, only="lang"),
    "topics": lambda posts: crisislib.topics(posts, NAMES),
    "narratives": lambda posts: crisislib.narratives(posts, NAMES),
    "compute_signals": lambda posts: crisislib.compute_signals(posts, NAMES),
    "edges": lambda posts: crisislib.edges(posts),
    "cascades": lambda posts: crisislib.cascades(posts),
    "spreaders": lambda posts: crisislib.spreaders(posts),
    "coordination": lambda posts: crisislib.coordination(posts),
}


def frame(n: int = 12) -> pd.DataFrame:
    """A small frame as somebody reads it from a CSV: whole numbers as ids, times as text."""
    return pd.DataFrame(
        {
            "post_id": range(n),
            "account_id": [i % 4 for i in range(n)],
            "created_at": [f"2026-03-01 {i % 24:02}:15" for i in range(n)],
            "text": [f"Luvaya tea is bad, number {i % 5}" for i in range(n)],
        }
    )


@pytest.mark.parametrize("door", DOORS)
def test_numbered_ids_and_naive_times_are_taken_without_a_warning(door: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        DOORS[door](frame())


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("posts", "what", "do"),
    [
        (frame().rename(columns={"text": "Txt"}), "no column 'text'", "rename"),
        (pd.DataFrame(), "no column 'text'", "add it"),
        (frame().assign(text=range(12)), "'text' holds int64", "convert"),
        (frame().assign(created_at="yesterday-ish"), "created_at is no time", "2026-01-31T18:00Z"),
        (frame().assign(created_at=range(12)), "created_at holds numbers", "pd.to_datetime"),
        (frame().assign(parent_id=1.5), "'parent_id' holds float64", "dtype=str"),
        (pd.concat([frame(), frame()[["text"]]], axis=1), "['text'] are there twice", "rename"),
        ([{"text": "a"}], "this is a list", "pandas.DataFrame"),
        (None, "this is None", "pandas.DataFrame"),
    ],
)  # fmt: skip
def test_a_wrong_frame_is_refused_with_what_where_and_what_to_do(door: str, posts: Any, what: str, do: str) -> None:
    with pytest.raises(CrisisError) as fault, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        DOORS[door](posts)
    assert what in fault.value.what and do in fault.value.do and fault.value.where


@pytest.mark.parametrize("door", DOORS)
def test_no_posts_give_no_rows(door: str) -> None:
    result = DOORS[door](frame().iloc[:0])
    assert len(result.labels if door == "topics" else result) == 0


@pytest.mark.parametrize(("door", "needed"), [
    ("compute_signals", "created_at"), ("coordination", "created_at"), ("coordination", "account_id"),
    ("spreaders", "account_id"),
])  # fmt: skip
def test_a_column_that_the_answer_rests_on_is_asked_for(door: str, needed: str) -> None:
    with pytest.raises(CrisisError, match=f"no column '{needed}'"):
        DOORS[door](frame().drop(columns=needed))
    with pytest.raises(CrisisError, match=f"'{needed}' has no value"):
        DOORS[door](frame().assign(**{needed: None}))


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
def test_a_column_that_is_not_used_is_named_at_the_callers_line(kind: str) -> None:
    odd = frame().rename(columns={"created_at": "createdat"})
    with pytest.warns(UserWarning, match=r"'createdat'.*did you mean 'created_at'") as seen:
        crisislib.edges(odd if kind == "pandas" else pa.Table.from_pandas(odd))
    assert seen[0].filename == __file__


def test_moments_without_a_zone_are_utc_and_text_is_refused() -> None:
    naive, aware = datetime(2026, 3, 1, 5), datetime(2026, 3, 1, 5, tzinfo=UTC)
    one = crisislib.compute_signals(frame(), NAMES, since=naive)
    pd.testing.assert_frame_equal(one, crisislib.compute_signals(frame(), NAMES, since=aware))
    assert len(crisislib.decide(one, NAMES, now=datetime(2026, 3, 2)).history)
    with pytest.raises(CrisisError, match="since: this is a str"):
        crisislib.compute_signals(frame(), NAMES, since="2026-03-01")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: crisislib.open_watch(NAMES, timezon="UTC"), "timezon: there is no key `timezon` here; use `timezone`"),
        (lambda: crisislib.open_watch([]), "names no brand"),
        (lambda: crisislib.open_watch({}), "brand: is missing"),
        (lambda: crisislib.simulate(600, language="fr"), "no posts in 'fr'"),
        (lambda: crisislib.simulate(600, kind="rumor"), "use one of"),
        (lambda: crisislib.prevalence([0.1] * 9, pd.DataFrame({"pp": [1]})), "are missing"),
        (lambda: crisislib.prevalence([0.1] * 9, window=[0, 1]), "2 windows for 9 posts"),
        (lambda: crisislib.prevalence(["a"]), "not all numbers"),
        (lambda: crisislib.prevalence([0.1] * 9, level=95), "between 0 and 1"),
        (lambda: crisislib.coordination(frame(), rate=5), "between 0 and 1"),
        (lambda: crisislib.edges(frame(), watch=NAMES), "what open_watch returns"),  # type: ignore[arg-type]
        (lambda: crisislib.cascades(frame(), links=pd.DataFrame({"post_id": ["a"]})), "'src' is missing"),
        (lambda: crisislib.label(frame(), NAMES, only=["sentimnt"]), "no labeller sentimnt"),
    ],
)
def test_wrong_arguments_are_refused_in_words(call: Callable[[], Any], words: str) -> None:
    with warnings.catch_warnings(), pytest.raises(CrisisError) as fault:
        warnings.simplefilter("ignore")
        call()
    assert words in str(fault.value)
