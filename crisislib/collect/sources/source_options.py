"""Options of live sources: what each means, its type, and what a value of it must look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from crisislib.collect.http_client import HttpSettings
from crisislib.collect.importing.layout import KINDS
from crisislib.core.credentials import filled
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import Phrase
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

    def wrong(self, value: object) -> Phrase | None:
        """What is wrong with a value; None where nothing is.

        Parameters
        ----------
        value : object
            As the watch file gives it.
        """
        kind = type(self.default)
        whole = isinstance(value, int) and not isinstance(value, bool) and kind in (float, str)  # an id may be a number
        if not whole and (not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool)):
            return Phrase(N_("{value} is not {kind}"), {"value": repr(value), "kind": Phrase(_KINDS[kind])})
        if isinstance(value, int | float) and kind is not str and value < self.least:
            return Phrase(N_("{value} is below {least}"), {"value": repr(value), "least": f"{self.least:g}"})
        if self.form == "address" and value and not _address(str(value)):
            return Phrase(N_("{value} is no http address"), {"value": repr(value)})
        if self.form == "kind" and value not in KINDS:
            return Phrase(N_("{value} is none of {kinds}"), {"value": repr(value), "kinds": ", ".join(KINDS)})
        return None


_KINDS: dict[type, str] = {
    str: N_("text"), int: N_("a whole number"), float: N_("a number"), bool: N_("true or false"), list: N_("a list"),
}  # fmt: skip


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
    value, default = use.options.get(name, options[name].default), options[name].default
    return str(value) if isinstance(default, str) else value


HTTP_OPTIONS: Mapping[str, Option] = {
    "timeout_s": Option("seconds from the connection to the last byte (20)", 20.0, least=0.01),
    "max_mb": Option("largest answer in megabytes (10)", 10.0),
    "proxy": Option("address of a proxy; the environment's when left out"),
    "allow_private": Option("whether its name may lead to a private address (false)", False),
}
"""Options of every source that speaks HTTP."""


def http_settings(use: SourceUse) -> HttpSettings:
    """Limits of requests as the watch file sets them in :data:`HTTP_OPTIONS`.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file.
    """
    return HttpSettings(
        timeout_s=float(option(use, HTTP_OPTIONS, "timeout_s")),
        max_bytes=int(option(use, HTTP_OPTIONS, "max_mb") * 1e6),
        proxy=str(option(use, HTTP_OPTIONS, "proxy")),
        allow_private=bool(option(use, HTTP_OPTIONS, "allow_private")),
    )


def with_secrets(use: SourceUse) -> SourceUse:
    """The entry with every `${NAME}` of its options filled from the environment or the keyring.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file.

    Raises
    ------
    SourceError
        A name has no value.
    """
    where = use.name or use.source

    def value(given: Any) -> Any:
        if isinstance(given, list):
            return [value(one) for one in given]
        return filled(given, where=where, error=SourceError) if isinstance(given, str) else given

    return use.model_copy(update={"options": {name: value(given) for name, given in use.options.items()}})
