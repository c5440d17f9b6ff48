"""Every sentence of the room has a Chinese translation with the same places."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

import crisislib.spread as room
from crisislib.core.i18n import translator


def sentences() -> list[str]:
    here = Path(room.__file__).parent
    files = [f for f in here.rglob("*.py") if f.relative_to(here).parts[0] not in ("forecast", "rumour")]
    calls = (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    return sorted({c.args[0].value for c in calls if isinstance(c, ast.Call) and getattr(c.func, "id", "") == "N_"})


@pytest.mark.parametrize("sentence", sentences())
def test_a_sentence_is_translated(sentence):
    said = translator("zh").gettext(sentence)
    assert said != sentence
    places = [{name for _, name, _, _ in string.Formatter().parse(s) if name} for s in (sentence, said)]
    assert places[0] == places[1]
