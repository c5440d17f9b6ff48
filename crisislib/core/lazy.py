"""Names of a package that are imported when they are asked for, so that a command pays for what it uses."""

from __future__ import annotations

import ast
import sys
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType


class _LazyPackage(ModuleType):
    """A package whose names are read from the `if TYPE_CHECKING:` block of its own `__init__`."""

    @cached_property
    def _lazy_names(self) -> dict[str, tuple[str, str]]:
        """Name -> (module, name there)."""
        result: dict[str, tuple[str, str]] = {}
        for block in ast.parse(_source(self.__name__)).body:
            if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
                for line in block.body:
                    if isinstance(line, ast.ImportFrom) and line.module:
                        result |= {a.asname or a.name: (line.module, a.name) for a in line.names}
        return result

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") or name not in self._lazy_names:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        module, there = self._lazy_names[name]
        value = getattr(import_module(module), there)
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: object) -> None:
        # The import system binds a submodule in its package. Where a function of the same name is exported
        # (`text.label.label` as `text.label`), the package keeps meaning the function, as with plain imports.
        if isinstance(value, ModuleType) and value.__name__ == f"{self.__name__}.{name}" and name in self._lazy_names:
            return
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._lazy_names})


def _source(package: str) -> str:
    spec = find_spec(package)
    loader = getattr(spec, "loader", None)
    text = loader.get_source(package) if loader is not None else None
    if text is None:
        raise ImportError(f"the source of {package} is needed to find its names")
    return str(text)


def resolve_lazily(package: str) -> None:
    """Make a package import its names when they are first asked for.

    The names are those that its `__init__` imports under `if TYPE_CHECKING:`, so that people, type checkers and the
    running program read one list. Called as the last statement: `resolve_lazily(__name__)`.

    Parameters
    ----------
    package : str
        Its `__name__`.

    Notes
    -----
    PEP 562 allows a module `__getattr__`; a class of its own is needed since several rooms export a function under the
    name of the module that it lives in, which the import system would put in its place.
    """
    sys.modules[package].__class__ = _LazyPackage


def preload(*packages: str) -> None:
    """Import everything that some packages export: for kernels and services that are to be warm when work comes.

    Parameters
    ----------
    *packages : str
        Full names, such as `crisislib.charts`.
    """
    for name in packages:
        package = import_module(name)
        for exported in getattr(package, "__all__", ()):
            getattr(package, exported)
