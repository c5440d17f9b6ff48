"""What a schema finds wrong with a file that a person wrote, in plain words, with what to write instead."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

_LONG = 40
"""Characters of a wrong value that an error quotes; more hides the sentence around it."""
_PLAIN: dict[object, str] = {
    str: "text", int: "whole number", float: "number", bool: "true or false", type(None): "nothing",
}  # fmt: skip
_LIMITS = {
    "greater_than": "above {gt}",
    "greater_than_equal": ("{ge} or more"),
    "less_than": ("below {lt}"),
    "less_than_equal": ("at most {le}"),
    "finite_number": "an ordinary number",
    "too_long": "at most {max_length}",
}
_LIST = ("a list", "write each item on a line of its own that begins with `- `")
_MAPPING = ("`key: value` lines", "write them below it, indented")
_SHAPES = {"list_type": _LIST, "dict_type": _MAPPING, "model_type": _MAPPING}
_SCALARS: dict[object, tuple[str, str]] = {
    str: ("text", "put it in quotes"),
    int: ("a whole number", "write a number such as 30"),
    float: ("a number", "write a number such as 0.5"),
    bool: ("true or false", "write true or false"),
}
_NOT_OURS = {"missing", "extra_forbidden", "literal_error", "string_pattern_mismatch", "too_short", "string_too_short"}
Place = tuple[int | str, ...]


def faults(fault: ValidationError, schema: type[BaseModel], data: object) -> list[tuple[Place, str, str]]:
    """Every fault of a file, each once.

    Parameters
    ----------
    fault : pydantic.ValidationError
        What validation raised.
    schema : type of BaseModel
        What the file was checked against.
    data : object
        What the file contains.

    Returns
    -------
    list of (tuple, str, str)
        Place as keys and list positions, what is wrong, and what to do; in the order of the schema. Where a value may
        be of several types, pydantic reports one error for each: here it is one fault.
    """
    found: dict[Place, tuple[str, str]] = {}
    for error in fault.errors():
        place = _place(error["loc"], data, str(error["type"]))
        if "id" in error.get("ctx", {}):  # what is wrong with one item of a list that was checked as a whole
            items = _value(data, place)
            place = (*place, next(i for i, item in enumerate(items) if item.get("id") == error["ctx"]["id"]))
        found.setdefault(place, in_words(dict(error), schema, place))
    return [(place, *words) for place, words in found.items()]


def in_words(error: Mapping[str, Any], schema: type[BaseModel], place: Sequence[int | str]) -> tuple[str, str]:
    """One error of a schema.

    Parameters
    ----------
    error : mapping
        As `ValidationError.errors()` lists it.
    schema : type of BaseModel
        What was checked.
    place : sequence of int or str
        Where, without the names that pydantic adds for the members of a union.

    Returns
    -------
    what : str
        What is wrong, to stand behind the place.
    do : str
        What to write instead.
    """
    kind, context = str(error["type"]), error.get("ctx", {})
    if "do" in context:
        return str(error["msg"]), str(context["do"])
    if kind == "value_error" or not (kind in _NOT_OURS or kind in _LIMITS or error.get("url")):
        return str(error["msg"]).removeprefix("Value error, "), ""
    value, key = _short(error.get("input")), str(place[-1]) if place else "file"
    annotation, field = _at(schema, place)
    about = f" ({field.description})" if field is not None and field.description else ""
    if kind == "missing":
        return "is missing", f"add `{key}:`{about}"
    if kind == "extra_forbidden":
        return f"there is no key `{key}` here", _where_else(key, schema, place[:-1])
    if kind == "literal_error":
        return f"is {value}", f"use {context['expected']}"
    if kind == "string_pattern_mismatch":
        return f"is {value}", f"write {_PATTERNS.get(str(context['pattern']), 'it in the form ' + context['pattern'])}"
    if kind in ("too_short", "string_too_short"):
        return "is empty", f"give at least {context['min_length']}{about}"
    if kind in _LIMITS:
        return f"is {value}", f"write {_LIMITS[kind].format(**context)}"
    members = [one for one in _members(annotation) if one is not type(None)]
    shape = _SHAPES.get(kind) or _SCALARS.get(members[0])
    if shape and len(members) == 1:
        return f"is {value}, not {shape[0]}", f"{shape[1]}{about}"
    return f"is {value}", f"write {type_in_words(annotation)}{about}"


_PATTERNS = {
    r"^[a-z][a-z0-9_]*$": "small letters, digits and _, beginning with a letter",
    r"^[a-z0-9][a-z0-9_-]*$": "small letters, digits, - and _",
    r"^[a-z0-9][a-z0-9_-]{0,63}$": "small letters, digits, - and _, at most 64",
    r"^([01]\d|2[0-3]):[0-5]\d$": "a time such as 07:30",
}
"""Patterns of our schemas for people who do not read regular expressions."""


def near(wrong: str, known: Iterable[str], *, most: int = 12) -> str:
    """What a person may have meant: close keys, else some of those there are.

    Parameters
    ----------
    wrong : str
        What was written.
    known : iterable of str
        What could have been meant.
    most : int
        Keys listed at most where none is close.

    Returns
    -------
    str
        For the `do` of an error.
    """
    names = list(known)
    close = difflib.get_close_matches(wrong, names, n=3)
    if close:
        return " or ".join(f"`{one}`" for one in close)
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def type_in_words(annotation: Any, *, model: str = "`key: value` lines, indented below it") -> str:
    """A type for somebody who writes YAML.

    Parameters
    ----------
    annotation : type
        Of a field of a schema.
    model : str
        What to call a section with keys of its own.

    Returns
    -------
    str
        Such as `list of: text`.
    """
    args, origin = typing.get_args(annotation), typing.get_origin(annotation)
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if origin is typing.Literal:
        return ", ".join(f"`{a}`" for a in args)
    if origin is typing.Annotated:
        return type_in_words(args[0], model=model)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(type_in_words(a, model=model) for a in args if a is not type(None))
    if origin is list:
        return f"list of: {type_in_words(args[0], model=model)}"
    if origin is dict:
        return f"mapping of {type_in_words(args[0], model=model)} to {type_in_words(args[1], model=model)}"
    if origin is tuple:
        return f"{len(args)} × {type_in_words(args[0], model=model)}"
    return model


def _place(loc: Sequence[int | str], data: object, kind: str) -> Place:
    """Keys and positions of an error; what names the member of a union or a mapping's key is left out."""
    place: list[int | str] = []
    for number, step in enumerate(loc):
        there = isinstance(data, dict) and step in data
        there = there or (isinstance(data, list) and isinstance(step, int) and step < len(data))
        if there:
            data = data[step]  # type: ignore[index]
        elif not (kind == "missing" and number == len(loc) - 1):
            continue
        place.append(step)
    return tuple(place)


def _value(data: Any, place: Place) -> Any:
    for step in place:
        data = data[step]
    return data


def _at(schema: Any, place: Sequence[int | str]) -> tuple[Any, FieldInfo | None]:
    """Type and field of a place; the nearest field above it where the place is an item or a mapping's value."""
    annotation, field = schema, None
    for step in place:
        for one in _members(annotation):
            args = typing.get_args(one)
            if isinstance(one, type) and not args and issubclass(one, BaseModel) and step in one.model_fields:
                field = one.model_fields[str(step)]
                annotation = field.annotation
                break
            if typing.get_origin(one) in (list, dict, tuple):
                annotation = args[-1]
                break
    return annotation, field


def _members(annotation: Any) -> Iterator[Any]:
    """A type, or the members of a union; without what is annotated to it."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        members = typing.get_args(annotation)
        for one in members[:1] if typing.get_origin(annotation) is typing.Annotated else members:
            yield from _members(one)
    else:
        yield annotation


def _where_else(key: str, schema: type[BaseModel], parent: Sequence[int | str]) -> str:
    """For a key that is not known at its place: the place where it is, keys like it, or those that there are."""
    here = next((m for m in _members(_at(schema, parent)[0]) if isinstance(m, type) and issubclass(m, BaseModel)), None)
    known = list(here.model_fields) if here is not None else []
    homes = sorted({path for path in _homes(key, schema) if path != ".".join(map(str, parent))}, key=len)
    close = difflib.get_close_matches(key, known, n=1)
    if homes:
        under = f"write it under `{homes[0]}:`, indented" if homes[0] else "write it at the margin"
        return f"{under}, or use `{close[0]}`" if close else under
    return f"use {near(key, known)}"


def _homes(key: str, schema: Any, path: str = "", above: tuple[Any, ...] = ()) -> Iterator[str]:
    """Places of a schema that take a key of this name; a field may list the keys of its mapping as `keys`."""
    for one in _members(schema):
        if isinstance(one, type) and not typing.get_args(one) and issubclass(one, BaseModel) and one not in above:
            if key in one.model_fields:
                yield path
            for name, field in one.model_fields.items():
                inner = f"{path}.{name}" if path else name
                extra = field.json_schema_extra
                if isinstance(extra, dict) and key in typing.cast("list[str]", extra.get("keys", [])):
                    yield inner
                    continue
                yield from _homes(key, field.annotation, inner, (*above, one))
        elif typing.get_origin(one) in (list, dict):
            yield from _homes(key, typing.get_args(one)[-1], path, above)


def _short(value: object) -> str:
    text = "empty" if value is None else repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
