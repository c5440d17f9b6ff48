from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import crisislib

ROOT = Path(crisislib.__file__).parent


def marked(room: str) -> set[str]:
    found = set()
    for file in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "N_":
                found.add(ast.literal_eval(node.args[0]))
    return found


@pytest.mark.parametrize("room", ["signals", "warn"])
def test_every_sentence_has_its_chinese_with_the_same_places(room):
    said = {}
    for file in (ROOT / "locale" / "zh" / "LC_MESSAGES").glob("*.po"):
        with file.open("rb") as opened:
            said |= {m.id: m.string for m in read_po(opened, locale="zh") if m.id}
    for sentence in marked(room):
        assert said.get(sentence), sentence
        places = [set(re.findall(r"{(\w+)", text)) for text in (sentence, said[sentence])]
        assert places[0] == places[1], sentence
