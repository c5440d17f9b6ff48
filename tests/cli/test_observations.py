"""Several exports of one search in one import: each is an observation of its posts, in the order of their making."""

from __future__ import annotations

import csv
import json
import os
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from crisislib.core.levels import rank
from crisislib.lake import Lake
from tests.cli.test_cli import Ran, crisis, place

__all__ = ["crisis", "place"]  # fixtures
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
EVENT = BEGIN + timedelta(days=14)
COLUMNS = ("id", "author", "created_at", "text", "likes", "reposts", "comments")
ACCUSED = "Acme guards dragged my grandmother off the platform, she is hurt. Video inside"
Row = tuple[str, str, datetime, str, int, int, int]


def export(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        out.writerows([(*row[:2], row[2].isoformat(), *row[3:]) for row in rows])
    return path


def ordinary(begin: datetime, hours: float, every_h: float = 2.0) -> list[Row]:
    n = int(hours / every_h)
    words = ("the tray was blue", "the lamp moved", "the door closed at noon", "the queue went round the hall")
    return [
        (f"o{begin:%m%d%H}{i}", f"u{i}", begin + timedelta(hours=every_h * i), f"Acme {i}: {words[i % 4]}", i % 3, 0, 0)
        for i in range(n)
    ]


def looks(folder: Path, name: str) -> list[Path]:
    """Four exports of one search, 1, 6, 12 and 20 hours after a small account wrote; the newest is made first."""
    folder.mkdir()
    seen = ((1, 2, 0, 0), (6, 900, 400, 150), (12, 40_000, 15_000, 5_200), (20, 210_000, 88_000, 31_000))
    files = []
    for number, (hours, *counts) in reversed(list(enumerate(seen, 1))):
        at = EVENT + timedelta(hours=hours)
        post: Row = ("viral", "tiny", EVENT + timedelta(minutes=30), ACCUSED, *counts)  # type: ignore[assignment]
        files.append(export(folder / name.format(n=number, at=at), [post, *ordinary(EVENT, hours)]))
    return files


def given(form: str, folder: Path, files: list[Path]) -> list[str]:
    if form == "folder":
        return [str(folder)]
    if form == "zip":
        with zipfile.ZipFile(folder.parent / "looks.zip", "w") as archive:
            for file in files:
                archive.write(file, file.name)
        return [str(folder.parent / "looks.zip")]
    return [str(file) for file in files]


@pytest.mark.long
@pytest.mark.parametrize(
    ("form", "name", "said"),
    [
        ("files", "export_{n}.csv", "the time of its newest post"),
        ("folder", "acme_{at:%Y-%m-%d_%H%M}.csv", "as the name of the file says"),
        ("zip", "export_{n}.csv", "the time of its newest post"),
    ],
)
def test_counters_over_several_exports_of_one_import(
    place: Path, crisis: Callable[..., Ran], form: str, name: str, said: str
) -> None:
    before = export(place / "before.csv", ordinary(BEGIN, 14 * 24.0))
    assert crisis("import", str(before), "-w", "acme").returncode == 0
    files = given(form, place / "looks", looks(place / "looks", name))
    told = crisis("import", *files, "-w", "acme")
    assert told.returncode == 0 and said in told.stdout
    lake = Lake(place / "lake")
    observed = lake.read("POSTS", watch="acme", present=False)
    mine = observed[observed["post_id"] == "other:viral"] if "other:viral" in set(observed["post_id"]) else observed[
        observed["post_id"].str.endswith(":viral")
    ]  # fmt: skip
    assert mine.sort_values("collected_at")["n_reposts"].tolist() == [0, 400, 15_000, 88_000]
    assert mine["collected_at"].is_unique

    again = crisis("import", *files, "-w", "acme")
    assert again.stdout.count("nothing added") == 4
    assert len(lake.read("POSTS", watch="acme", present=False)) == len(observed)

    assert crisis("run", "-w", "acme", "--no-report", "--no-notify").returncode == 0
    incidents = lake.read("INCIDENTS", present=False).sort_values("at")
    raised = incidents[incidents["level"].map(rank) >= rank("blue")]
    assert len(raised) and raised["at"].iloc[0] <= EVENT + timedelta(hours=13)
    assert mine["post_id"].iloc[0] in raised["evidence"].iloc[0]


def test_the_newest_text_of_an_edited_post_is_its_text(place: Path, crisis: Callable[..., Ran]) -> None:
    rows = ordinary(EVENT, 20)
    kind = ("e1", "ann", EVENT, "Acme crew were wonderful, thank you so much", 1, 0, 0)
    cruel = ("e1", "ann", EVENT, "UPDATE: Acme crew hit a passenger, he is in hospital. Boycott Acme!", 9, 0, 0)
    gone = ("e1", "ann", EVENT, "[deleted]", 9, 0, 0)
    # All three have the same newest post, and were written at the same moment: their names tell the order.
    files = [export(place / f"x_{n}.csv", [row, *rows]) for n, row in ((10, gone), (9, cruel), (2, kind))]
    for file in files:
        os.utime(file, (EVENT.timestamp(), EVENT.timestamp()))
    told = crisis("import", *(str(file) for file in files), "-w", "acme")
    assert told.returncode == 0 and "the order of their names" in " ".join(told.stdout.split())
    post = Lake(place / "lake").read("POSTS", watch="acme")
    text = post[post["post_id"].str.endswith(":e1")]["text"].tolist()
    assert text == ["UPDATE: Acme crew hit a passenger, he is in hospital. Boycott Acme!"]  # its last words stay


def test_files_are_ordered_by_when_they_were_changed_where_nothing_else_tells(
    place: Path, crisis: Callable[..., Ran]
) -> None:
    rows = ordinary(EVENT, 6)
    for name, likes, hours in (("b.csv", 5, 7), ("a.csv", 900, 9)):
        path = export(place / name, [("p", "ann", EVENT, "Acme lamp fell on my foot", likes, 0, 0), *rows])
        at = (EVENT + timedelta(hours=hours)).timestamp()
        os.utime(path, (at, at))
    told = crisis("import", str(place / "a.csv"), str(place / "b.csv"), "-w", "acme")
    assert "when the file was last changed" in " ".join(told.stdout.split())
    seen = Lake(place / "lake").read("POSTS", watch="acme", present=False).sort_values("collected_at")
    mine = seen[seen["post_id"].str.endswith(":p")]
    assert mine["n_likes"].tolist() == [5, 900]
    assert mine["collected_at"].dt.tz_convert("UTC").tolist() == [EVENT + timedelta(hours=h) for h in (7, 9)]


def test_an_older_export_that_is_imported_last_turns_nothing_back(place: Path, crisis: Callable[..., Ran]) -> None:
    before = export(place / "before.csv", ordinary(BEGIN, 14 * 24.0))
    assert crisis("import", str(before), "-w", "acme").returncode == 0
    newest, third, second, first = looks(place / "looks", "export_{n}.csv")
    for file in (first, newest, second, third):
        told = crisis("import", str(file), "-w", "acme")
        assert told.returncode == 0
        assert ("is older than one that is stored" in " ".join(told.stdout.split())) == (file in (second, third))
    lake = Lake(place / "lake")
    posts = lake.read("POSTS", watch="acme")
    viral = posts[posts["post_id"].str.endswith(":viral")]
    assert viral["n_reposts"].tolist() == [88_000]
    assert crisis("run", "-w", "acme", "--no-report", "--no-notify").returncode == 0
    signals = lake.read("SIGNALS", watch="acme")
    gains = signals[(signals["signal"] == "top_gain") & (signals["value"] > 100)].set_index("at")["value"]
    # Each rise stands in the window of the newest post of the export that shows it, whatever came first.
    assert gains.to_dict() == {
        pd.Timestamp(EVENT + timedelta(hours=4)): 1_448.0,
        pd.Timestamp(EVENT + timedelta(hours=10)): 58_750.0,
        pd.Timestamp(EVENT + timedelta(hours=18)): 268_800.0,
    }


def test_an_older_text_that_is_imported_last_is_no_edit(place: Path, crisis: Callable[..., Ran]) -> None:
    rows = ordinary(EVENT, 20)
    first = export(place / "first.csv", [("e1", "ann", EVENT, "Acme crew were wonderful", 3, 0, 0), *rows[:4]])
    edited = export(place / "edited.csv", [("e1", "ann", EVENT, "Acme crew hit a passenger", 3, 0, 0), *rows])
    for file in (edited, first):
        assert crisis("import", str(file), "-w", "acme").returncode == 0
    post = Lake(place / "lake").read("POSTS", watch="acme")
    assert post[post["post_id"].str.endswith(":e1")]["text"].tolist() == ["Acme crew hit a passenger"]


def test_an_older_part_with_one_counter_turns_nothing_back(place: Path, crisis: Callable[..., Ran]) -> None:
    def likes_only(name: str, likes: list[int]) -> str:
        lines = [f"{(EVENT + timedelta(hours=n)).isoformat()},u{n},Acme cup {n},{likes[n]}" for n in range(len(likes))]
        (place / name).write_text("\n".join(["created_at,user,text,likes", *lines]), encoding="utf-8")
        return str(place / name)

    for file in (likes_only("full.csv", [3, 2, 5, 4, 1, 0]), likes_only("part.csv", [1, 0, 5])):
        assert crisis("import", file, "-w", "acme").returncode == 0
    posts = Lake(place / "lake").read("POSTS", watch="acme").sort_values("created_at")
    assert posts["n_likes"].tolist() == [3, 2, 5, 4, 1, 0]


def test_a_part_of_what_is_stored_is_not_called_older(place: Path, crisis: Callable[..., Ran]) -> None:
    whole = ordinary(EVENT, 20)
    new: Row = ("n1", "eve", EVENT + timedelta(hours=1), "Acme cup broke", 0, 0, 0)
    assert crisis("import", str(export(place / "whole.csv", whole)), "-w", "acme").returncode == 0
    told = crisis("import", str(export(place / "part.csv", [*whole[:4], new])), "-w", "acme").stdout
    assert "1 post added, 4 stored already" in told
    assert "is older than one that is stored" not in " ".join(told.split())


def test_posts_that_are_known_are_not_said_to_be_added_again(place: Path, crisis: Callable[..., Ran]) -> None:
    posts: list[Row] = [("", f"u{n}", EVENT, f"Acme cup {n} broke", n, 0, 0) for n in range(3)]
    first = crisis("import", str(export(place / "a.csv", posts)), "--watch", "acme")
    assert "3 posts added, 0 stored already" in first.stdout
    later: list[Row] = [("", row[1], EVENT, row[3], row[4] + 5, 0, 0) for row in posts]
    later.append(("", "u9", EVENT, "Acme answers nobody", 0, 0, 0))
    again = crisis("import", str(export(place / "b.csv", later)), "--watch", "acme")
    assert "1 post added (4 observations), 0 stored already" in again.stdout


def test_columns_that_stay_as_they_are_are_named_once(place: Path, crisis: Callable[..., Ran]) -> None:
    (place / "odd.csv").write_text("created_at,text,user,mood board\n2026-07-05T10:00:00Z,Acme cup broke,ann,odd\n")
    told = crisis("import", str(place / "odd.csv"), "--watch", "acme").stdout
    assert told.count("mood board") == 1 and "in extra: mood board" in told


def test_an_archive_beside_a_known_export_keeps_its_own_tables(place: Path, crisis: Callable[..., Ran]) -> None:
    with zipfile.ZipFile(place / "parts.zip", "w") as archive:
        archive.writestr("plain.csv", f"created_at,user,text\n{EVENT.isoformat()},ann,Acme cup broke\n")
    message = {"id": 1, "type": "message", "date": "2026-03-16T08:00:00", "date_unixtime": "1773648000",
               "from": "Bo", "from_id": "user7", "text": "Acme again"}  # fmt: skip
    chat = {"name": "Cups", "type": "public_channel", "id": 9, "messages": [message]}
    (place / "result.json").write_text(json.dumps(chat), encoding="utf-8")
    told = crisis("import", str(place / "parts.zip"), str(place / "result.json"), "-w", "acme")
    assert told.returncode == 0 and "was left out" not in told.stdout
    texts = Lake(place / "lake").read("POSTS", watch="acme")["text"]
    assert set(texts) == {"Acme cup broke", "Acme again"}


def test_a_pipe_among_files_costs_only_itself(place: Path, crisis: Callable[..., Ran]) -> None:
    os.mkfifo(place / "pipe.csv")
    good = export(place / "good.csv", ordinary(EVENT, 6))
    told = crisis("import", str(place / "pipe.csv"), str(good), "-w", "acme")
    assert told.returncode == 0 and "pipe.csv was left out" in " ".join(told.stdout.split())
    assert len(Lake(place / "lake").read("POSTS", watch="acme")) == 3
