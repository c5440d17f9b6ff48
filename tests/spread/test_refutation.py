"""A correction against its story: counted where it can be counted, bounded where it cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from crisislib.core.tables import conform
from crisislib.spread import Refutation, refutation

START = datetime(2026, 3, 1, tzinfo=UTC)


def laid(
    story: int,
    both: int,
    alone: int,
    *,
    collected: float = 1.0,
    narratives: pd.DataFrame | None = None,
    besides: dict[str, str] | None = None,
) -> Refutation:
    """A story of some accounts, answered after an hour by the brand; `both` of them and `alone` others pass that on."""
    people = [f"x:{i}" for i in range(story)]
    later = [*people[:both], *(f"x:a{i}" for i in range(alone))]
    rows, links = [], []
    for name, authors, begin in (("s", people, 0), ("c", ["x:brand", *later], 60)):
        for place, author in enumerate(authors):
            at = START + timedelta(minutes=begin + place)
            rows.append({"watch": "w", "post_id": f"{name}{place}", "collected_at": at, "platform": "x",
                         "account_id": author, "kind": "repost" if place else "post", "created_at": at,
                         "created_precision_s": 1, "text": "the milk has expired, they relabel it"})  # fmt: skip
            if place:
                links.append({"watch": "w", "src": f"{name}0", "dst": f"{name}{place}", "kind": "repost", "made_at": at,
                              "at": at, "confidence": 1.0})  # fmt: skip
    for place, (post, text) in enumerate((besides or {}).items()):
        at = START + timedelta(minutes=70 + place)
        rows.append({**rows[0], "post_id": post, "account_id": f"x:b{place}", "created_at": at, "collected_at": at,
                     "text": text})  # fmt: skip
    accounts = [{"account_id": a, "seen_at": START, "n_followers": 100} for a in {*people, *later, "x:brand"}]
    tables = [conform(pd.DataFrame(r), n) for r, n in ((rows, "POSTS"), (links, "EDGES"), (accounts, "ACCOUNTS"))]
    return refutation(*tables, story=["s0"], correction=["c0"], now=START + timedelta(hours=3), zone=UTC,
                      narratives=narratives, collected=collected)  # fmt: skip


def test_who_took_part_in_both_is_counted() -> None:
    made = laid(40, 10, 300)
    assert made.spreaders_reached.lo == 0.25 and made.overlap.lo == 10
    assert made.spreaders_reached.lo <= made.spreaders_reached.hi <= 1
    assert made.correction.lo <= made.correction.hi == 311 * 100
    words = made.findings[0].render("en")
    assert "10 of them took part" in words and "40 accounts" in words
    assert "触达了 40 个传播账号中的" in made.findings[0].render("zh")


def test_none_observed_does_not_mean_none() -> None:
    made = laid(40, 0, 5)
    assert made.spreaders_reached.lo == 0 < made.spreaders_reached.hi
    assert "None of the 40 accounts" in made.findings[0].render("en")
    assert laid(5, 0, 5).findings[0].silent, "too few to say"


def test_what_was_not_collected_widens_the_bounds() -> None:
    whole, part = laid(40, 10, 300), laid(40, 10, 300, collected=0.7)
    assert part.spreaders_reached.lo < whole.spreaders_reached.lo
    assert part.story.hi > whole.story.hi and part.correction.hi > whole.correction.hi


@pytest.mark.parametrize(("alone", "words"), [(60, "which has led since 03-01 01:40"), (0, "which is behind")])
def test_the_race_counts_further_accounts_minute_by_minute(alone: int, words: str) -> None:
    made = laid(100, 0, alone)
    race = made.race.set_index("minute")
    assert race.loc[0, "story"] == 61 and race.loc[10, "story"] == 71 and race["story"].iloc[-1] == 100
    assert race["correction"].iloc[-1] == 1 + alone and race["correction"].is_monotonic_increasing
    assert words in made.findings[1].render("en")


def test_new_versions_are_those_that_came_after_and_speak_of_the_story() -> None:
    labels = [{"post_id": f"c{i}", "value": "v2"} for i in range(1, 5)] + [{"post_id": "s0", "value": "v1"}]
    made = laid(20, 0, 10, narratives=pd.DataFrame(labels))
    assert made.variants.empty, "posts of the correction are no versions of the story"
    assert "no new version" in made.findings[2].render("en")


def test_an_answer_to_the_correction_is_no_version_of_the_story() -> None:
    """Both came after it, from three accounts each; one speaks of the story in its words, one of the statement."""
    told, answered = "they relabel the milk at the airport too, long expired", "a clear statement, fair enough, thanks"
    besides = {f"n{i}": told for i in range(3)} | {f"a{i}": answered for i in range(4)}
    labels = pd.DataFrame([{"post_id": post, "value": post[0]} for post in besides])
    made = laid(20, 0, 10, narratives=labels, besides=besides)
    assert made.variants["text"].tolist() == [told] and made.variants["accounts"].tolist() == [3]
