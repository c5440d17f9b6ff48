"""Pages that show no watch: who the reader is, and the frame of what is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crisislib.core.i18n import tr
from crisislib.workbench.pages.address import Address
from crisislib.workbench.pages.frame_model import PAGE_NAMES, ROLE_NAMES, WORKBENCH, Frame, navigation
from crisislib.workbench.pages.page_forms import TOKEN_FIELD
from crisislib.workbench.pages.page_words import page_words
from crisislib.workbench.pages.visitor import NAME_PLACE, Visitor


def bare(address: Address, language: str, title: str) -> Frame:
    """A frame without a watch.

    Parameters
    ----------
    address : Address
        What was asked for.
    language : {"zh", "en"}
        Of the page.
    title : str
        Of the document.

    Returns
    -------
    Frame
    """
    names = {page: words.render(language) for page, words in PAGE_NAMES.items()}
    empty = Address(address.page, language=address.language)
    return Frame(title, tr(WORKBENCH, language), language, navigation(empty, names), (), (), (), "", (), "", "")


def you(language: str, *, visitor: Visitor, ask: bool) -> dict[str, Any]:
    """What the page on who the reader is shows.

    Parameters
    ----------
    language : {"zh", "en"}
        Of the page.
    visitor : Visitor
        The reader.
    ask : bool
        Whether they may say their name.

    Returns
    -------
    dict
        For `you.html.j2`.
    """
    w = page_words(language)
    return {
        "frame": bare(Address(language=language), language, w["you"]), "w": w, "visitor": visitor, "ask": ask,
        "role": tr(ROLE_NAMES[visitor.role], language), "token": TOKEN_FIELD, "name": NAME_PLACE,
    }  # fmt: skip


def login(language: str, *, wrong: bool, to: str) -> dict[str, Any]:
    """What the page shows that asks for a token.

    Parameters
    ----------
    language : {"zh", "en"}
        Of the page.
    wrong : bool
        Whether the one that was given is not known.
    to : str
        Where it is sent.

    Returns
    -------
    dict
        For `login.html.j2`.
    """
    w = page_words(language)
    around = replace(bare(Address(language=language), language, w["log_in"]), nav=())
    return {"frame": around, "w": w, "token": TOKEN_FIELD, "wrong": wrong, "to": to}
