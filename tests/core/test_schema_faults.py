"""What is wrong with a file is said in plain words, for every key of every schema, with what to write instead."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from crisislib.collect.importing.layout import Layout, parse_layout
from crisislib.core.errors import LayoutError
from crisislib.core.schema_faults import faults
from crisislib.core.watch import Watch
from crisislib.respond.duty_clocks import DutyClock
from crisislib.respond.playbook import Playbook
from crisislib.simulation.scenario_definition import Scenario
from tools.reference_pages import models_of

SCHEMAS = (Watch, Layout, Playbook, Scenario, DutyClock)
MODELS = [pytest.param(m, id=f"{s.__name__}.{path}") for s in SCHEMAS for path, m in models_of(s)]
WRONG: tuple[Any, ...] = (None, "", "nonsense", -7, 1.5, 10**9, float("nan"), True, [], {}, [None], {"x": None}, [[]])
RAW = re.compile(r"Input should|Extra inputs|Field required|should have at|should match|[Uu]nable to parse|Value error")


@pytest.mark.parametrize("model", MODELS)
def test_no_sentence_of_the_validator_reaches_a_reader(model: type[BaseModel]) -> None:
    number = 0
    for key in [*model.model_fields, "no_such_key"]:
        for value in WRONG:
            data = {key: value}
            try:
                model.model_validate(data)
            except ValidationError as fault:
                for place, *words in faults(fault, model, data):
                    what, do = (one.render("en") for one in words)
                    number += 1
                    assert RAW.search(words[0].render("zh")) is None
                    assert what and not RAW.search(f"{what} {do}"), (place, what, do)
                    assert "crisislib" not in f"{what} {do}" and "<class" not in do
    assert number > len(WRONG)


def layout_faults(text: str) -> str:
    with pytest.raises(LayoutError) as fault:
        parse_layout(text, "mine.yml")
    return str(fault.value)


HEAD = """
layout: mine
title: {en: Mine}
about: Ours.
fingerprint: [[When, Body]]
platform: {default: weibo}
kind: {default: post}
"""


def test_fields_of_a_layout_belong_below_columns() -> None:
    message = layout_faults(HEAD + "created: When\ntext: Body\nlikes: Likes\n")
    assert "line 8: created: there is no key `created` here; write it under `columns:`, indented" in message
    assert "columns: is missing; add `columns:`" in message and "`created`, and `text` or `title`" in message


def test_fields_that_are_missing_are_named() -> None:
    assert "created and text (or title) are missing" in layout_faults(HEAD + "columns: {id: Id}\n")
    assert "text (or title) is missing" in layout_faults(HEAD + "columns: {created: When}\n")
    assert "there is no field 'txt'; use `text`" in layout_faults(HEAD + "columns: {created: When, txt: Body}\n")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("names: [Acme]", "there is no key `names` here; write it under `brand:`, indented"),
        ("red: 90", "write it under `levels:`, indented"),
        ("titel: {en: A}", "there is no key `titel` here; use `title`"),
        ("levels: {rde: 3}", "levels.rde: there is no key `rde` here; use `red`"),
        ("levels: {timezone: UTC}", "write it at the margin"),
        ("language: fr", "is 'fr'; use 'zh' or 'en'"),
        ("sources: {source: x}", "write each item on a line of its own that begins with `- `"),
        (
            "sources: [{source: x, options: {a: {b: 1}}}]",
            "sources.0.options.a: is {'b': 1}; write text or",
        ),
    ],
)
def test_a_watch_says_where_a_key_belongs(change: str, message: str) -> None:
    data = {"watch": "w", "title": {"en": "W"}, "brand": {"names": ["W"]}, **yaml.safe_load(change)}
    with pytest.raises(ValidationError) as fault:
        Watch.model_validate(data)
    found = [f"{'.'.join(map(str, place))}: {what.render('en')}; {do.render('en')}"
             for place, what, do in faults(fault.value, Watch, data)]  # fmt: skip
    assert len(found) == 1 and message in found[0]
