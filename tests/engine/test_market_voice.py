"""Share of voice of the brand and each competitor: who is named, by whom, in which week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.core.whole_shares import shares_of_whole
from crisislib.engine.context import RunContext, RunWindow
from crisislib.engine.home import Home
from crisislib.engine.market_voice import market_voice
from crisislib.lake import Lake

NOW = datetime(2026, 3, 15, tzinfo=UTC)
BRAND = {"names": ["Acme", "艾可"], "competitors": {"Bolt": ["Bolt"], "Cirrus": ["Cirrus", "西拉"]}}


def context(tmp_path, *, query: str = "") -> RunContext:
    watch = Watch.model_validate(
        {"watch": "w", "title": {"en": "Acme", "zh": "艾可"}, "language": "en", "brand": BRAND, "query": query}
    )
    home = Home(tmp_path / "lake", tmp_path / "watches", tmp_path / "reports")
    return RunContext(home, watch, RunWindow(NOW - timedelta(days=30), NOW, NOW, NOW), "run")


def write(tmp_path, rows: list[tuple[int, list[str], str]]) -> None:
    """Posts so many days before now, the words they hold, and their kind."""
    lake = Lake(tmp_path / "lake")
    at = [pd.Timestamp(NOW - timedelta(days=days, hours=1)) for days, _, _ in rows]
    ids = [f"x:{i}" for i in range(len(rows))]
    posts = pd.DataFrame({"post_id": ids, "watch": "w", "created_at": at, "collected_at": at, "platform": "x",
                          "kind": [kind for _, _, kind in rows], "text": "t", "source": "s"})  # fmt: skip
    quoted = ['{"words": [%s]}' % ", ".join(f'"{w}"' for w in words) for _, words, _ in rows]  # noqa: UP031
    labels = pd.DataFrame({"watch": "w", "post_id": ids, "label": "entity", "model": "m", "at": NOW, "created_at": at,
                           "value": "brand", "evidence": quoted})  # fmt: skip
    lake.append("POSTS", conform(posts, "POSTS"))
    lake.append("LABELS", conform(labels, "LABELS"))


def test_each_name_is_counted_once_a_post_in_its_week_and_reposts_are_not(tmp_path) -> None:
    this = [(1, ["Acme", "艾可"], "post")] * 6 + [(2, ["Bolt"], "post")] * 3 + [(3, ["acme", "西拉"], "post")]
    week_before = [(8, ["Acme"], "post")] * 5 + [(9, ["Cirrus"], "post")] * 5
    write(tmp_path, [*this, *week_before, *[(1, ["Bolt"], "repost")] * 9, (1, ["Nobody"], "post")])
    (found,) = market_voice(context(tmp_path))
    rows = found.table.set_index("name")
    assert rows["n"].to_dict() == {"": 7, "Bolt": 3, "Cirrus": 1} and found.n == 10
    assert rows["share"].to_dict() == pytest.approx({"": 7 / 11, "Bolt": 3 / 11, "Cirrus": 1 / 11})
    assert shares_of_whole(list(found.table["share"])) == ["64%", "27%", "9%"]
    assert rows["before"].to_dict() == pytest.approx({"": 0.5, "Bolt": 0.0, "Cirrus": 0.5})
    assert "10 posts" in found.render("en") and "64%" in found.render("zh") and len(found.post_ids) == 10


def test_shares_of_one_whole_add_up_to_a_hundred() -> None:
    assert shares_of_whole([1 / 3, 1 / 3, 1 / 3]) == ["34%", "33%", "33%"]
    assert shares_of_whole([0.996, 0.002, 0.002]) == [">99%", "<1%", "<1%"]
    assert shares_of_whole([0.9725, 0.0171, 0.0104]) == ["97%", "2%", "1%"]
    assert shares_of_whole([1.0, 0.0]) == ["100%", "0%"] and shares_of_whole([]) == []


def test_a_query_that_asks_for_the_brand_alone_gives_no_share_of_the_market(tmp_path) -> None:
    write(tmp_path, [(1, ["Acme"], "post")] * 12)
    assert market_voice(context(tmp_path, query="Acme")) == []
    assert market_voice(context(tmp_path))[0].facts["share"] == "100%"


def test_a_week_with_hardly_a_post_says_nothing(tmp_path) -> None:
    write(tmp_path, [(1, ["Acme"], "post")] * 4)
    assert market_voice(context(tmp_path)) == []
