"""Options of live sources: what each means, its type, and what a value of it must look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from crisislib.collect.importing.layout import KINDS
from crisislib.core.watch_sections import SourceUse


@dataclass(frozen=True)
class Option:
    """One option of a source.

    Attributes
    ----------
    about : str
        What it means, for `crisis sources`.
    default : str, int, float, bool or list of str
        Where a watch file does not give it; its type is the option's.
    form : str
        `address` for http(s) addresses, `kind` for a kind of post, else nothing.
    least : float
        Smallest number that makes sense.
    """

    about: str
    default: str | int | float | bool | list[str] = ""
    form: Literal["", "address", "kind"] = ""
    least: float = 0

    def wrong(self, value: object) -> str:
        """What is wrong with a value; empty where nothing is.

        Parameters
        ----------
        value : object
            As the watch file gives it.
        """
        kind = type(self.default)
        whole = isinstance(value, int) and not isinstance(value, bool) and kind is float
        if not whole and (not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool)):
            return f"{value!r} is not {_KINDS[kind]}"
        if isinstance(value, int | float) and value < self.least:
            return f"{value!r} is below {self.least:g}"
        if self.form == "address" and value and not _address(str(value)):
            return f"{value!r} is no http address"
        if self.form == "kind" and value not in KINDS:
            return f"{value!r} is none of {', '.join(KINDS)}"
        return ""


_KINDS: dict[type, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false", list: "a list"}


def _address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:  # such as an open bracket of an IPv6 address
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def option(use: SourceUse, options: Mapping[str, Option], name: str) -> Any:
    """An option as the watch file gives it, or its default; :func:`check_use` has looked at its type.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file.
    options : Mapping of str to Option
        Those of the source.
    name : str
        Which one.
    """
    return use.options.get(name, options[name].default)
