"""What of the package is reached from a face: the graph of references, by reading the code.

A *symbol* is a function, class, constant or method. An edge goes from a symbol to what its own lines name: names are
resolved through imports, re-exports and lazy packages; `thing.name` of an unknown thing reaches every method called
`name` of classes that are reached. Re-exporting is no use: a line in an `__init__` reaches nothing by itself.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

Key = tuple[str, str]
"""Module and name within it; `Class.method` for a method, an empty name for the lines that run on import."""
BODY = ""
_PLAIN = {"property", "cached_property", "staticmethod", "classmethod", "contextmanager", "cache", "overload"}
"""Decorators that call nothing by themselves; any other (a validator, a route) makes its function a caller's."""
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass
class Module:
    """One file: its definitions, what its names mean, and the lines that run on import."""

    name: str
    is_package: bool
    tree: ast.Module
    defs: dict[str, list[ast.AST]] = field(default_factory=dict)
    imports: dict[str, Key] = field(default_factory=dict)
    body: list[ast.AST] = field(default_factory=list)

    def __post_init__(self) -> None:
        for node in self.tree.body:
            self._take(node)
        for node in ast.walk(self.tree):
            self._import(node)

    def _take(self, node: ast.stmt) -> None:
        if isinstance(node, Definition):
            self._define(node.name, node)
            if isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                        self._define(f"{node.name}.{inner.name}", inner)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
            for name in names:
                self._define(name, node)
            if not names:
                self.body.append(node)
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            self.body.append(node)

    def _define(self, name: str, node: ast.AST) -> None:
        self.defs.setdefault(name, []).append(node)

    def _import(self, node: ast.AST) -> None:
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = self.name.split(".")[: len(self.name.split(".")) - node.level + self.is_package]
                base = ".".join([*parts, *([node.module] if node.module else [])])
            for one in node.names:
                self.imports[one.asname or one.name] = (base, one.name)
        elif isinstance(node, ast.Import):
            for one in node.names:
                top = one.name if one.asname else one.name.split(".")[0]
                self.imports[one.asname or top] = (top, BODY)

    @cached_property
    def lazy(self) -> dict[str, str]:
        """Name -> submodule, of a package that imports on first use (`_PLACE` and `__getattr__`)."""
        if "__getattr__" not in self.defs:
            return {}
        found: dict[str, str] = {}
        for nodes in self.defs.values():
            for node in nodes:
                value = getattr(node, "value", None)
                if isinstance(value, ast.Dict) and all(isinstance(k, ast.Constant) for k in value.keys):
                    pairs = zip(value.keys, value.values, strict=True)
                    found |= {str(k.value): v.value for k, v in pairs if isinstance(v, ast.Constant)}  # type: ignore[union-attr]
        return found


class Package:
    """All modules below a folder, and what is reached in them."""

    def __init__(self, root: Path) -> None:
        self.modules = {m.name: m for m in _modules(root)}
        self.reached: set[Key] = set()
        self.named: set[str] = set()
        """Attribute names that reached lines use."""
        self._todo: list[Key] = []

    # -- what a name means -------------------------------------------------------------------------

    def resolve(self, module: str, name: str, seen: frozenset[Key] = frozenset()) -> Key | None:
        """The definition that a name of a module means; (module, "") for a module; None for what is not ours."""
        here = self.modules.get(module)
        if here is None or (module, name) in seen:
            return None
        if name in here.defs:
            return (module, name)
        seen |= {(module, name)}
        if name in here.imports:
            base, symbol = here.imports[name]
            if symbol == BODY:
                return (base, BODY) if base in self.modules else None
            inner = f"{base}.{symbol}"
            return self.resolve(base, symbol, seen) or ((inner, BODY) if inner in self.modules else None)
        if name in here.lazy:
            return self.resolve(f"{module}.{here.lazy[name]}", name, seen)
        return (f"{module}.{name}", BODY) if f"{module}.{name}" in self.modules else None

    # -- reaching ------------------------------------------------------------------------------------

    def reach(self, key: Key) -> None:
        """Take a symbol as reached; its lines are followed by :meth:`follow`."""
        if key in self.reached or key[0] not in self.modules:
            return
        self.reached.add(key)
        self._todo.append(key)

    def follow(self) -> None:
        """Reach everything that what is reached names, until nothing new comes."""
        done: set[Key] = set()
        while self._todo:
            while self._todo:
                module, name = self._todo.pop()
                self._imported(module)
                here = self.modules[module]
                for node in here.body if name == BODY else here.defs.get(name, []):
                    self.read(module, node)
            for key in [k for k in self.reached if k not in done]:
                self._methods(*key)

    def _imported(self, module: str) -> None:
        """The lines that run when a module is imported, and its packages'."""
        parts = module.split(".")
        for depth in range(1, len(parts) + 1):
            place = ".".join(parts[:depth])
            self.reach((place, BODY))
            for node in self.modules[place].tree.body if place in self.modules else ():
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _decorated(node):
                    self.reach((place, node.name))

    def _methods(self, module: str, name: str) -> None:
        """Methods of a reached class that somebody names, or that another library calls."""
        for node in self.modules[module].defs.get(name, []):
            if not isinstance(node, ast.ClassDef):
                continue
            foreign = any(not self._ours(module, base) for base in node.bases)
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    called = inner.name in self.named or inner.name.startswith("__") or foreign or _decorated(inner)
                    if called:
                        self.reach((module, f"{name}.{inner.name}"))

    def _ours(self, module: str, base: ast.expr) -> bool:
        return isinstance(base, ast.Name) and self.resolve(module, base.id) is not None

    def read(self, module: str, node: ast.AST) -> None:
        """Reach what some lines name."""
        for used in _uses(node):
            if isinstance(used, ast.Attribute):
                self._attribute(module, used)
            elif isinstance(used, ast.Name):
                found = self.resolve(module, used.id)
                if found is not None:
                    self.reach(found)
            elif isinstance(used, ast.Constant):
                self._text(str(used.value))

    def _attribute(self, module: str, node: ast.Attribute) -> None:
        self.named.add(node.attr)
        chain = _chain(node)
        if not chain:
            return
        found = self.resolve(module, chain[0])
        for name in chain[1:]:
            if found is None:
                return
            place, symbol = found
            if symbol == BODY:
                found = self.resolve(place, name)
            else:
                found = (place, f"{symbol}.{name}") if f"{symbol}.{name}" in self.modules[place].defs else None
            if found is not None:
                self.reach(found)

    def _text(self, text: str) -> None:
        """A module named in a string is started as a program: `python -m crisislib.…`."""
        if text in self.modules:
            self.reach((text, BODY))
            if "main" in self.modules[text].defs:
                self.reach((text, "main"))

    # -- what is left ----------------------------------------------------------------------------------

    def unreached(self) -> dict[str, list[str]]:
        """Public symbols that nothing reaches: module -> names."""
        out: dict[str, list[str]] = {}
        for module in self.modules.values():
            for name in module.defs:
                public = not any(part.startswith("_") for part in name.split("."))
                owner = name.split(".")[0]
                # A method of a class that is itself not reached is no finding of its own.
                if public and (module.name, name) not in self.reached:
                    if owner != name and (module.name, owner) not in self.reached:
                        continue
                    out.setdefault(module.name, []).append(name)
        return out


def _modules(root: Path) -> Iterator[Module]:
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if package else parts)
        yield Module(name, package, ast.parse(path.read_text(encoding="utf-8")))


def _decorated(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a decorator hands the function to somebody who calls it."""
    names = [ast.unparse(d.func if isinstance(d, ast.Call) else d).split(".")[-1] for d in node.decorator_list]
    return any(name not in _PLAIN for name in names)


def _chain(node: ast.expr) -> list[str]:
    """`a.b.c` as its names; nothing where it does not begin with a name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []


def _uses(node: ast.AST, bound: frozenset[str] = frozenset(), *, top: bool = True) -> Iterator[ast.expr]:
    """Names, attributes and strings that some lines use, without local names and the methods of a class at the top."""
    if isinstance(node, Function):
        bound |= _bound(node)
    if isinstance(node, ast.ClassDef) and top:
        inner = [n for n in node.body if not isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        children: list[ast.AST] = [*node.bases, *node.keywords, *node.decorator_list, *inner]
    else:
        children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in bound:
        yield node
    if isinstance(node, ast.Attribute):
        chain = _chain(node)
        yield node if not chain or chain[0] not in bound else ast.Attribute(ast.Constant(None), node.attr, node.ctx)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    for child in children:
        yield from _uses(child, bound, top=False)


def _bound(node: Function) -> frozenset[str]:
    """Names that are a function's own: parameters and what it assigns."""
    spec = node.args
    names = {a.arg for a in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]}
    names |= {a.arg for a in (spec.vararg, spec.kwarg) if a is not None}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names.add(inner.id)
        elif isinstance(inner, (*_NAMED, ast.ExceptHandler)) and inner is not node and inner.name:
            names.add(inner.name)
        elif isinstance(inner, ast.Global | ast.Nonlocal):
            names -= set(inner.names)
    return frozenset(names)


def cells(notebook: Path) -> list[ast.Module]:
    """The code of a notebook."""
    read = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [ast.parse("".join(c["source"])) for c in read if c["cell_type"] == "code"]


def reached_from_faces(root: Path) -> Package:
    """What the command line, the notebooks and dashboards, and the public API reach.

    Parameters
    ----------
    root : Path
        Folder of the repository.
    """
    package = Package(root / "crisislib")
    package.reach(("crisislib.cli", BODY))
    package.reach(("crisislib.cli", "main"))
    found = package.resolve("crisislib.cli", "main")
    if found is not None:
        package.reach(found)
    top = package.modules["crisislib"]
    for name in _exported(top):
        found = package.resolve("crisislib", name)
        if found is not None:
            package.reach(found)
    for notebook in sorted((root / "notebooks").rglob("*.ipynb")):
        for number, tree in enumerate(cells(notebook)):
            name = f"notebook:{notebook.relative_to(root)}:{number}"
            package.modules[name] = Module(name, False, tree)
            package.reach((name, BODY))
            for symbol in package.modules[name].defs:
                package.reach((name, symbol))
        # Cells of a notebook share their names: imports of the first are known in all.
        mine = [m for n, m in package.modules.items() if n.startswith(f"notebook:{notebook.relative_to(root)}:")]
        shared = {k: v for m in mine for k, v in m.imports.items()}
        for module in mine:
            module.imports = {**shared, **module.imports}
    package.follow()
    return package


def _exported(module: Module) -> list[str]:
    for node in module.defs.get("__all__", []):
        value = getattr(node, "value", None)
        if isinstance(value, ast.List | ast.Tuple):
            return [e.value for e in value.elts if isinstance(e, ast.Constant)]
    return []


# -- parameters ----------------------------------------------------------------------------------------


def never_given(package: Package) -> list[str]:
    """Optional parameters of reached public functions that stand for an input and that no reached line gives.

    An input is what defaults to None or to a text; numbers and truths are settings, which a test may turn.
    """
    wanted = {key: _optional(package, *key) for key in package.reached if key[1]}
    # The command line is given what people type, the library what programs give.
    typed = {key for key in wanted if key[0].startswith(("crisislib.cli", "crisislib.api"))}
    wanted = {key: names for key, names in wanted.items() if names and key not in typed and not _private(key)}
    given: dict[Key, set[str]] = {key: set() for key in wanted}
    anywhere: set[str] = set()
    for module, call in _calls(package):
        keywords = {k.arg or "**" for k in call.keywords}
        targets = _called(package, module, call, wanted)
        if targets is None:  # a function out of a table: whatever it is
            anywhere |= keywords
        for key in targets or ():
            given[key] |= _given(package, key, call) | (set(wanted[key]) if "**" in keywords else keywords)
    return sorted(
        f"{m}.{n}({name})" for (m, n), names in wanted.items() for name in names if name not in given[m, n] | anywhere
    )


def _private(key: Key) -> bool:
    return key[1].split(".")[-1].startswith("_")


def _functions(package: Package, module: str, name: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    nodes = package.modules[module].defs.get(name, [])
    return [n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def _optional(package: Package, module: str, name: str) -> list[str]:
    """Parameters with a default that is None or a text."""
    found: list[str] = []
    for node in _functions(package, module, name):
        if _decorated(node):
            continue
        spec = node.args
        last = [*spec.posonlyargs, *spec.args][len(spec.posonlyargs) + len(spec.args) - len(spec.defaults) :]
        pairs = [*zip(last, spec.defaults, strict=True), *zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]
        found += [a.arg for a, v in pairs if v is not None and _is_input(package, module, v)]
    return found


def _is_input(package: Package, module: str, default: ast.expr) -> bool:
    """Whether a default is None or a text, also one that is a constant of ours."""
    if isinstance(default, ast.Name | ast.Attribute):
        key = _meant(package, module, _chain(default))
        nodes = package.modules[key[0]].defs.get(key[1], []) if key is not None else []
        values = [n.value for n in nodes if isinstance(n, ast.Assign | ast.AnnAssign) and n.value is not None]
        return any(_is_input(package, key[0], v) for v in values if isinstance(v, ast.Constant)) if key else False
    return isinstance(default, ast.Constant) and (default.value is None or type(default.value) is str)


def _meant(package: Package, module: str, chain: list[str]) -> Key | None:
    """The symbol that a chain of names means: `a.b.c`, module by module."""
    found = package.resolve(module, chain[0]) if chain else None
    for name in chain[1:]:
        found = package.resolve(found[0], name) if found is not None and found[1] == BODY else None
    return found


def _calls(package: Package) -> Iterator[tuple[str, ast.Call]]:
    for module, name in package.reached:
        here = package.modules[module]
        for node in here.body if name == BODY else here.defs.get(name, []):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Call):
                    yield module, inner


def _called(package: Package, module: str, call: ast.Call, wanted: dict[Key, list[str]]) -> list[Key] | None:
    """The functions that a call may mean; None where it calls what a table or a variable holds."""
    func = call.func
    if isinstance(func, ast.Name | ast.Attribute) and _chain(func)[-1:] == ["partial"] and call.args:
        func = call.args[0]
    chain = _chain(func) if isinstance(func, ast.Name | ast.Attribute) else []
    found = _meant(package, module, chain)
    if found is not None:
        return [key for key in (found, (found[0], f"{found[1]}.__init__")) if key in wanted]
    if isinstance(func, ast.Attribute):
        return [key for key in wanted if key[1].endswith(f".{func.attr}")]
    return None


def _given(package: Package, key: Key, call: ast.Call) -> set[str]:
    """Parameters that a call gives by place."""
    names: set[str] = set()
    for node in _functions(package, *key):
        places = [a.arg for a in [*node.args.posonlyargs, *node.args.args] if a.arg not in ("self", "cls")]
        starred = any(isinstance(a, ast.Starred) for a in call.args)
        names |= set(places if starred else places[: len(call.args)])
    return names
