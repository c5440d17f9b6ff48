"""The types of a schema in the words of somebody who writes YAML."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any

from crisislib.core.i18n import N_, tr

_PLAIN: dict[object, str] = {
    str: N_("text"), int: N_("whole number"), float: N_("number"), bool: N_("true or false"), type(None): N_("nothing"),
}  # fmt: skip
SECTION = N_("`key: value` lines, indented below it")


def type_in_words(annotation: Any, *, model: str = "", language: str = "en") -> str:
    """A type for somebody who writes YAML.

    Parameters
    ----------
    annotation : type
        Of a field of a schema.
    model : str
        What to call a section with keys of its own; lines below it when left out.
    language : {"zh", "en"}
        Of the reader.

    Returns
    -------
    str
        Such as `list of: text`.
    """
    args, origin = typing.get_args(annotation), typing.get_origin(annotation)
    model = model or tr(SECTION, language)

    def inner(one: Any) -> str:
        return type_in_words(one, model=model, language=language)

    if annotation in _PLAIN:
        return tr(_PLAIN[annotation], language)
    if origin is typing.Literal:
        return ", ".join(f"`{a}`" for a in args)
    if origin is typing.Annotated:
        return inner(args[0])
    if origin in (typing.Union, types.UnionType):
        return tr(N_(" or "), language).join(inner(a) for a in args if a is not type(None))
    if origin is list:
        return tr(N_("list of: {item}"), language, item=inner(args[0]))
    if origin is dict:
        return tr(N_("mapping of {key} to {value}"), language, key=inner(args[0]), value=inner(args[1]))
    if origin is tuple:
        return f"{len(args)} × {inner(args[0])}"
    return model


def members_of(annotation: Any) -> Iterator[Any]:
    """A type, or the members of a union; without what is annotated to it.

    Parameters
    ----------
    annotation : type
        Of a field of a schema.
    """
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        members = typing.get_args(annotation)
        for one in members[:1] if typing.get_origin(annotation) is typing.Annotated else members:
            yield from members_of(one)
    else:
        yield annotation
