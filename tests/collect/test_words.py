"""Every sentence of this room that a reader sees has its Chinese, with the same places."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po

import crisislib.collect

ROOM = Path(crisislib.collect.__file__).parent
CATALOGUE = ROOM.parent / "locale" / "zh" / "LC_MESSAGES" / "collect.po"


def marked() -> set[str]:
    found = set()
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
                assert isinstance(node.args[0], ast.Constant), path
                found.add(str(node.args[0].value))
    return found


def test_every_marked_sentence_is_translated_with_the_same_places() -> None:
    with CATALOGUE.open("rb") as file:
        said = {m.id: m.string for m in read_po(file, locale="zh") if m.id}
    assert marked() == set(said)
    for english, chinese in said.items():
        assert set(re.findall(r"{\w+}", str(english))) == set(re.findall(r"{\w+}", str(chinese))), english
