"""How well the package reads, measured by reading its code: documentation, constants, names, imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx

PACKAGE = Path(__file__).parents[2] / "crisislib"
FILES = sorted(PACKAGE.rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(PACKAGE.parent)}:{getattr(node, 'lineno', 1)}"


def arguments(function: Function) -> list[str]:
    args = function.args
    return [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]


# -- documentation -------------------------------------------------------------------------------


def public_functions(body: list[ast.stmt]) -> Iterator[Function]:
    """Public functions and methods of public classes that take parameters."""
    for node in body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            if set(arguments(node)) - {"self", "cls"}:
                yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body)


DOCUMENTED = re.compile(r"Parameters(\n---|[^.:]* as for :(func|meth):`)")
"""A list of parameters, or where the same parameters are described once for a family of functions."""


def documentation(files: list[Path]) -> tuple[list[str], int]:
    """Public functions that do not document their parameters, and the number of all."""
    functions = [(path, f) for path in files for f in public_functions(parsed(path).body)]
    missing = [f"{place(p, f)} {f.name}" for p, f in functions if not DOCUMENTED.search(ast.get_docstring(f) or "")]
    return missing, len(functions)


def unexplained_constants(path: Path) -> list[str]:
    """Numeric constants of a module that have neither a docstring below nor a comment beside them."""
    body, lines = parsed(path).body, path.read_text(encoding="utf-8").splitlines()
    missing = []
    for node, following in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not _is_number(node.value):
            continue
        names = [n for n in _assigned(node) if n.isupper()]
        beside = any("#" in line for line in lines[node.lineno - 1 : node.end_lineno])
        if names and not beside and not _is_text(following):
            missing.append(f"{place(path, node)} {names[0]}")
    return missing


def _assigned(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]


def _is_number(value: ast.expr | None) -> bool:
    """Whether a value is made of numbers alone or in a tuple or a formula."""
    if not isinstance(value, ast.Constant | ast.BinOp | ast.UnaryOp | ast.Tuple):
        return False
    constants = (n.value for n in ast.walk(value) if isinstance(n, ast.Constant))
    return any(isinstance(v, int | float) and not isinstance(v, bool) for v in constants)


def _is_text(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


# -- names ---------------------------------------------------------------------------------------


def identifiers(path: Path) -> Iterator[tuple[str, str]]:
    """Names of functions, classes, parameters, fields and variables of a module, each with its place."""
    tree = parsed(path)
    for node in ast.walk(tree):
        if isinstance(node, Function):
            for name in (node.name, *arguments(node)):
                yield name, place(path, node)
        elif isinstance(node, ast.ClassDef):
            yield node.name, place(path, node)
            for line in node.body:
                if isinstance(line, ast.AnnAssign):
                    yield from ((name, place(path, line)) for name in _assigned(line))
    for line in tree.body:
        if isinstance(line, ast.Assign | ast.AnnAssign):
            yield from ((name, place(path, line)) for name in _assigned(line))


def words_of(name: str) -> list[str]:
    """Words of a name, in small letters: `ReportContext`, `report_context` and `_REPORT_CONTEXT` alike."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().strip("_").split("_")


def marked_messages() -> dict[str, str]:
    """Every sentence that readers see (a literal of `N_` or `tr`), with its place."""
    return {
        node.args[0].value: place(path, node)
        for path in FILES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"N_", "tr"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


# -- imports -------------------------------------------------------------------------------------


def module_name(path: Path) -> str:
    parts = ("crisislib", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


def _imports(node: ast.AST, *, for_types: bool) -> Iterator[ast.ImportFrom | ast.Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING" and not for_types:
            continue
        if isinstance(child, ast.ImportFrom | ast.Import):
            yield child
        yield from _imports(child, for_types=for_types)


def _defined_in(module: str, name: str) -> str:
    """The module behind a name: a package hands on what its (also lazy) imports name."""
    if f"{module}.{name}" in MODULES:
        return f"{module}.{name}"
    path = MODULES.get(module)
    if path is not None and path.name == "__init__.py":
        for node in _imports(parsed(path), for_types=True):
            if isinstance(node, ast.ImportFrom) and node.module in MODULES:
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return _defined_in(node.module, alias.name)
    return module


def import_graph(*, for_types: bool = False) -> nx.DiGraph:
    """Modules of the package, with an edge to each module that one imports, at the top or within a function.

    `for_types` counts what only type checkers import, too. What a package hands on is an edge to where it is defined,
    not to the package.
    """
    graph = nx.DiGraph()
    for name, path in MODULES.items():
        if path.name == "__init__.py":
            continue
        for node in _imports(parsed(path), for_types=for_types):
            if isinstance(node, ast.ImportFrom) and node.module in MODULES:
                graph.add_edges_from((name, _defined_in(node.module, alias.name)) for alias in node.names)
            elif isinstance(node, ast.Import):
                graph.add_edges_from((name, alias.name) for alias in node.names if alias.name in MODULES)
    return graph


def circles(graph: nx.DiGraph) -> list[list[str]]:
    """Groups of modules that import each other."""
    return [sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1]
