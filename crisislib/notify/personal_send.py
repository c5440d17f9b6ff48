"""A message to one person outside the team, through an address of the team's own: a notice of a data breach."""

from __future__ import annotations

import logging
from urllib.parse import quote

import apprise

from crisislib.core.credentials import filled
from crisislib.core.errors import NotifyError
from crisislib.core.isolation import run_isolated
from crisislib.core.sanitize import one_line
from crisislib.notify.send import AppriseLog

logger = logging.getLogger(__name__)
PLACE = "{contact}"
"""Where the person's mail address or number goes within an address."""


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
            f"the address has no {PLACE}", where="--through",
            do="write it where the person's goes: mailtos://user:${PASSWORD}@host?to={contact}",
        )  # fmt: skip
    if _plugin(through, "1234567890@example.org") is None:
        raise NotifyError("it is not an address that Apprise knows", where="--through", do="see Apprise's list")


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
        Whether the channel took it, and why not.
    """
    log = AppriseLog()
    apprise_log = logging.getLogger("apprise")
    apprise_log.addHandler(log)

    def sent() -> tuple[bool, str]:
        made = _plugin(through, contact)
        ok = made is not None and bool(made.notify(body=body, title=title, body_format="text"))
        return ok, "" if ok else one_line("; ".join(log.lines)) or "the channel did not take it and gave no reason"

    try:
        return run_isolated(
            "sending a notice to a person", sent, logger=logger,
            on_error=lambda failure: (False, one_line(f"{failure.kind}: {failure.error}")),
        )  # fmt: skip
    finally:
        apprise_log.removeHandler(log)


def _plugin(through: str, contact: str) -> apprise.plugins.NotifyBase | None:
    address = filled(through, where="--through", error=NotifyError).replace(PLACE, quote(contact, safe=""))
    return apprise.Apprise.instantiate(address, suppress_exceptions=True)
