"""What a schema finds wrong with a file that a person wrote, in plain words, with what to write instead."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from crisislib.core.i18n import LANGUAGES, N_, tr
from crisislib.core.phrase_types import Both, Phrase
from crisislib.core.schema_types import members_of, type_in_words

_LONG = 40
"""Characters of a wrong value that an error quotes; more hides the sentence around it."""
_LIMITS = {
    "greater_than": N_("write a number above {gt}"),
    "greater_than_equal": N_("write {ge} or more"),
    "less_than": N_("write a number below {lt}"),
    "less_than_equal": N_("write {le} at most"),
    "finite_number": N_("write an ordinary number"),
    "too_long": N_("write {max_length} at most"),
}
_LIST = (N_("a list"), N_("write each item on a line of its own that begins with `- `"))
_MAPPING = (N_("`key: value` lines"), N_("write them below it, indented"))
_SHAPES = {"list_type": _LIST, "dict_type": _MAPPING, "model_type": _MAPPING}
_SCALARS: dict[object, tuple[str, str]] = {
    str: (N_("text"), N_("put it in quotes")),
    int: (N_("a whole number"), N_("write a number such as 30")),
    float: (N_("a number"), N_("write a number such as 0.5")),
    bool: (N_("true or false"), N_("write true or false")),
}
_NOT_OURS = {"missing", "extra_forbidden", "literal_error", "string_pattern_mismatch", "too_short", "string_too_short"}
Place = tuple[int | str, ...]
Words = Phrase | Both
"""Rendered for the reader of the error."""


def refused(kind: str, what: str, do: str = "", /, **facts: object) -> PydanticCustomError:
    """What a validator of ours raises: rendered by whoever reports it, in the language of the reader.

    Parameters
    ----------
    kind : str
        Short name of the fault.
    what, do : str
        What is wrong and what to write instead; gettext ids.
    **facts : object
        Fill the places of both.

    Returns
    -------
    pydantic_core.PydanticCustomError
        To be raised.
    """
    said = Phrase(what, facts)
    return PydanticCustomError(kind, "{plain}", {"plain": said.render("en"), "what": said, "do": Phrase(do, facts)})


def faults(fault: ValidationError, schema: type[BaseModel], data: object) -> list[tuple[Place, Words, Words]]:
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
    list of (tuple, words, words)
        Place as keys and list positions, what is wrong, and what to do; in the order of the schema. Where a value may
        be of several types, pydantic reports one error for each: here it is one fault.
    """
    found: dict[Place, tuple[Words, Words]] = {}
    for error in fault.errors():
        place = _place(error["loc"], data, str(error["type"]))
        if "id" in error.get("ctx", {}):  # what is wrong with one item of a list that was checked as a whole
            items = _value(data, place)
            place = (*place, next(i for i, item in enumerate(items) if item.get("id") == error["ctx"]["id"]))
        found.setdefault(place, in_words(dict(error), schema, place))
    return [(place, *words) for place, words in found.items()]


def in_words(error: Mapping[str, Any], schema: type[BaseModel], place: Sequence[int | str]) -> tuple[Words, Words]:
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
    what : words
        What is wrong, to stand behind the place.
    do : words
        What to write instead; empty where nothing is known.
    """
    context = error.get("ctx", {})
    if "what" in context:
        return context["what"], context["do"]
    zh, en = ([tr(said, one, **facts) if said else "" for said, facts in _both(error, schema, place, one)]
              for one in LANGUAGES)  # fmt: skip
    return Both(zh[0], en[0]), Both(zh[1], en[1])


def _both(
    error: Mapping[str, Any], schema: type[BaseModel], place: Sequence[int | str], language: str
) -> list[tuple[str, dict[str, object]]]:
    """What is wrong and what to write, as sentences and what fills them."""
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == "value_error" or not (kind in _NOT_OURS or kind in _LIMITS or error.get("url")):
        return [(str(error["msg"]).removeprefix("Value error, "), {}), ("", {})]
    value, key = _short(error.get("input"), language), str(place[-1]) if place else "file"
    annotation, field = _at(schema, place)
    # The descriptions of keys are those of the reference, which is written in English.
    about = f" ({field.description})" if field is not None and field.description and language == "en" else ""
    is_so: tuple[str, dict[str, object]] = (N_("is {value}"), {"value": value})
    if kind == "missing":
        return [(N_("is missing"), {}), (N_("add `{key}:`{about}"), {"key": key, "about": about})]
    if kind == "extra_forbidden":
        return [(N_("there is no key `{key}` here"), {"key": key}), _where_else(key, schema, place[:-1])]
    if kind == "literal_error":
        return [is_so, (N_("use {expected}"), {"expected": _alternatives(context["expected"], language)})]
    if kind == "string_pattern_mismatch":
        pattern = str(context["pattern"])
        return [is_so, (_PATTERNS.get(pattern, N_("write it in the form {pattern}")), {"pattern": pattern})]
    if kind in ("too_short", "string_too_short"):
        return [(N_("is empty"), {}), (N_("give at least {n}{about}"), {"n": context["min_length"], "about": about})]
    if kind in _LIMITS:
        return [is_so, (_LIMITS[kind], dict(context))]
    members = [one for one in members_of(annotation) if one is not type(None)]
    shape = _SHAPES.get(kind) or _SCALARS.get(members[0])
    if shape and len(members) == 1:
        wrong: dict[str, object] = {"value": value, "kind": tr(shape[0], language)}
        return [
            (N_("is {value}, not {kind}"), wrong),
            (N_("{instead}{about}"), {"instead": tr(shape[1], language), "about": about}),
        ]
    form = type_in_words(annotation, language=language)
    return [is_so, (N_("write {form}{about}"), {"form": form, "about": about})]


def _alternatives(expected: str, language: str) -> str:
    """What pydantic lists in English."""
    return expected if language == "en" else expected.replace(" or ", "、").replace(", ", "、")


_PATTERNS = {
    r"^[a-z][a-z0-9_]*$": N_("write small letters, digits and _, beginning with a letter"),
    r"^[a-z0-9][a-z0-9_-]*$": N_("write small letters, digits, - and _"),
    r"^[a-z0-9][a-z0-9_-]{0,63}$": N_("write small letters, digits, - and _, at most 64"),
    r"^([01]\d|2[0-3]):[0-5]\d$": N_("write a time such as 07:30"),
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
        for one in members_of(annotation):
            args = typing.get_args(one)
            if isinstance(one, type) and not args and issubclass(one, BaseModel) and step in one.model_fields:
                field = one.model_fields[str(step)]
                annotation = field.annotation
                break
            if typing.get_origin(one) in (list, dict, tuple):
                annotation = args[-1]
                break
    return annotation, field


def _where_else(key: str, schema: type[BaseModel], parent: Sequence[int | str]) -> tuple[str, dict[str, object]]:
    """For a key that is not known at its place: the place where it is, keys like it, or those that there are."""
    here = next(
        (m for m in members_of(_at(schema, parent)[0]) if isinstance(m, type) and issubclass(m, BaseModel)), None
    )
    known = list(here.model_fields) if here is not None else []
    homes = sorted({path for path in _homes(key, schema) if path != ".".join(map(str, parent))}, key=len)
    close = difflib.get_close_matches(key, known, n=1)
    facts: dict[str, object] = {"home": homes[0] if homes else "", "close": close[0] if close else ""}
    if homes and homes[0]:
        under = N_("write it under `{home}:`, indented, or use `{close}`")
        return (under if close else N_("write it under `{home}:`, indented")), facts
    if homes:
        return (N_("write it at the margin, or use `{close}`") if close else N_("write it at the margin")), facts
    return N_("use {known}"), {"known": near(key, known)}


def _homes(key: str, schema: Any, path: str = "", above: tuple[Any, ...] = ()) -> Iterator[str]:
    """Places of a schema that take a key of this name; a field may list the keys of its mapping as `keys`."""
    for one in members_of(schema):
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


def _short(value: object, language: str) -> str:
    text = tr(N_("empty"), language) if value is None else repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
