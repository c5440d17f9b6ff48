"""Who may do what on the dashboards: roles, tokens, and headers of a proxy that asks who readers are."""

from __future__ import annotations

import getpass
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_

ROLES = ("viewer", "analyst", "responder")
"""From reading only to everything; a reader of several groups has the highest of them."""
WRITERS: Mapping[str, frozenset[str]] = {
    "viewer": frozenset(),
    "analyst": frozenset({"step", "incident", "draft", "response"}),
    "responder": frozenset({"step", "incident", "draft", "response", "statement"}),
}
"""Role to what it may change: steps and comments, incidents, what a statement says, the response log, what goes out."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Addresses that only this machine reaches."""
LEAST_LETTERS = 8
"""Letters that a token has at least; those that we make have 32."""


@dataclass(frozen=True)
class Token:
    """What lets a reader in.

    Attributes
    ----------
    token : str
        The secret.
    role : str
        One of :data:`ROLES`.
    name : str
        Whose it is; empty where several share it, who then say their names before they change anything.
    """

    token: str
    role: str
    name: str = ""


@dataclass(frozen=True)
class Access:
    """Who gets in, and as what.

    Attributes
    ----------
    tokens : sequence of Token
        Empty where none is needed.
    open_role : str
        Role of everybody who reaches the server, where no token is needed.
    open_name : str
        By whom their changes are recorded.
    user_header, role_header : str
        Headers in which a proxy says who the reader is, and in which groups; empty where there is no such proxy.
    proxies : sequence of str
        Addresses from which these headers are believed.
    """

    tokens: Sequence[Token] = ()
    open_role: str = "viewer"
    open_name: str = ""
    user_header: str = ""
    role_header: str = ""
    proxies: Sequence[str] = ("127.0.0.1", "::1")

    def as_text(self) -> str:
        """For the environment of the server."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Access:
        """What :meth:`as_text` wrote; nobody may write where it is empty.

        Parameters
        ----------
        text : str
            JSON.

        Returns
        -------
        Access
        """
        given = json.loads(text) if text else {}
        return cls(**{**given, "tokens": [Token(**one) for one in given.get("tokens", ())]})


def own_machine() -> Access:
    """Access where only this machine reaches the server: whoever is at it is its user, and may do everything."""
    return Access(open_role="responder", open_name=getpass.getuser())


def access_for(host: str, *, tokens: Sequence[str], names: Sequence[str], no_login: bool) -> Access:
    """Who gets in, and as what, where no proxy says so.

    Parameters
    ----------
    host : str
        Address that is listened on.
    tokens : sequence of str
        As given.
    names : sequence of str
        Names by which others may ask for the server; with one it is not for this machine alone.
    no_login : bool
        Whether everybody may read.

    Returns
    -------
    Access
    """
    if tokens:
        return Access(tokens=[read_token(one) for one in tokens])
    if no_login:
        return Access()
    if host in LOOPBACK and not names:
        return own_machine()
    return Access(tokens=[Token(secrets.token_urlsafe(24), role) for role in ROLES])


def read_token(text: str) -> Token:
    """A token as it is given: `ROLE=TOKEN`, `ROLE:NAME=TOKEN`, or one alone, which is a viewer's.

    Parameters
    ----------
    text : str
        As typed.

    Returns
    -------
    Token

    Raises
    ------
    InputError
        No such role, or a token that is too short.
    """
    before, sign, token = text.partition("=")
    role, _, name = before.partition(":")
    if not sign or (role not in ROLES and not name and len(token) < LEAST_LETTERS):  # a secret may end with "="
        role, name, token = "viewer", "", text
    if role not in ROLES:
        raise InputError(
            N_("{role} is no role"),
            where="--token",
            do=N_("use one of {roles}"),
            facts={"role": repr(role), "roles": ", ".join(ROLES)},
        )
    if len(token) < LEAST_LETTERS:
        raise InputError(
            N_("the token of the {role} is too short"),
            where="--token",
            do=N_("give it {least_letters} letters or more"),
            facts={"role": role, "least_letters": LEAST_LETTERS},
        )
    return Token(token, role, name.strip())


def role_of_groups(groups: str) -> str:
    """The highest role among the groups that a proxy names.

    Parameters
    ----------
    groups : str
        Names with commas or blanks between; `analyst` and `crisis-analyst` both count.

    Returns
    -------
    str
        `viewer` where no group is a role.
    """
    named = {one.strip().lower().removeprefix("crisis-") for one in groups.replace(",", " ").split()}
    return next((role for role in reversed(ROLES) if role in named), "viewer")
