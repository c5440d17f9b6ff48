"""Contract over every layout: its made-up sample is recognised, and gives sane posts and edges."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crisislib.collect import LAYOUTS, read_export
from crisislib.collect.importing.layout import KINDS, key, parse_layout
from crisislib.core.errors import LayoutError
from crisislib.core.tables import TABLES

from .helpers import NOW, SAMPLES, read_sample, rows, sample, watch

FROM, UNTIL = datetime(2026, 7, 30, tzinfo=UTC), datetime(2026, 8, 14, tzinfo=UTC)


@pytest.mark.parametrize("name", LAYOUTS)
def test_sample_is_recognised_and_gives_sane_posts(name: str) -> None:
    batch = read_sample(name)
    record = rows(batch.record)[0]
    assert record["layout"] == name
    assert rows(batch.rejects) == []
    assert record["n_read"] == record["n_kept"] > 0
    assert batch.posts.schema == TABLES["POSTS"].schema
    assert batch.accounts.schema == TABLES["ACCOUNTS"].schema
    if LAYOUTS[name].accounts_only:
        assert batch.posts.num_rows == 0
        assert batch.accounts.num_rows == record["n_kept"]
        return
    for post in rows(batch.posts):
        assert post["post_id"].startswith(post["platform"] + ":")
        assert FROM <= post["created_at"] <= UNTIL, post["created_at"]
        assert post["created_precision_s"] >= (LAYOUTS[name].precision_s or 1)
        assert post["collected_at"] >= post["created_at"]
        assert post["kind"] in KINDS
        assert post["text"] or post["kind"] == "repost"
        assert post["parent_id"] != post["post_id"]


@pytest.mark.parametrize("name", [n for n, lay in LAYOUTS.items() if lay.parents])
def test_edges_point_at_posts_of_the_same_platform(name: str) -> None:
    posts = rows(read_sample(name).posts)
    children = [p for p in posts if p["parent_id"]]
    if not any("parent" in key(c) for c in LAYOUTS[name].names) and not children:
        pytest.fail("the sample of a layout with parents has no child")
    if name in ("meltwater-a", "meltwater-c"):  # these versions have no Parent URL column
        assert children == []
        return
    assert children, "the sample of a layout with parents has no child"
    known = {p["post_id"] for p in posts}
    roots = {p["root_id"] for p in posts}
    for child in children:
        assert child["parent_id"].startswith(child["platform"] + ":")
        assert child["parent_id"] in known or child["parent_id"] in roots, child


@pytest.mark.parametrize("name", ["generic", "airline-feedback", "meltwater-b", "weibo-cascades"])
def test_reading_twice_gives_the_same(name: str) -> None:
    one, two = read_sample(name), read_export(sample(name), watch(), now=NOW)
    assert one.posts.equals(two.posts)
    assert one.accounts.equals(two.accounts)
    assert one.record.equals(two.record)


def test_every_sample_has_its_layout() -> None:
    assert {p.name.split(".")[0] for p in SAMPLES.iterdir()} == set(LAYOUTS)


def test_titles_and_notes_are_there_in_both_languages() -> None:
    for name, layout in LAYOUTS.items():
        assert set(layout.title) == {"zh", "en"}, name
        assert len(layout.about) > 20, name


def test_a_slip_in_a_layout_is_an_error() -> None:
    good = (SAMPLES.parents[2] / "crisislib/collect/layouts/qut.yml").read_text(encoding="utf-8")
    with pytest.raises(LayoutError, match="colums"):
        parse_layout(good.replace("columns:\n  id", "colums:\n  id"), "qut.yml")
    with pytest.raises(LayoutError, match="Nowhere"):
        parse_layout(good.replace("timezone: UTC", "timezone: Nowhere/Land"), "qut.yml")
