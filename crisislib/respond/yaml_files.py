"""YAML that people write: read with its line numbers, faults named with file, line and what to do."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from crisislib.core.errors import PlaybookError
from crisislib.core.i18n import N_
from crisislib.core.located import at_line, duplicate_keys

# the C loader is ten times as fast where libyaml is there; both are safe loaders
_WIDE_COLON = re.compile(r"\s*(?:- )?\w+：")
"""A key with the colon of Chinese text after it, which YAML takes for a part of the word."""
_CORRECT = N_("correct that line: text that holds : # or {{ goes in quotes, and lists are indented alike")
_PLAIN_COLON = N_("write the colon after the key in line {line} as : and a space, not as a full-width ：")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parsed(path: Path) -> tuple[dict[str, Any], yaml.MappingNode]:
    """The mapping that a file holds, and its tree with line numbers; do not change what is returned.

    Parameters
    ----------
    path : Path
        A YAML file; parsed again only after it has changed.

    Returns
    -------
    tuple of (dict, yaml.MappingNode)
        Values, and the node tree that has a line for each key.

    Raises
    ------
    PlaybookError
        The file cannot be read, is not UTF-8 YAML, is no mapping, or has a key twice.
    """
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except OSError as fault:
        raise PlaybookError(
            N_("cannot be read: {fault}"),
            where=str(path),
            do=N_("check the name and its rights"),
            facts={"fault": fault},
        ) from fault


@lru_cache(maxsize=64)  # the base of every playbook is the same file; `changed` tells an edited file from the old one
def _parsed(path: Path, changed: int) -> tuple[dict[str, Any], yaml.MappingNode]:
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=_LOADER)
        data = yaml.load(text, Loader=_LOADER)
    except UnicodeDecodeError as fault:
        raise PlaybookError(
            N_("is not UTF-8: {fault}"), where=str(path), do=N_("save the file as UTF-8"), facts={"fault": fault}
        ) from fault
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        wide = next((n for n, line in enumerate(text.splitlines(), 1) if _WIDE_COLON.match(line)), None)
        raise PlaybookError(
            N_("is not YAML: {problem}"),
            where=at_line(path, mark.line + 1) if mark else str(path),
            do=_PLAIN_COLON if wide else _CORRECT,
            facts={"problem": getattr(fault, "problem", None) or fault, "line": wide},
        ) from fault
    if not isinstance(data, dict) or not isinstance(node, yaml.MappingNode):
        raise PlaybookError(
            N_("is not a mapping of keys"), where=str(path), do=N_("write `key: value` lines; common.yml shows how")
        )
    for key, first, second in duplicate_keys(node):
        raise PlaybookError(
            N_("`{key}` stands twice, in lines {first} and {second}; only the last would count"),
            where=at_line(path, second),
            do=N_("join the two into one"),
            facts={"key": key, "first": first, "second": second},
        )
    return data, node
