"""Which model makes which page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crisislib.workbench.pages import (
    incident_model,
    incident_time,
    posts_model,
    response_model,
    spread_model,
    story_posts,
)
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading

MODELS: dict[str, tuple[Callable[[Reading], Any], Callable[[Any], str]]] = {
    "incident": (incident_model.incident_page, lambda page: page.headline),
    "spread": (spread_model.spread_page, lambda page: page.headline),
    "response": (response_model.response_page, lambda page: page.headline),
    "posts": (lambda reading: posts_model.posts_page(reading, incident_choice(reading)), lambda page: page.title),
}
"""Page to its model, and what its document is called."""


def incidents_of(reading: Reading) -> list[tuple[str, str, bool]]:
    """The incidents that can be chosen: id, title, whether it is the one shown.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    list of (str, str, bool)
    """
    return incident_model.titled(reading, incident_model.ordered(reading.snapshot))


def incident_choice(reading: Reading) -> Choice:
    """The posts of the incident that the address names or that matters most, with the reader's filters.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    Choice
    """
    row = incident_model.chosen_incident(reading)
    choice = incident_time.choice_of(reading, row)
    return story_posts.narrowed(reading, row, choice)
