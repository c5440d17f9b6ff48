"""Parameters of a notebook, checked before anything runs: a typing slip must not run the default."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from papermill import inspect_notebook

from crisislib.core.errors import ReportError
from crisislib.core.i18n import N_


@dataclass(frozen=True)
class Parameter:
    """One parameter that a notebook declares.

    Attributes
    ----------
    name : str
        Its name.
    kind : str
        Its type as written, such as `int` or `str | None`.
    default : str
        Its default as written.
    help : str
        The comment behind it.
    """

    name: str
    kind: str
    default: str
    help: str


def declared(notebook: Path) -> dict[str, Parameter]:
    """What a notebook's parameters cell declares.

    Parameters
    ----------
    notebook : Path
        The `.ipynb` file.

    Returns
    -------
    dict[str, Parameter]
        By name, in the order of the cell, with type, default and help.

    Raises
    ------
    ReportError
        The notebook is not there, cannot be read, or has no parameters cell.
    """
    if not notebook.is_file():
        there = ", ".join(sorted(p.stem for p in notebook.parent.glob("*.ipynb"))) or "(none)"
        raise ReportError(
            N_("there is no notebook {stem!r}"),
            where=str(notebook.parent),
            do=N_("use one of {there}"),
            facts={"stem": notebook.stem, "there": there},
        )
    try:
        document = nbformat.read(notebook, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError, AttributeError) as fault:
        raise ReportError(
            N_("not a notebook: {fault}"),
            where=str(notebook),
            do=N_("save it again from JupyterLab"),
            facts={"fault": fault},
        ) from fault
    if not any("parameters" in cell.metadata.get("tags", []) for cell in document.cells):
        raise ReportError(N_("no parameters cell"), where=str(notebook), do=N_("tag one cell with 'parameters'"))
    result = inspect_notebook(str(notebook))
    return {k: Parameter(k, p["inferred_type_name"].strip(), p["default"], p["help"]) for k, p in result.items()}


def checked(given: Mapping[str, object], allowed: Mapping[str, Parameter], *, where: str) -> dict[str, object]:
    """The given values in the declared types.

    Words (as a command line gives them) are read as the declared type; a value of another type is refused.

    Parameters
    ----------
    given : Mapping[str, object]
        Values by name; text stands for a value of the declared type.
    allowed : Mapping[str, Parameter]
        From :func:`declared`.
    where : str
        The notebook, for the error.

    Returns
    -------
    dict[str, object]
        The same names with values of the declared types; defaults are not added.

    Raises
    ------
    ReportError
        An unknown name or a wrong type; names the parameters and types that there are.
    """
    listed = ", ".join(f"{p.name}: {p.kind}" for p in allowed.values())
    unknown = sorted(set(given) - set(allowed))
    if unknown:
        raise ReportError(
            N_("unknown parameters {unknown}"),
            where=where,
            do=N_("it takes {listed}"),
            facts={"unknown": ", ".join(unknown), "listed": listed},
        )
    values = {}
    for name, value in given.items():
        kind = allowed[name].kind
        try:
            values[name] = _READ.get(kind, _literal)(value)
        except (ValueError, SyntaxError) as fault:
            raise ReportError(
                N_("{name} = {value!r} is not {kind}"),
                where=where,
                do=N_("it takes {listed}"),
                facts={"name": name, "value": value, "kind": kind, "listed": listed},
            ) from fault
    return values


def _text(value: object) -> str:
    if not isinstance(value, str | Path):
        raise ValueError("not text")
    return str(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("not a whole number")
    return int(value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("not a number")
    return float(value)


def _truth(value: object) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.lower() not in known:
        raise ValueError("neither true nor false")
    return known[value.lower()]


def _literal(value: object) -> object:
    return ast.literal_eval(value) if isinstance(value, str) else value


_READ: dict[str, Callable[[object], object]] = {"str": _text, "int": _whole, "float": _number, "bool": _truth}
