"""From exports to a page to the posts behind each number, to a spreadsheet, and back: every count is the same one."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest
from openpyxl import load_workbook

import crisislib
from crisislib.engine.home import Home
from crisislib.workbench import Workbench
from crisislib.workbench.pages import posts_model
from crisislib.workbench.pages.address import Address
from crisislib.workbench.pages.page_models import incident_choice
from tests.journeys.made_world import Reader, World, first_number, import_again, made, tried, typed, visible

pytestmark = pytest.mark.slow
PAGES = ("situation", "incident", "spread", "response", "posts")
SLIPS = re.compile(
    r"built-in|<function|\bNaN\b|\bnan\b|\bNaT\b|\bNone\b|Traceback|\{[a-z_]+\}|-1 (?:min|h)\b|&amp;amp;"
)
"""What no reader should meet: a value that was not put into words, an unfilled place of a sentence."""

LARGE = re.compile(r"[¥$€][\d,.]+(?: M)?|[\d,.–]+ ?万元?|\d[\d,]*,000–\d[\d,]*,000")
"""Sums, and the bounds of a reach: Chinese counts them in 万."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("numbers"))


@pytest.fixture(scope="module")
def reader(world: World) -> Reader:
    return Reader(world.home)


def page(name: str, language: str = "en") -> str:
    return f"/{name}?watch=tea&language={language}"


def test_every_row_of_every_export_is_a_post_and_is_one_once(world: World) -> None:
    rows = sum(len(list(csv.DictReader(io.StringIO(text(file))))) for file in world.files)
    posts = world.table("POSTS")
    assert len(posts) == rows == posts["post_id"].nunique()
    true = world.drill.posts.to_pandas().set_index("post_id")
    shared = posts.set_index("post_id").join(true[["text", "created_at"]], how="inner", rsuffix="_true")
    assert len(shared) > 0.6 * rows, "ids of the platforms survive their tools"
    assert (shared["text"].str.strip() == shared["text_true"].str.strip()).mean() > 0.95
    late = (shared["created_at"] - shared["created_at_true"]).abs()
    assert (late < pd.Timedelta(minutes=1)).all(), "times are those of the truth, to what each tool writes"


def text(file: Path) -> str:
    """A file without its mark and the lines that a tool writes above its header."""
    whole = file.read_text(encoding="utf-8-sig")
    return whole[whole.index("Query Id") :] if file.name.startswith("brandwatch") else whole


def test_the_same_files_again_add_nothing_and_a_second_run_says_the_same(world: World) -> None:
    before = {name: len(world.home.lake.read(name, present=False)) for name in ("POSTS", "ALERTS", "INCIDENTS")}
    for file in world.files[:3]:
        import_again(world.root, file, "tea")
    again = typed(world.root, "run", "--watch", "tea", "--no-report", "--no-notify")
    assert {name: len(world.home.lake.read(name, present=False)) for name in before} == before
    headline = next(line for line in world.said.splitlines() if "Luvaya" in line)
    assert headline in again


def test_every_link_leads_somewhere_and_no_page_shows_a_slip(reader: Reader) -> None:
    start = [page(name) for name in PAGES]
    every = {link for one in start for link, _ in reader.links(one) if urlsplit(link).path.strip("/") in PAGES}
    assert len(every) > 40
    for link in [*start, *sorted(every)]:
        view = reader.open(link)
        assert view.status == 200, link
        shown = visible(view.html)
        assert not SLIPS.search(shown), (link, SLIPS.search(shown))


def test_the_number_of_a_link_is_the_number_of_posts_behind_it(reader: Reader, world: World) -> None:
    checked, start = set(), page("incident")
    narrower = sorted({link for link, _ in reader.links(start) if urlsplit(link).path in ("/incident", "/posts")})
    for where in [*map(page, PAGES), *narrower]:
        for link, words in reader.links(where):
            if urlsplit(link).path != "/posts" or not re.search(r"\d", words) or re.search(r"%|\d[-:]\d", words):
                continue  # shares are estimates, and times are no counts
            assert first_number(reader.open(link).title) == first_number(words), (where, words, link)
            reading = reader.pages.reading(Address.parse("posts", dict(pairs(link))))
            table = posts_model.as_csv(reading, incident_choice(reading)).decode("utf-8-sig")
            assert len(list(csv.DictReader(io.StringIO(table)))) == first_number(words), link
            checked.add(link)
    assert len(checked) >= 8


def pairs(link: str) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl

    return parse_qsl(urlsplit(link).query)


def test_platforms_and_their_posts_add_up_to_the_whole(reader: Reader, world: World) -> None:
    choice = incident_choice(reader.pages.reading(Address.parse("posts", {"watch": "tea", "language": "en"})))
    posts = world.table("POSTS")
    during = posts[posts["created_at"] >= pd.Timestamp(choice.since)]
    assert choice.until is None or (posts["created_at"] < pd.Timestamp(choice.until)).all()
    counted = {
        platform: first_number(reader.open(f"/posts?watch=tea&language=en&platform={platform}").title)
        for platform in during["platform"].unique()
    }
    assert counted == during["platform"].value_counts().to_dict()
    assert first_number(reader.open(page("posts")).title) == len(during)


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_show_the_same_numbers(reader: Reader, name: str) -> None:
    """But for what Chinese counts in 万, and for single digits, which English writes as words."""
    shown = {language: visible(reader.open(page(name, language)).html) for language in ("en", "zh")}
    plain = {language: re.sub(LARGE, " ", words) for language, words in shown.items()}
    counts = {language: Counter(re.findall(r"\d+(?:[,.:-]\d+)*", words)) for language, words in plain.items()}
    longer = {language: {n: k for n, k in found.items() if len(n) > 2} for language, found in counts.items()}
    assert longer["en"] == longer["zh"]
    assert len(longer["en"]) > 5


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_download_comes_back_as_the_same_posts(world: World, tmp_path: Path, form: str) -> None:
    """A table that somebody looked through in a spreadsheet counts nothing twice, and changes nothing that is known."""
    reader = Reader(world.home)
    reading = reader.pages.reading(Address.parse("posts", {"watch": "tea", "language": "en"}))
    choice = incident_choice(reading)
    file = tmp_path / f"download.{form}"
    file.write_bytes((posts_model.as_csv if form == "csv" else posts_model.as_xlsx)(reading, choice))
    export = crisislib.read_export(file, world.home.watch("tea"))
    before = world.table("POSTS").set_index("post_id").sort_index()
    assert export.layout == "workbench-posts" and export.rejects.empty
    assert len(export.posts) == reading.snapshot.posts.count(choice)
    back, there = export.posts.set_index("post_id").sort_index(), before.loc[sorted(export.posts["post_id"])]
    for column in ("created_at", "platform", "n_likes", "n_reposts"):
        pd.testing.assert_series_equal(back[column], there[column], check_dtype=False)
    typed(world.root, "import", str(file), "--watch", "tea")
    after = world.table("POSTS").set_index("post_id").sort_index()
    same = ["created_at", "text", "account_id", "kind", "parent_id", "n_likes", "n_reposts"]
    pd.testing.assert_frame_equal(after[same], before[same])


def test_a_spreadsheet_holds_what_the_table_holds(world: World, reader: Reader) -> None:
    reading = reader.pages.reading(Address.parse("posts", {"watch": "tea", "language": "en"}))
    choice = incident_choice(reading)
    table = list(csv.reader(io.StringIO(posts_model.as_csv(reading, choice).decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(posts_model.as_xlsx(reading, choice)), read_only=True).active
    assert sheet is not None
    cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert cells == table


def test_the_library_reads_the_same_posts_as_the_command_line(world: World) -> None:
    """`crisislib.read_export` and `crisis import` give one identity to a post."""
    watch, stored = world.home.watch("tea"), set(world.table("POSTS")["post_id"])
    for file in world.files:
        if file.name.startswith(("weibo", "douyin", "twarc")):
            found = crisislib.read_export(file, watch).posts
            assert set(found["post_id"]) <= stored, file.name


def test_notebook_page_and_command_say_one_level(world: World, reader: Reader) -> None:
    home: Home = world.home
    run = home.lake.read("RUNS", watch="tea").sort_values("at").iloc[-1]
    bench = Workbench.open("tea", lake=home.lake_root, watches=home.watches, now=home.now())
    words = {"none": "No alert", "blue": "Blue", "yellow": "Yellow", "orange": "Orange", "red": "Red"}
    level = words[run["level"]]
    for shown in (visible(reader.open(page("situation")).html), visible(bench.heading("brief").html)):
        assert level.casefold() in shown.casefold()
    posts = len(world.table("POSTS"))
    assert f"{posts:,} posts" in world.said or f"{posts:,}" in world.said


def test_signals_count_every_post_of_the_whole_windows(world: World) -> None:
    """The volume of all windows is the number of posts that lie in them: none is left out, none is counted twice."""
    volume = world.table("SIGNALS").query("signal == 'volume'")
    whole = volume[volume["dimension"].isna()] if "dimension" in volume else volume
    posts = world.table("POSTS")
    first, last = whole["at"].min(), whole["at"].max() + pd.Timedelta(hours=1)
    inside = posts[(posts["created_at"] >= first) & (posts["created_at"] < last)]
    known = whole["value"].dropna()
    assert known.sum() <= len(inside) and known.sum() >= 0.98 * len(inside)


def test_a_watch_that_is_not_there_is_said_with_those_that_are(world: World) -> None:
    done = tried(world.root, "run", "--watch", "coffee")
    assert done.exit_code != 0 and "tea" in str(done.exception) + done.output
