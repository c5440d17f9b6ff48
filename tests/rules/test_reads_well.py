"""The package reads well: documented, in the words of the field, unique in its names, without circles of imports."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.support.house_measures import (
    FILES,
    PACKAGE,
    circles,
    documentation,
    identifiers,
    import_graph,
    marked_messages,
    parsed,
    room,
    unexplained_constants,
    words_of,
)

ROOT = PACKAGE.parent
ROOMS = sorted({room(p) for p in FILES} - {"__init__", "__main__"})
EXEMPT = {"cli"}
"""A command is documented by the help of its options."""
ALMOST_ALL = 0.95
"""Of the public functions with parameters: what ruptures and PyRenew, the best of the field, nearly reach."""

GONE = {"desk", "bench", "looked", "learnt", "mend", "loose", "haunt", "board", "folk", "sheet", "gathered", "pictures"}
"""Private words that stand in no name any more."""
LEAVING = {"found", "held", "said", "say", "told", "tell", "judge", "judged", "walk", "walked", "grave", "grown",
           "kept", "seen", "lay"}  # fmt: skip
"""Private words that other rooms still have in names; `held` as in `held_out` is a term of the field."""
STILL = {"core": 2, "engine": 2, "nlp": 2, "services": 1, "spread": 2, "warn": 1}  # fmt: skip
"""Names with such words in each room on the day of this rule; a number only falls, and a room without one has none."""
_WORDS = (
    "held", "told", "said", "judged?", "judges", "learnt", "gathered", "circles?", "walk(?:ed|s)?", "gravest?",
    "mend(?:s|ed)?", "haunt", "desk", "loose", "folk",
)  # fmt: skip
PROSE = rf"\b({'|'.join(_WORDS)})\b"
"""Private words in prose, where the field has terms: stored, reported, published, evaluated, trained, communities …"""
TERMS = r"held[- ](back|out)|hold[- ]out|`[^`]*`"
"""Terms of the field and names of code, which prose may quote."""
IN_DOCSTRINGS = 120
"""Private words in all docstrings on the day of this rule; a number only falls."""
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/*.md"), *PACKAGE.rglob("*.md")})


@pytest.mark.parametrize("name", sorted(set(ROOMS) - EXEMPT))
def test_parameters_are_documented_and_constants_have_a_reason(name: str) -> None:
    files = [p for p in FILES if room(p) == name]
    missing, number = documentation(files)
    assert len(missing) <= (1 - ALMOST_ALL) * number, f"without Parameters: {missing}"
    constants = [one for path in files for one in unexplained_constants(path)]
    assert not constants, "a docstring below, or a comment beside, says why this number"


def test_no_private_words_in_names() -> None:
    names = [(name, place) for path in FILES for name, place in identifiers(path)]
    wrong = [f"{place} {name}" for name, place in names if GONE & set(words_of(name))]
    assert not wrong, "use the terms of the field"


@pytest.mark.parametrize("name", ROOMS)
def test_private_words_leave(name: str) -> None:
    names = [pair for path in FILES if room(path) == name for pair in identifiers(path)]
    left = [f"{place} {n}" for n, place in names if LEAVING & set(words_of(n.replace("held_out", "")))]
    assert len(left) <= STILL.get(name, 0), "use the terms of the field"


def private_words(text: str) -> list[str]:
    """Private words of a text that is neither a term, nor a name of code, nor a place of a message."""
    plain = re.sub(TERMS, " ", re.sub(r"```.*?```|{\w+}", " ", text, flags=re.DOTALL), flags=re.IGNORECASE)
    return [found[0] for found in re.finditer(PROSE, plain, flags=re.IGNORECASE)]


def test_no_private_words_in_what_readers_see() -> None:
    wrong = {text: words for text in marked_messages() if (words := private_words(text))}
    assert not wrong, "use the terms of the field"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_private_words_in_documents(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if private_words(line)], "use the terms of the field"


def test_private_words_leave_the_docstrings() -> None:
    nodes = [node for path in FILES for node in ast.walk(parsed(path)) if isinstance(node, ast.Expr)]
    texts = [n.value.value for n in nodes if isinstance(n.value, ast.Constant) and isinstance(n.value.value, str)]
    assert sum(len(private_words(text)) for text in texts) <= IN_DOCSTRINGS, "use the terms of the field"


def test_numbers_agree_with_their_nouns() -> None:
    """A number before a noun has both forms, `{n} {n:post|posts}`, and none is written with `(s)`."""
    bare = re.compile(
        r"(?<!to )(?<!and )(?<!last ){(\w+)} (?:posts|rows|labels|stories|incidents|windows|sources|steps)\b"
    )
    assert not [text for text in marked_messages() if bare.search(text) or "(s)" in text]


def test_base_names_are_unique() -> None:
    """So that a name in a traceback or a search is one file."""
    names = Counter(p.stem for p in FILES if p.stem not in {"__init__", "__main__"})
    assert not [name for name, number in names.items() if number > 1]


def test_no_modules_import_each_other() -> None:
    assert circles(import_graph()) == []
    assert circles(import_graph(for_types=True)) == []


def test_the_measures_see_what_they_should(tmp_path, monkeypatch) -> None:
    """A rule that cannot fail is none."""
    from tests.support import house_measures

    bad = tmp_path / "crisislib" / "bad.py"
    bad.parent.mkdir()
    bad.write_text(
        'LIMIT = 3\nFINE = 4\n"""Because."""\nclass DeskBoard:\n    held: int\n'
        '    def lay(self, told: int) -> None:\n        """Words."""\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(house_measures, "PACKAGE", bad.parent)
    missing, number = documentation([bad])
    assert number == 1 and "lay" in missing[0]
    assert [line.split()[1] for line in unexplained_constants(bad)] == ["LIMIT"]
    words = {word for name, _ in identifiers(bad) for word in words_of(name)}
    assert words >= {"desk", "board", "held", "lay", "told", "limit"}
    assert private_words("what is told of {held}, `held` and held-back labels; a Desk") == ["told", "Desk"]
    graph = import_graph()
    edge = next(iter(graph.edges))
    graph.add_edge(*reversed(edge))
    assert any(set(edge) <= set(circle) for circle in circles(graph))
    parsed.cache_clear()
