"""Who a reader of the dashboards is: by token, by a proxy's headers, or by being on this machine."""

from __future__ import annotations

import secrets
from typing import Any

from jupyter_server.auth.identity import IdentityProvider, User
from tornado import web
from traitlets import Instance

from crisislib.services.dashboards_access import ROLES, Access, role_of_groups

FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via", "X-Forwarded-Host")
"""Headers that a proxy sets: whoever comes through one is not known to be at this machine."""


class ReaderIdentity(IdentityProvider):
    """Readers with a role: `username` is the role, `name` who it is; both the same where nobody is named."""

    access = Instance(Access, args=())

    def _get_user(self, handler: web.RequestHandler) -> Any:
        """The reader of a request, or None.

        Parameters
        ----------
        handler : tornado.web.RequestHandler
            The request.

        Returns
        -------
        jupyter_server.auth.identity.User or None
            Awaitable where tokens are asked for.
        """
        if self.access.user_header:
            return self._named_by_proxy(handler)
        if self.access.tokens:
            return super()._get_user(handler)
        through = any(name in handler.request.headers for name in FORWARDED)
        return _user("viewer") if through else _user(self.access.open_role, self.access.open_name)

    def _named_by_proxy(self, handler: web.RequestHandler) -> User | None:
        name = handler.request.headers.get(self.access.user_header, "").strip()
        if not name or handler.request.remote_ip not in self.access.proxies:
            return None
        groups = handler.request.headers.get(self.access.role_header, "") if self.access.role_header else ""
        return _user(role_of_groups(groups), name)

    async def get_user_token(self, handler: web.RequestHandler) -> User | None:
        """The reader whose token the request carries.

        Parameters
        ----------
        handler : tornado.web.RequestHandler
            The request.

        Returns
        -------
        jupyter_server.auth.identity.User or None
        """
        return self._of_token(self.get_token(handler) or "", handler)

    def process_login_form(self, handler: web.RequestHandler) -> User | None:
        """The reader who typed a token.

        Parameters
        ----------
        handler : tornado.web.RequestHandler
            The request with the form.

        Returns
        -------
        jupyter_server.auth.identity.User or None
        """
        return self._of_token(handler.get_body_argument("password", ""), handler)

    def _of_token(self, given: str, handler: web.RequestHandler) -> User | None:
        known = [one for one in self.access.tokens if secrets.compare_digest(one.token.encode(), given.encode())]
        if not known:
            return None
        before = self.get_user_cookie(handler)
        if not known[0].name and isinstance(before, User) and before.username == known[0].role:
            return before  # who shares a token has said their name already
        return _user(known[0].role, known[0].name)

    def user_from_cookie(self, cookie_value: str) -> User | None:
        """The reader of a signed cookie.

        Parameters
        ----------
        cookie_value : str
            What :meth:`user_to_cookie` wrote.

        Returns
        -------
        jupyter_server.auth.identity.User or None
            None where it names no role of ours.
        """
        user: User | None = super().user_from_cookie(cookie_value)
        return user if user is not None and user.username in ROLES else None

    def rename(self, handler: web.RequestHandler, name: str) -> None:
        """Remember by which name the changes of a reader are recorded who shares a token with others.

        Parameters
        ----------
        handler : tornado.web.RequestHandler
            The request.
        name : str
            Who it is.
        """
        self.set_login_cookie(handler, _user(handler.current_user.username, name))

    def names_itself(self, user: User) -> bool:
        """Whether a reader may say who they are: with a token that several share.

        Parameters
        ----------
        user : jupyter_server.auth.identity.User
            The reader.

        Returns
        -------
        bool
        """
        mine = [one for one in self.access.tokens if one.role == user.username]
        return any(not one.name for one in mine) and user.name not in {one.name for one in mine}

    @property
    def login_available(self) -> bool:
        """Whether there is a page on which a token is typed."""
        return bool(self.access.tokens)

    @property
    def logout_available(self) -> bool:
        """Whether there is anything to log out of."""
        return bool(self.access.tokens)


def _user(role: str, name: str = "") -> User:
    return User(role, name or role)
