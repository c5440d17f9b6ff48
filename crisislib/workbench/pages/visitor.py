"""Who looks at a page, as far as the page differs by it; names and secrets enter only when it is sent."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from markupsafe import escape

from crisislib.services.dashboards_access import WRITERS

SECRET = secrets.token_hex(16)
"""Known to this process only, so that no post can hold one of the places below."""
TOKEN_PLACE, NAME_PLACE, NOTICE_PLACE = (f"{name}-{SECRET}" for name in ("token", "name", "notice"))
"""Where the reader's token against forged requests, their name, and an answer to what they did are put in."""


@dataclass(frozen=True)
class Visitor:
    """What a page knows of its reader: enough to be the same for all readers of one kind.

    Attributes
    ----------
    role : str
        Key of :data:`crisislib.services.dashboards_access.WRITERS`.
    named : bool
        Whether it is known who it is: nothing is changed by nobody.
    logged_in : bool
        Whether a token let them in, so that there is something to log out of.
    """

    role: str = "viewer"
    named: bool = False
    logged_in: bool = False

    def may(self, what: str) -> bool:
        """Whether the reader may change something.

        Parameters
        ----------
        what : {"step", "incident", "draft", "response", "statement"}
            What.

        Returns
        -------
        bool
        """
        return self.named and what in WRITERS[self.role]

    @property
    def works(self) -> bool:
        """Whether the reader is one of the team, to whom a command is of use."""
        return bool(WRITERS[self.role])

    @property
    def to_be_named(self) -> bool:
        """Whether the reader could change something once they say who they are."""
        return not self.named and self.works


ANYBODY = Visitor()
"""Who only reads."""


def visitor_of(user: Any, *, logged_in: bool) -> Visitor:
    """The visitor that a user of the server is.

    Parameters
    ----------
    user : jupyter_server.auth.identity.User
        `username` is the role; `name` is the same where nobody is named.
    logged_in : bool
        Whether a token let them in.

    Returns
    -------
    Visitor
    """
    role = user.username if user.username in WRITERS else "viewer"
    return Visitor(role, user.name != user.username, logged_in)


def personal(html: str, *, token: str = "", name: str = "", notice: str = "") -> str:
    """A page with what is its reader's own put in.

    Parameters
    ----------
    html : str
        As it is kept for all readers of one kind.
    token : str
        The reader's token against forged requests.
    name : str
        Who it is.
    notice : str
        An answer to what they did; escaped here.

    Returns
    -------
    str
    """
    bar = f'<p role="alert" class="note-bar bad">{escape(notice)}</p>' if notice else ""
    return (
        html.replace(TOKEN_PLACE, str(escape(token))).replace(NAME_PLACE, str(escape(name))).replace(NOTICE_PLACE, bar)
    )
