"""A message to one person outside the team, through an address of the team's own: a notice of a data breach."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import apprise

from crisislib.core.credentials import filled
from crisislib.core.errors import NotifyError
from crisislib.core.i18n import N_
from crisislib.core.isolation import run_isolated
from crisislib.core.sanitize import one_line

logger = logging.getLogger(__name__)
PLACE = "{contact}"
"""Where the person's mail address or number goes within an address."""
HIDDEN = "{contact}"
"""Stands for the person's address in reasons."""


def check_personal(through: str) -> None:
    """Raise where an address can reach no single person; sends nothing.

    Parameters
    ----------
    through : str
        An Apprise address with :data:`PLACE`.

    Raises
    ------
    NotifyError
        It has no place for the contact, Apprise does not know it, or a variable that it names is not set.
    """
    if PLACE not in through:
        raise NotifyError(
            N_("the address has no {place}"), where="--through",
            do=N_("write it where the person's goes, as in …?to={{contact}}"), facts={"place": PLACE})  # fmt: skip
    if _plugin(through, "1234567890@example.org") is None:
        raise NotifyError(N_("it is not an address that Apprise knows"), where="--through", do=N_("see Apprise's list"))


def takes(through: str, contact: str) -> bool:
    """Whether a channel can be given a contact: a mail channel takes no telephone number. Sends nothing.

    Parameters
    ----------
    through : str
        An Apprise address with :data:`PLACE`.
    contact : str
        The person's mail address or number.

    Returns
    -------
    bool
        True also where the channel does not say whom it reaches, as a webhook.
    """
    with _reasons(contact):
        made = _plugin(through, contact)
    return made is not None and bool(getattr(made, "targets", True))


def send_personal(through: str, contact: str, *, title: str, body: str) -> tuple[bool, str]:
    """Send one message to one person.

    Parameters
    ----------
    through : str
        An Apprise address with :data:`PLACE`.
    contact : str
        The person's mail address or number.
    title, body : str
        Subject and text, plain.

    Returns
    -------
    tuple of bool and str
        Whether the channel took it, and why not, without the contact: reasons are stored where no contact may be.
    """
    with _reasons(contact) as reasons:

        def sent() -> tuple[bool, str]:
            made = _plugin(through, contact)
            ok = made is not None and bool(made.notify(body=body, title=title, body_format="text"))
            return ok, "" if ok else reasons.text() or "the channel did not take it and gave no reason"

        return run_isolated(
            "sending a notice to a person", sent, logger=logger,
            on_error=lambda failure: (False, reasons.without_contact(f"{failure.kind}: {failure.error}")),
        )  # fmt: skip


class _Reasons(logging.Handler):
    """What Apprise says of one sending: warnings, and the answer of a server, which it logs for programmers alone."""

    def __init__(self, contact: str) -> None:
        super().__init__(logging.DEBUG)
        self.contact, self.thread, self.lines = contact, threading.get_ident(), list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of this thread that says why.

        Parameters
        ----------
        record : logging.LogRecord
            What Apprise logs.
        """
        text = record.getMessage()
        if record.thread == self.thread and (record.levelno >= logging.WARNING or "Exception" in text):
            self.lines.append(text)

    def text(self) -> str:
        return self.without_contact("; ".join(self.lines))

    def without_contact(self, text: str) -> str:
        return one_line(re.sub(re.escape(self.contact), HIDDEN, text, flags=re.IGNORECASE))


@contextmanager
def _reasons(contact: str) -> Iterator[_Reasons]:
    """Hear what Apprise says, and keep it out of the log of the program: it names the person."""
    apprise_log, heard = logging.getLogger("apprise"), _Reasons(contact)
    level, onwards = apprise_log.level, apprise_log.propagate
    apprise_log.addHandler(heard)
    apprise_log.setLevel(logging.DEBUG)
    apprise_log.propagate = False
    try:
        yield heard
    finally:
        apprise_log.removeHandler(heard)
        apprise_log.setLevel(level)
        apprise_log.propagate = onwards


def _plugin(through: str, contact: str) -> apprise.plugins.NotifyBase | None:
    address = filled(through, where="--through", error=NotifyError).replace(PLACE, quote(contact, safe=""))
    return apprise.Apprise.instantiate(address, suppress_exceptions=True)
