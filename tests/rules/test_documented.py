"""Public functions say what they take; numeric constants say why they are what they are."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.house_measures import DOCUMENTED

PACKAGE = Path(__file__).parents[2] / "crisislib"
EXEMPT = {"cli"}
"""A command is documented by the help of its options."""
ROOMS = sorted(p.name for p in PACKAGE.iterdir() if (p / "__init__.py").is_file() and p.name not in EXEMPT)


def public(tree: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public(node)


def undocumented(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Parameters that the docstring does not list."""
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    names = [a.arg for a in every if a is not None and a.arg not in ("self", "cls")]
    text = ast.get_docstring(function) or ""
    if DOCUMENTED.search(text) and "Parameters\n" not in text:
        return []
    listed = text.partition("Parameters\n----------\n")[2]
    heads = re.findall(r"^([*\w][\w*, ]*?)(?: :.*)?$", listed, flags=re.MULTILINE)
    known = {name.strip().lstrip("*") for head in heads for name in head.split(",")}
    return [name for name in names if name not in known]


def without_reason(text: str) -> Iterator[int]:
    """Lines of module constants that are numbers and have no docstring below them and no comment beside them."""
    tree, lines = ast.parse(text), text.splitlines()
    for node, below in zip(tree.body, [*tree.body[1:], ast.Pass()], strict=True):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        first = target.elts[0] if isinstance(target, ast.Tuple) else target
        if not isinstance(first, ast.Name) or not first.id.lstrip("_").isupper():
            continue
        plain = isinstance(node.value, ast.Constant | ast.BinOp | ast.UnaryOp | ast.Tuple)
        numbers = [n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)]
        counted = any(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers)
        explained = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        explained = explained or any("#" in line for line in lines[node.lineno - 1 : node.end_lineno])
        if plain and counted and not explained:
            yield node.lineno


@pytest.mark.parametrize("room", ROOMS)
def test_public_functions_list_their_parameters(room: str) -> None:
    lacking = [
        f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}({', '.join(missing)})"
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for node in public(ast.parse(path.read_text(encoding="utf-8")))
        if (missing := undocumented(node))
    ]
    assert not lacking, "list these in the docstring, numpydoc style, with type, unit and meaning"


@pytest.mark.parametrize("room", ROOMS)
def test_numeric_constants_have_a_reason(room: str) -> None:
    lacking = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for line in without_reason(path.read_text(encoding="utf-8"))
    ]
    assert not lacking, "say below the constant, in a docstring, why it is what it is"
