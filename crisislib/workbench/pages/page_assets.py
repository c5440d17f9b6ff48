"""The two files that pages fetch: their style and their script."""

from __future__ import annotations

from functools import cache
from importlib import resources

from crisislib.core.ids import short_hash
from crisislib.design import stylesheet

KINDS = {"pages.css": "text/css; charset=utf-8", "pages.js": "text/javascript; charset=utf-8"}


@cache
def asset(name: str) -> str:
    """One of the files.

    Parameters
    ----------
    name : str
        Key of :data:`KINDS`.

    Returns
    -------
    str
        Its text.
    """
    if name == "pages.css":
        return stylesheet()
    return resources.files("crisislib.workbench.pages").joinpath("assets", name).read_text(encoding="utf-8")


@cache
def version() -> str:
    """Changes when a file does, so that browsers may keep what they have for ever."""
    return short_hash(*map(asset, KINDS), length=8)
