"""The shared pages without a browser: what they say, what they refuse, and that nothing hostile gets through."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest

from crisislib.design import DARK, LIGHT, as_variables, component, level_badge, stylesheet, template_environment
from crisislib.engine import Home
from crisislib.workbench.pages import page_assets, posts_model
from crisislib.workbench.pages.address import Address
from crisislib.workbench.pages.page_models import incident_choice
from crisislib.workbench.pages.page_views import Pages
from tests.support.filled import NOW

QUERY = {"watch": "example", "language": "en"}


@pytest.fixture(scope="module")
def pages(home):
    place = Home(home / "lake", home / "watches", home / "reports", moment=NOW)
    return Pages(lambda: place)


def ask(pages, page: str = "incident", **query: str):
    return pages.view(Address.parse(page, {**QUERY, **query}))


def test_the_incident_page_says_level_numbers_course_steps_and_posts(pages):
    view = ask(pages)
    assert view.status == 200 and view.language == "en"
    for part in ("level-orange", "Possible loss", "Do now", "What people say", "Posts behind this page", "<svg", "CSV"):
        assert part in view.html, part
    assert "¥400,000" in view.html, "the stored loss, with the sign of its currency"


def test_the_situation_shows_every_watch_the_urgent_first_and_none_calm_that_is_unknown(pages):
    view = ask(pages, "situation")
    rows = re.findall(r'<article class="watch watch-(\w+)">.*?</article>', view.html, re.S)
    assert rows == ["orange", "unknown"]
    assert "Example brand example needs action now" in view.html and "Never evaluated" in view.html
    assert 'href="/incident?watch=example&amp;language=en"' in view.html and "1 / 1" not in view.html


@pytest.mark.parametrize("page", ["situation", "incident", "spread", "response", "posts"])
def test_it_speaks_chinese_natively(pages, page):
    view = ask(pages, page, language="zh")
    theirs = r'<(td class="text"|span class="quote")>.*?</|<ul class="choices">.*?</ul>'
    own = re.sub(theirs, " ", view.html, flags=re.S)  # the words of posts are theirs
    text = re.sub(r"<[^>]+>", " ", own)
    for words in {"incident": ("橙色", "走势", "微博", "研判至", "可能的损失"), "situation": ("需要马上处理",)}.get(
        page, ()
    ):
        assert words in text, words
    assert "北京时间" in text
    assert not re.search(r"[\u4e00-\u9fff][,:;?!]", text), "full-width punctuation after Chinese"
    assert "weibo" not in text and "CNY" not in text


def test_filters_govern_the_page_and_stand_in_every_address(pages):
    whole, chosen = ask(pages), ask(pages, sentiment="negative", platform="x")
    count = [int(re.search(r"([\d,]+) posts</a>", v.html)[1].replace(",", "")) for v in (whole, chosen)]
    assert 0 < count[1] < count[0]
    assert "Only the selected posts" in chosen.html and "Only the selected posts" not in whole.html
    assert 'href="/posts.csv?watch=example&amp;platform=x&amp;sentiment=negative&amp;language=en"' in chosen.html


def test_a_number_leads_to_just_so_many_posts(pages):
    checked = set()
    for page in ("situation", "incident", "spread"):
        html = ask(pages, page).html
        links = re.findall(r'<a[^>]* href="(/posts\?[^"]*)"[^>]*>([\d,]+)(?: posts?)?</a>', html)
        claims = re.findall(r'class="quote">[^<]*</span><span>([\d,]+)</span>.*?href="(/posts\?[^"]*)"', html)
        for href, number in [*links, *((href, number) for number, href in claims)]:
            query = dict(parse_qsl(urlsplit(unescape(href)).query))
            if "root" in query and not {"through", "platform"} & set(query):
                continue  # the story that is made up here counts posts that its made-up edges do not reach
            title = re.search(r"<h1>([\d,]+) posts?</h1>", pages.view(Address.parse("posts", query)).html)
            assert title and title[1] == number, (page, href, number)
            checked |= set(query)
    assert {"root", "through", "claim", "from"} <= checked, "each kind of number was tried"


@pytest.mark.long
def test_every_post_can_be_reached_page_by_page(pages):
    reading = pages.reading(Address.parse("posts", QUERY))
    n = reading.snapshot.posts.count(incident_choice(reading))
    met, number = set(), 1
    while True:
        page = posts_model.posts_page(pages.reading(Address.parse("posts", {**QUERY, "number": str(number)})),
                                      incident_choice(reading))  # fmt: skip
        met |= {(line.when, line.who, line.text) for line in page.evidence.lines}
        assert len(page.evidence.lines) <= posts_model.PER_PAGE
        if not page.following:
            break
        number += 1
    assert number == -(-n // posts_model.PER_PAGE)


def test_a_download_has_all_posts_and_no_formula(pages):
    reading = pages.reading(Address.parse("posts", QUERY))
    choice = incident_choice(reading)
    text = posts_model.as_csv(reading, choice).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == reading.snapshot.posts.count(choice)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@", "\t", "-"))]
    assert not [row for row in rows if row["url"].startswith("javascript")]
    assert posts_model.as_xlsx(reading, choice)[:2] == b"PK"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@a", " =1", "\t=1", "＝1", "\u3000=1"])
def test_what_a_spreadsheet_would_run_is_words(cell):
    assert posts_model.neutral(cell).startswith("'")


@pytest.mark.long
@pytest.mark.parametrize("page", ["situation", "incident", "spread", "response", "posts"])
@pytest.mark.parametrize("payload", ["<script>window.hacked=1</script>", "'\"><img src=x onerror=alert(1)>", "{{7*7}}"])
def test_hostile_addresses_are_echoed_as_words_at_most(pages, page, payload):
    for name in ("watch", "incident", "platform", "story", "account", "from", "tz", "language", "sort", "number"):
        view = pages.view(Address.parse(page, {**QUERY, name: payload}))
        assert view.status in (200, 400, 404)
        assert "<script>" not in view.html and "<img" not in view.html and "49" not in view.title


def test_hostile_posts_are_words(pages):
    view = ask(pages, "posts", sort="time")
    seen = view.html + ask(pages, "posts").html
    assert "<script" not in seen and "<img" not in seen and "javascript:" not in seen


def test_a_watch_or_an_incident_that_is_not_there_lists_what_is(pages):
    view = ask(pages, watch="nonesuch")
    assert view.status == 404 and "nonesuch" in view.html and "watch=example" in view.html
    assert "level-" not in view.html, "no other watch is shown instead"
    view = ask(pages, incident="inc-none")
    assert view.status == 404 and "inc-none" in view.html and "incident=example-1" in view.html


@pytest.mark.parametrize(
    ("asked", "status", "offered"),
    [
        ({"platform": "nonesuch"}, 404, "platform=weibo"),
        ({"tz": "Mars/Base"}, 400, "tz=Asia%2FShanghai"),
        ({"language": "xx"}, 400, "language=zh"),
        ({"sentiment": "sour"}, 400, "sentiment=negative"),
        ({"sort": "size"}, 400, "sort=time"),
        ({"from": "yesterday"}, 400, "2026-11-30T08:00"),
        ({"number": "0"}, 400, "/posts?watch=example"),
        ({"number": "9999"}, 404, "number="),
    ],
)
def test_a_value_that_is_not_known_is_named_with_those_that_are(pages, asked, status, offered):
    page, value = ("posts" if "number" in asked else "incident"), next(iter(asked.values()))
    view = ask(pages, page, **asked)
    assert view.status == status and value.lstrip("9") in view.html and offered in view.html
    assert "level-" not in view.html and "<nav" in view.html, "the shell of the page and no figures"
    chinese = ask(pages, page, **{"language": "zh", **asked})
    assert chinese.status == status and (asked.get("language") or re.search("无法识别|列表没有", chinese.html))


def test_several_values_are_all_named_and_a_platform_of_another_watch_is_no_fault(pages):
    view = ask(pages, tz="Mars/Base", sentiment="sour")
    assert "Mars/Base" in view.html and "sour" in view.html
    elsewhere = ask(pages, platform="linkedin")
    assert elsewhere.status == 200 and '<option value="linkedin" selected>LinkedIn' in elsewhere.html


@pytest.mark.parametrize("page", ["incident", "spread", "response"])
def test_another_zone_says_in_which_one_the_sentences_of_a_run_are(pages, page):
    note = "sentences that the last run wrote give them in Shanghai time"
    assert note in ask(pages, page, tz="UTC").html and note not in ask(pages, page).html


def test_a_level_is_grey_once_it_no_longer_holds(home):
    from datetime import timedelta

    place = Home(home / "lake", home / "watches", home / "reports", moment=NOW + timedelta(hours=20))
    view = ask(Pages(lambda: place))
    assert 'class="level level-unknown"' in view.html and "Orange until 03-08 20:00, not decided on since" in view.html
    assert "chip-bad" in view.html


def test_a_filter_is_taken_away_by_words_and_a_function_is_no_word(pages):
    view = ask(pages, "posts", platform="weibo")
    assert ">Clear filters</a>" in view.html and "built-in" not in view.html
    with pytest.raises(TypeError, match="which is a function"):
        template_environment().from_string("{{ w.clear }}").render(w={})


def test_a_page_is_made_once_for_a_version(pages, monkeypatch):
    first = ask(pages)
    monkeypatch.setattr(pages, "_made", lambda reading: pytest.fail("rendered again"))
    assert ask(pages) is first


def test_a_page_that_breaks_says_so_with_a_number(pages, monkeypatch):
    monkeypatch.setattr(pages, "_view", lambda *_: 1 / 0)
    view = ask(pages)
    assert view.status == 500 and re.search(r"[0-9a-f]{8}", view.html) and "ZeroDivision" not in view.html


def test_the_document_fetches_nothing_but_its_two_files(pages):
    document = pages.document(ask(pages))
    fetched = re.findall(r'(?:src|href)="([^"#?]+)', document.split("<body>")[0])
    assert sorted(fetched) == ["/assets/pages.css", "/assets/pages.js", "data:,"]
    assert not re.search(r"\son\w+=|style=|<script>", document), "nothing inline: the policy forbids it"
    assert "url(" not in page_assets.asset("pages.css") and "http" not in page_assets.asset("pages.css")


# -- tokens and components --------------------------------------------------------------------------


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa(theme):
    tokens = {**LIGHT, **(DARK if theme == "dark" else {})}
    for ground in ("bg", "card"):
        for text in ("ink", "mute", "accent", "ok", "bad"):
            assert contrast(tokens[text], tokens[ground]) >= 4.5, (text, ground)
    for level in ("unknown", "none", "blue", "orange", "red"):
        assert contrast(tokens["on-level"], tokens[f"level-{level}"]) >= 4.5, level
    assert contrast(tokens["on-level-yellow"], tokens["level-yellow"]) >= 4.5


def test_no_two_tokens_share_a_colour_so_drawings_become_variables():
    assert len(set(LIGHT.values())) == len(LIGHT)
    assert as_variables('<path stroke="#1F5FA8" fill="#123456">') == '<path stroke="var(--accent)" fill="#123456">'


def test_levels_are_words_and_bars_in_both_languages():
    assert "Red" in component("level", level_badge("red", "en")) and "红色" in component(
        "level", level_badge("red", "zh")
    )
    assert component("level", level_badge("red", "en")).count('class="on"') == 4
    assert "无预警" in component("level", level_badge("none", "zh"))


def test_the_style_names_every_token_that_it_uses():
    used = set(re.findall(r"var\(--([\w-]+)\)", stylesheet()))
    defined = set(re.findall(r"--([\w-]+):", stylesheet()))
    assert used <= defined, used - defined


def test_the_response_page_says_whom_to_call_and_what_not_to_say(pages):
    html = ask(pages, "response").html
    for words in ("Whom to call", "complaint channel of the platform", "Do not say", "no comment", "Close it when"):
        assert words in html, words
