"""The same posts read by another layout: one post each, with both observations, through `crisis import`."""

# ruff: noqa: F811

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crisislib.lake import Lake

from .test_cli import Ran, crisis, place  # noqa: F401

TABLE = """number,writer,words,when,hearts
88010001,ann,the cup broke again today,2026-01-01 10:00,3
88010002,bob,mine too I fear,2026-01-01 11:00,1
"""
LATER = """number,writer,words,when,hearts
88010001,ann,the cup broke again today,2026-01-01 10:00,30
88010002,cy,another text under a number that was used,2026-01-01 12:00,1
88010003,di,and mine,2026-01-01 13:00,2
"""
ROLES = ("-m", "id=number", "-m", "name=writer", "-m", "text=words", "-m", "created=when", "-m", "likes=hearts")


def posts(place: Path) -> dict[str, list[tuple[str, int]]]:
    """Of each post its observations: platform and likes, in order of collection."""
    rows = Lake(place / "lake").sql("POSTS", present=False).to_arrow_table().sort_by("collected_at").to_pylist()
    found: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        found.setdefault(row["post_id"], []).append((row["platform"], row["n_likes"]))
    return found


def test_a_platform_that_is_known_later_makes_no_second_post(crisis: Callable[..., Ran], place: Path) -> None:
    (place / "a.csv").write_text(TABLE, encoding="utf-8")
    (place / "b.csv").write_text(LATER, encoding="utf-8")
    assert crisis("import", str(place / "a.csv"), "--watch", "acme", *ROLES).returncode == 0
    again = crisis("import", str(place / "a.csv"), "--watch", "acme", *ROLES, "-m", "platform==reddit")
    assert "2 posts were stored before under another id and keep it" in again.stdout, again.stderr
    assert {p: len(o) for p, o in posts(place).items()} == {"web:88010001": 2, "web:88010002": 2}
    later = crisis("import", str(place / "b.csv"), "--watch", "acme", *ROLES, "-m", "platform==reddit")
    assert later.returncode == 0, later.stderr
    found = posts(place)
    assert found["web:88010001"] == [("web", 3), ("reddit", 3), ("reddit", 30)]
    # An id that holds another text is another post; one that was never stored has the id of its platform.
    assert ("reddit", 1) not in found["web:88010002"][2:] and len(found["reddit:88010002"]) == 1
    assert found["reddit:88010003"] == [("reddit", 2)]


def test_a_reading_that_knows_no_platform_does_not_undo_one_that_did(crisis: Callable[..., Ran], place: Path) -> None:
    (place / "a.csv").write_text(TABLE, encoding="utf-8")
    (place / "b.csv").write_text(LATER, encoding="utf-8")
    assert crisis("import", str(place / "a.csv"), "--watch", "acme", *ROLES, "-m", "platform==reddit").returncode == 0
    assert crisis("import", str(place / "b.csv"), "--watch", "acme", *ROLES).returncode == 0
    found = posts(place)
    assert found["reddit:88010001"] == [("reddit", 3), ("reddit", 30)]
    assert "web:88010001" not in found
