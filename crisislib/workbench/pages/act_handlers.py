"""Requests that change something: steps, incidents, statements; and who a reader is."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web

from crisislib.core.errors import CrisisError
from crisislib.core.i18n import N_
from crisislib.engine.response_plan import SettledError
from crisislib.engine.team_change import TeamChange
from crisislib.workbench.pages.address import PAGES
from crisislib.workbench.pages.page_actions import ACTIONS, NoReasonError, act, typed_again
from crisislib.workbench.pages.page_handlers import NO_WATCH, PageHandler
from crisislib.workbench.pages.page_words import page_words
from crisislib.workbench.pages.reading import Reading, Typed
from crisislib.workbench.pages.visitor import personal

logger = logging.getLogger(__name__)
NOT_YOURS, NAMED_BY_TOKEN = N_("your role does not change this"), N_("your name comes with your token")
LONGEST_NAME = 60
"""Characters of a reader's name: it stands beside every step that they settle."""


class ActHandler(PageHandler):
    """Something that a reader changes on a page; the page as it is then is the answer."""

    @web.authenticated
    async def post(self, page: str, what: str) -> None:
        """Change it.

        Parameters
        ----------
        page : str
            On which page.
        what : str
            Key of :data:`crisislib.workbench.pages.page_actions.ACTIONS`.

        Raises
        ------
        tornado.web.HTTPError
            The reader's role does not allow it, or there is no such watch.
        """
        if not self.visitor.may(what):
            raise web.HTTPError(403, reason=NOT_YOURS)
        address = self.address(page)
        reading = await self.run(lambda: self.pages.reading(address, accepted=self.accepted))
        if not isinstance(reading, Reading):
            raise web.HTTPError(404, reason=NO_WATCH)
        names = self.request.body_arguments
        form = {name: self.get_body_argument(name) for name in names}
        notice, typed = await self.run(self._act, reading, what, form)
        if notice:
            await self.show(address, notice=notice, status=409, typed=typed)
        elif self.request.headers.get("X-Fragment"):
            await self.show(address)
        else:
            self.redirect(address.to(number=address.number), status=303)

    def _act(self, reading: Reading, what: str, form: dict[str, str]) -> tuple[str, Typed]:
        """Do it; why not, and what was typed, where it was refused."""
        home, w = reading.snapshot.home, page_words(reading.language)
        change = TeamChange(home, reading.snapshot.watch, self.current_user.name, home.now())
        try:
            act(change, what, form)
        except SettledError as fault:
            return w["settled"].format(by=fault.by) if fault.by else w["settled_nobody"], ()
        except NoReasonError:
            return w["no_reason"], ()
        except CrisisError as fault:
            logger.info("refused to change a %s: %s", what, fault)
            self.pages.store.forget(home)  # where another was first, the page says what they changed
            return w["refused"].format(reason=fault.render(reading.language)), typed_again(what, form, fault)
        self.pages.store.forget(home)
        logger.info("%s changed a %s of %s: %s", change.by, what, change.watch.watch, form.get("how"))
        return "", ()


class YouHandler(PageHandler):
    """Who a reader is: as what they came in, by which name their changes are recorded."""

    @web.authenticated
    async def get(self) -> None:
        """Show it."""
        language = self.language
        provider, user = self.identity_provider, self.current_user
        html = self.pages.bare_document("you", language, visitor=self.visitor, ask=provider.names_itself(user))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        name = user.name if self.visitor.named else ""
        self.finish(personal(html, token=self.xsrf_token.decode(), name=name))

    @web.authenticated
    async def post(self) -> None:
        """Take the name.

        Raises
        ------
        tornado.web.HTTPError
            The reader's name is known already.
        """
        provider = self.identity_provider
        if not provider.names_itself(self.current_user):
            raise web.HTTPError(403, reason=NAMED_BY_TOKEN)
        name = " ".join(self.get_body_argument("name", "").split())[:LONGEST_NAME]
        if name:
            provider.rename(self, name)
        self.redirect(f"/response?language={quote(self.language)}" if name else "/you", status=303)


class LoginHandler(PageHandler):
    """The page on which a reader types a token."""

    @allow_unauthenticated
    def get(self) -> None:
        """Ask for it."""
        self._ask()

    @allow_unauthenticated
    def post(self) -> None:
        """Take it, and go on to where the reader wanted to be."""
        provider = self.identity_provider
        user = provider.process_login_form(self)
        if user is None:
            self.set_status(401)
            self._ask(wrong=True)
            return
        provider.set_login_cookie(self, user)
        wanted = self.get_query_argument("next", "/").replace("\\", "%5C")
        self.redirect(wanted if wanted.startswith("/") and not wanted.startswith("//") else "/", status=303)

    def _ask(self, *, wrong: bool = False) -> None:
        html = self.pages.bare_document("login", self.language, wrong=wrong, to=self.request.uri or "/login")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(personal(html, token=self.xsrf_token.decode()))


class LogoutHandler(PageHandler):
    """Forgets who a reader is."""

    @allow_unauthenticated
    def get(self) -> None:
        """Forget it, and ask for a token."""
        self.identity_provider.clear_login_cookie(self)
        self.redirect("/login")


def acting_handlers(given: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The table of these handlers.

    Parameters
    ----------
    given : dict
        What they are initialized with.

    Returns
    -------
    list of tuple
    """
    return [
        (rf"/act/({'|'.join(PAGES)})/({'|'.join(ACTIONS)})", ActHandler, given),
        (r"/you", YouHandler, given),
        (r"/login", LoginHandler, given),
        (r"/logout", LogoutHandler, given),
    ]
