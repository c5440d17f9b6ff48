"""Errors of collecting, storing and reading files are told in the language of their reader, whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crisislib.collect.importing.decode import open_files
from crisislib.core.errors import CrisisError, InputError, QueryError
from crisislib.core.phrase import Phrase, pack, unpack
from crisislib.core.query import parse
from crisislib.core.watch import load_watch

LATIN_WORDS = re.compile(r"\b(?:the|is|write|use|there|line|not|and)\b")


@pytest.mark.parametrize("query", ["a | b", '"abc', "(a b", "-foo", "a、b", "a NEAR/9999 b", "NOT"])
def test_a_query_is_refused_in_the_language_of_its_reader(query: str) -> None:
    with pytest.raises(QueryError) as fault:
        parse(query)
    assert LATIN_WORDS.search(fault.value.text("en"))
    assert not LATIN_WORDS.search(fault.value.text("zh")), fault.value.text("zh")


def test_a_watch_file_is_refused_in_the_language_of_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text(
        "watch: x\ntitle: {zh: A}\nlevels: {rde: 3}\nlanguage: fr\nquery: 'a | b'\ntimezone: Mars\n"
        "window: {step_minutes: -3}\nbrand: {names: []}\n",
        encoding="utf-8",
    )
    with pytest.raises(CrisisError) as fault:
        load_watch(path)
    words = fault.value.text("zh").replace(str(path), "")
    assert "第 3 行：levels.rde：这里没有键 `rde`" in words and "第 7 行：window.step_minutes：现为 -3" in words
    assert not LATIN_WORDS.search(words), words
    assert "line 3: levels.rde: there is no key `rde` here; use `red`" in str(fault.value)


def test_an_error_that_is_reported_elsewhere_keeps_both_languages(tmp_path: Path) -> None:
    empty = tmp_path / "a.csv"
    empty.touch()
    with pytest.raises(InputError) as fault:
        open_files(empty)
    stored = unpack(pack(Phrase("{why}", {"why": fault.value.wrong})))
    assert stored.render("zh") == "文件是空的" and stored.render("en") == "the file is empty"


def test_what_a_server_says_is_cleaned_before_it_is_quoted() -> None:
    fault = InputError("{words}", where="a\nb", facts={"words": "one\ntwo"})
    fault.clean(lambda text: text.replace("\n", " "))
    assert fault.text("en") == "a b: one two" and fault.what == "one two"
