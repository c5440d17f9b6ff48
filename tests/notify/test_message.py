"""What a notification says, and that hostile text does nothing in it."""

from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.finding import Finding
from crisislib.core.levels import LEVELS
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Brand
from crisislib.notify import Notice, compose, harmless

AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
WATCH = Watch(watch="w", title={"zh": "某牌", "en": "Brand"}, timezone="Asia/Shanghai", brand=Brand(names=["某牌"]))


def notice(text="42 posts in the last hour.", level="orange", n=42, count=1, link="reports/w/brief.html"):
    found = Finding("k", text, {}, pd.DataFrame(), n=n, limits=("only half was collected",))
    return Notice("item-1", "Brand: milk", level, AT, [found] * count, link)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_level_is_a_word_and_a_sign(level, language):
    said = compose(notice(level=level), WATCH, language=language, target="text")
    sign, word = said.title.split(" ", 1)
    assert sign in "⚪🔵🟡🟠🔴" and len(word.split(":")[0]) >= 2


def test_says_number_limits_link_time_and_item():
    body = compose(notice(), WATCH, language="en", target="text").body
    for piece in ("42 posts", "over 42 posts", "only half was collected", "reports/w/brief.html", "10:30", "item-1"):
        assert piece in body


def test_html_is_escaped():
    body = compose(notice('<script>alert(1)</script> & "x"'), WATCH, language="en", target="html").body
    assert "<script" not in body and "&lt;script&gt;" in body


def test_markdown_and_calls_are_disarmed():
    bad = "[click](http://evil) *bold* `code` <!channel> @all @everyone # head"
    body = compose(notice(bad), WATCH, language="en", target="markdown").body
    assert not set("[]*`<>#") & set(body) and "@all" not in body and "@everyone" not in body


def test_a_title_cannot_break_out_of_its_line():
    evil = Notice("i", "Brand\r\nBcc: all@example.org", "red", AT)
    assert "\n" not in compose(evil, WATCH, language="en", target="html").title


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_nothing_hostile_survives(text):
    shown = harmless(text, "markdown")
    assert not set("*_`[]<>#|~\\") & set(shown)
    assert not any(ord(c) < 32 and c not in "\n\t" for c in shown)
    assert "<" not in harmless(text, "html")


@pytest.mark.parametrize("limit", [200, 400, 2000])
def test_too_long_is_cut_and_says_so(limit):
    body = compose(notice("x" * 90, count=40), WATCH, language="en", target="text", limit=limit).body
    assert len(body) <= limit and "cut here" in body
    whole = compose(notice(), WATCH, language="en", target="text", limit=limit).body
    assert "cut here" not in whole or limit < 250
