"""A person is recognised in any text, and nothing else is touched."""

import html
import json
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crisislib.lake.personal_data import Person
from crisislib.lake.personal_data.traces import ERASED, Traces

NAME, HANDLE, POST = "旅行的小茉莉", "Rosalind_Qi", "weibo:5550001112223"
TEXT = "昨天在大学城店喝到的那杯，后厨的照片我也拍到了，谁都别想删"
PERSON = Person(
    "weibo:9870001234", frozenset({NAME, HANDLE, "旅***莉"}), frozenset({POST, "x:abc"}),
    frozenset({"https://weibo.example/9870001234/P5550"}), frozenset({TEXT}),
)  # fmt: skip
TRACES = PERSON.traces

ADDRESS = "https://weibo.example/9870001234/P5550"
PLANTED = st.sampled_from(
    [
        *("weibo:9870001234", "9870001234", POST, "5550001112223", "x:abc", NAME, "@" + NAME, HANDLE, HANDLE.upper()),
        *("旅***莉", ADDRESS, "https://weibo.example/u/9870001234?x=1"),
    ]
)
AROUND = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30).map(lambda t: f" {t} ")


@settings(max_examples=200)
@given(before=AROUND, what=PLANTED, after=AROUND)
def test_what_is_planted_is_found_and_goes(before: str, what: str, after: str) -> None:
    text = f"{before} {what} {after}"
    assert TRACES.holds(text)
    clean = TRACES.redact(text)
    assert what.casefold() not in clean.casefold() and not TRACES.holds(clean)
    for spelled in (json.dumps(text), html.escape(text), json.dumps({"a": [text]}, ensure_ascii=False)):
        assert TRACES.holds(spelled)
    assert TRACES.holds(quote(what))
    assert not TRACES.holds(TRACES.scrub(json.dumps({"a": [{what: 1, "b": text}], "n": 5})))


@settings(max_examples=200)
@given(AROUND.filter(lambda t: NAME not in t and "@" not in t))
@example(" 9870001234567 and weibo:98700012345 ")
@example(" 小茉莉 旅行 Rosalind Rosalind_Qing ")
@example('{"posts": ["weibo:1"], "text": "369190418147315957", "n": 9870001}')
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert TRACES.redact(text) == text and TRACES.scrub(text) == text and not TRACES.holds(text)


@pytest.mark.parametrize("name", ["red", "Negative", "posts", "a", "茉", "Qi"])
def test_a_name_that_is_a_word_is_the_person_after_an_at_only(name: str) -> None:
    traces = Traces({}, [name], [], [])
    evidence = json.dumps(
        {"level": "red", "posts": ["x:1"], "value": "negative", "a": 1, "w": "茉莉"}, ensure_ascii=False
    )
    assert traces.scrub(evidence) == evidence and not traces.holds(evidence)
    assert traces.redact(f"thanks @{name}!") == f"thanks @{ERASED}!"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"真的吗//@{NAME}:{TEXT}//@别人: 转发", f"真的吗//@{ERASED}//@别人: 转发"),
        (f"转//@{NAME}：{TEXT}", f"转//@{ERASED}"),
        (f"回复@{NAME}:你说得对", f"回复@{ERASED}:你说得对"),
    ],
)
def test_in_a_chain_of_reposts_the_quoted_words_go_too(text: str, left: str) -> None:
    assert TRACES.redact(text) == left


def test_words_are_known_by_their_beginning_and_go_as_a_whole() -> None:
    for quoted in (TEXT, TEXT[:20] + "…", "He wrote: " + TEXT[:24]):
        assert TRACES.holds(quoted)
        assert json.loads(TRACES.scrub(json.dumps({"quote": quoted, "n": 3}))) == {"quote": ERASED, "n": 3}
    assert not TRACES.holds(TEXT[:8]) and not TRACES.holds("昨天在大学城店喝到的茶不错，还会再来")


def test_a_placeholder_cannot_be_computed_from_the_id() -> None:
    again = Person(PERSON.account_id, posts=PERSON.posts)
    assert PERSON.placeholders != again.placeholders and PERSON.placeholders[POST].startswith("weibo:erased-")


def test_a_hashed_id_is_found_in_text() -> None:
    person = Person("weibo:~19bc63f19aea491c9b4d")
    assert person.traces.holds('{"account_id": "weibo:~19bc63f19aea491c9b4d"}')
    assert person.traces.holds("asked ~19bc63f19aea491c9b4d twice")
    assert not person.traces.holds("weibo:~19bc63f19aea491c9b4e")
