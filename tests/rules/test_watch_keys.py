"""Every key of a watch file changes something: the product reads it, and the reference says what it does."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from crisislib.core.watch import Watch
from crisislib.core.watch_sections import (
    Brand,
    Channel,
    Levels,
    Privacy,
    Respond,
    Risk,
    Schedule,
    SourceUse,
    SpreadSettings,
    TopicSettings,
    Window,
)

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "crisislib"
SECTIONS: dict[str, type[BaseModel]] = {
    "brand": Brand,
    "sources": SourceUse,
    "window": Window,
    "levels": Levels,
    "risk": Risk,
    "respond": Respond,
    "privacy": Privacy,
    "notify": Channel,
    "schedule": Schedule,
    "text.topics": TopicSettings,
    "spread": SpreadSettings,
}
WATCH_FILES = {PACKAGE / "core" / "watch.py", PACKAGE / "core" / "watch_sections.py"}
"""Where the keys are defined, which is no use of them."""
NESTED = {"text"}
"""Sections that hold nothing but sections."""
THROUGH = {("Watch", "title"): "name", ("Watch", "timezone"): "zone", ("Channel", "url"): "address"}
"""Keys that are read through a method of their own model."""
PLAIN = [key for key in Watch.model_fields if key not in {*SECTIONS, *NESTED}]
KEYS = [("Watch", "", key) for key in PLAIN] + [
    (model.__name__, section, key) for section, model in SECTIONS.items() for key in model.model_fields
]


def dotted(section: str, key: str) -> str:
    return f"{section}.{key}" if section else key


@cache
def accesses() -> dict[str, list[tuple[ast.expr, ast.Module, Path]]]:
    """Attribute name to every place of the product that reads it; replays of the past are no product."""
    found: dict[str, list[tuple[ast.expr, ast.Module, Path]]] = {}
    for path in PACKAGE.rglob("*.py"):
        if (
            path.parent == PACKAGE / "core" and path.stem in {"watch", "watch_sections"}
        ) or "backtest" in path.as_posix():
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        replays = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and "backtest" in node.name
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and id(node) not in replays:
                found.setdefault(node.attr, []).append((node.value, tree, path))
    return found


@cache
def names_of(tree: ast.Module, model: str, section: str) -> set[str]:
    """Names that hold an object of a model in a module: by annotation, or assigned or iterated from the section."""
    found = set()
    for node in ast.walk(tree):
        annotated = node.annotation if isinstance(node, ast.arg | ast.AnnAssign) else None
        if annotated is not None and re.search(rf"\b{model}\b", ast.unparse(annotated)):
            found.add(node.arg if isinstance(node, ast.arg) else ast.unparse(node.target))
        if section and isinstance(node, ast.Assign):
            for target, value in assigned(node):
                if ast.unparse(value).endswith(f".{section}"):
                    found.add(target)
        if (
            section
            and isinstance(node, ast.For | ast.comprehension)
            and re.search(rf"\.{section}\b", ast.unparse(node.iter))
        ):
            found |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
    return found


def assigned(node: ast.Assign) -> list[tuple[str, ast.expr]]:
    pairs = []
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs += [(ast.unparse(t), v) for t, v in zip(target.elts, node.value.elts, strict=True)]
        else:
            pairs.append((ast.unparse(target), node.value))
    return pairs


def holds(value: ast.expr, tree: ast.Module, model: str, section: str) -> bool:
    """Whether an expression is an object of a model: `….section`, or a name that holds one."""
    said = ast.unparse(value)
    last = re.split(r"\.", said)[-1]
    if section:
        return (isinstance(value, ast.Attribute) and last == section) or last in names_of(tree, model, section)
    return last == "watch" or last in names_of(tree, model, section)


@pytest.mark.parametrize(("model", "section", "key"), KEYS, ids=lambda v: v or "-")
def test_every_key_is_read_by_the_product(model: str, section: str, key: str) -> None:
    ways = {key, THROUGH.get((model, key), key)}
    places = [one for way in ways for one in accesses().get(way, [])]
    read = any(holds(value, tree, model, section.rsplit(".", 1)[-1]) for value, tree, _ in places)
    assert read, f"{dotted(section, key)} changes nothing: no room reads it; wire it in or delete it"


@pytest.mark.parametrize(("model", "section", "key"), KEYS, ids=lambda v: v or "-")
def test_every_key_is_documented_with_its_default(model: str, section: str, key: str) -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{re.escape(dotted(section, key))}` \| (.+?) \| (.+?) \|$", text, re.M)
    assert row, f"{dotted(section, key)} is not in the table of data/README.md"
    default = (SECTIONS[section] if section else Watch).model_fields[key].get_default(call_default_factory=True)
    assert row[1] == shown(default)


def shown(default: object) -> str:
    if default is PydanticUndefined:
        return "needed"
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, tuple):
        return ", ".join(f"{n:g}" for n in default)
    if isinstance(default, int | float):
        return f"{default:g}"
    return str(default) if default else "none"


def test_the_rule_sees_a_dead_key() -> None:
    """The rule is not satisfied by any attribute of that name anywhere."""
    tree = ast.parse("def f(risk: Risk, other: Thing):\n    other.currency\n    watch.risk.forms\n    risk.customers\n")
    held = {n.attr: holds(n.value, tree, "Risk", "risk") for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    assert held == {"currency": False, "forms": True, "customers": True, "risk": False}
