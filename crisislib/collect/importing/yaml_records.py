"""YAML as records: lists of posts and settings-like dumps; every value stays text, and nothing is unfolded."""

from __future__ import annotations

import re
from typing import Any

import yaml

from crisislib.collect.importing.containers import MB
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_

_ENTRY = re.compile(r"(?:- +)+[\"']?[\w@.$ -]{1,60}[\"']?:(?: |$)")
"""A list of objects begins so."""
_KEY = re.compile(r"[\"']?[\w@.$-]{1,60}[\"']?:(?: +[^\s,;].*)?$")
_INNER = re.compile(r"(?: *- | +[\"']?[\w@.$-]{1,60}[\"']?:(?: |$))")
DEEPEST = 40
"""Lists and objects within each other: posts have about five."""
LARGEST = 256 * MB
"""Bytes; larger lists of posts are kept in no such form, and reading takes a second a megabyte."""
_LOADER: type[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""The reader that leaves every value as it is written, so that no id becomes a number; in C where there is one."""


def is_yaml(text: str) -> bool:
    """Whether a text is YAML with lists or objects, and neither JSON nor a table.

    Parameters
    ----------
    text : str
        Its beginning.
    """
    lines = [line for line in text.split("\n")[:200] if line.strip() and not line.lstrip().startswith("#")]
    lines = [line.rstrip() for line in lines if not line.startswith("%YAML")]
    marked = bool(lines) and re.fullmatch(r"---(?: .*)?", lines[0]) is not None
    lines = lines[marked:]
    if len(lines) < 2:
        return False
    if _ENTRY.match(lines[0]):
        return True
    if not _KEY.match(lines[0]):
        return False
    inner = sum(_INNER.match(line) is not None for line in lines)
    keys = sum(_KEY.match(line) is not None for line in lines)
    return inner > 0 and inner + keys == len(lines) if not marked else inner + keys > len(lines) / 2


def yaml_documents(data: bytes, name: str) -> Any:
    """The documents of a file; of one, the document itself.

    Parameters
    ----------
    data : bytes
        UTF-8.
    name : str
        Of the file, for errors.

    Raises
    ------
    InputError
        It is damaged, refers to parts of itself (which can unpack to any size), or is nested without end.
    """
    if len(data) > LARGEST:
        raise InputError(
            N_("the YAML has more than {largest} MB"),
            where=name,
            do=N_("save it as JSON lines or CSV"),
            facts={"largest": LARGEST // MB},
        )
    text = data.decode("utf-8")
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent):
                raise InputError(
                    N_("the YAML refers to parts of itself, which can unpack to any size"),
                    where=name,
                    do=N_("save it as JSON or CSV"),
                )
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise InputError(
                    N_("the YAML is nested deeper than any list of posts"), where=name, do=N_("export it again")
                )
        found = [document for document in yaml.load_all(text, Loader=_LOADER) if document]
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        raise InputError(
            N_("the YAML is damaged in line {line}: {fault}") if mark else N_("the YAML is damaged: {fault}"),
            where=name,
            do=N_("correct that place, or export it again as JSON or CSV"),
            facts={
                "line": mark.line + 1 if mark else 0,
                "fault": getattr(fault, "problem", None) or str(fault)[:200],
            },
        ) from fault
    return found[0] if len(found) == 1 else found
