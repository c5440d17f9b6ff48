"""Every user-facing sentence has its Chinese, and the Chinese keeps the places to fill."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).parents[2] / "crisislib"
CATALOGUES = sorted((PACKAGE / "locale" / "zh" / "LC_MESSAGES").glob("*.po"))


def said() -> dict[str, str]:
    """Every literal handed to N_ or tr, with the file that says it."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"N_", "tr"}:
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found[first.value] = str(path.relative_to(PACKAGE))
    return found


def catalogue() -> dict[str, str]:
    words = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            words |= {str(m.id): str(m.string) for m in read_po(file, locale="zh") if m.id}
    return words


def test_nothing_is_untranslated() -> None:
    known = catalogue()
    missing = {f"{where}: {text}" for text, where in said().items() if not known.get(text)}
    assert not missing, f"{len(missing)} without Chinese: {sorted(missing)[:10]}"


def test_no_translation_is_left_of_a_sentence_that_is_gone() -> None:
    used: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    assert not sorted(set(catalogue()) - used)


def test_a_sentence_has_one_translation() -> None:
    """All catalogues are joined into one: of two translations of a sentence one would be shown in the other's place."""
    found: dict[str, dict[str, str]] = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file, locale="zh"):
                if message.id:
                    found.setdefault(str(message.id), {})[str(message.string)] = path.stem
    twice = {sentence: words for sentence, words in found.items() if len(words) > 1}
    assert not twice, twice


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: p.stem)
def test_places_survive_translation(path: Path) -> None:
    with path.open("rb") as file:
        for message in read_po(file, locale="zh"):
            if message.id:
                places = [set(re.findall(r"{(\w+)", str(t))) for t in (message.id, message.string)]
                assert places[0] == places[1], message.id


def test_one_style_of_percents() -> None:
    """The sign follows its number at once, in both languages and in every sentence."""
    spaced = re.compile(r"[\d}][ \u00a0]%(?!\()")
    assert not [text for pair in catalogue().items() for text in pair if spaced.search(text)]


EXEMPT = {"api", "__init__"}
"""Python's own users read its errors as tracebacks, in English."""


def error_classes(trees: list[ast.Module]) -> set[str]:
    """`CrisisError` and every class below it."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    names = {"CrisisError"}
    for _ in classes:
        more = {c.name for c in classes if any(isinstance(b, ast.Name) and b.id in names for b in c.bases)}
        if more <= names:
            return names
        names |= more
    return names


def unmarked(tree: ast.Module, classes: set[str]) -> list[ast.Call]:
    """Errors whose words are written out where they are raised, so that no catalogue can have them."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes:
            words = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "do")]
            if any(isinstance(w, ast.JoinedStr | ast.Constant) and getattr(w, "value", "x") != "" for w in words):
                found.append(node)
    return found


def test_every_error_can_be_told_in_chinese() -> None:
    """What is wrong and what to do are marked sentences with facts; finished English cannot be translated later."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}
    classes = error_classes(list(trees.values()))
    assert {"CrisisError", "InputError", "LayoutError", "SettledError"} <= classes
    wrong = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path, tree in trees.items()
        if path.relative_to(PACKAGE).parts[0].removesuffix(".py") not in EXEMPT
        for node in unmarked(tree, classes)
    ]
    assert not wrong, f"write N_(…) and facts=: {wrong}"


def test_the_rule_sees_unmarked_errors() -> None:
    tree = ast.parse('InputError("no", do=N_("x"))\nInputError(N_("no"), do=f"{y}")\nInputError(N_("no"), do=REMEDY)')
    assert [node.lineno for node in unmarked(tree, {"InputError"})] == [1, 2]
