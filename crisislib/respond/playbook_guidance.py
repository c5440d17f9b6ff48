"""What a playbook says besides its steps: what sets it off, whom to call, what not to say, when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from crisislib.core.i18n import N_
from crisislib.core.phrase import Both
from crisislib.respond.roles_resources import Words, both

Standing = Literal["unverified", "disputed", "denied", "confirmed"]
"""How the claim of an incident stands: a step may wait for one of these."""
ContactKind = Literal["regulator", "security_agency", "platform", "partner", "expert", "press"]
CONTACT_KINDS: dict[str, str] = {
    "regulator": N_("regulator"),
    "security_agency": N_("security agency or police"),
    "platform": N_("platform"),
    "partner": N_("partner"),
    "expert": N_("outside expert"),
    "press": N_("press"),
}
"""Kind of contact -> its name; gettext ids."""


class Contact(BaseModel):
    """Whom to call in such a crisis: an office, a platform, a partner."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="short name, unique in the playbook")
    kind: ContactKind = Field(description="what it is")
    name: Words = Field(description="what it is called")
    how: str = Field(default="", description="telephone, address or form; the shipped playbooks leave it to you")
    when: Words | None = Field(default=None, description="when to call")


@dataclass(frozen=True)
class Guidance:
    """What the team must keep in mind beside its steps, still in both languages.

    Attributes
    ----------
    triggers : sequence of Both
        What sets the playbook off.
    to_watch, exit_criteria : sequence of Both
        What to watch while it lasts; what must hold before it is closed.
    contacts : sequence of Contact
        Whom to call.
    forbidden : sequence of (str, Both)
        Words that no statement may hold, and why.
    waiting : sequence of (Both, sequence of str)
        Steps that wait for how the claim stands: title, and the standings for which they are.
    """

    triggers: Sequence[Both]
    to_watch: Sequence[Both]
    exit_criteria: Sequence[Both]
    contacts: Sequence[Contact]
    forbidden: Sequence[tuple[str, Both]]
    waiting: Sequence[tuple[Both, Sequence[str]]]


def without_address(contacts: Sequence[Contact]) -> list[Both]:
    """Contacts that nobody could call: to be filled in before they are needed.

    Parameters
    ----------
    contacts : sequence of Contact
        Of a playbook.

    Returns
    -------
    list of Both
        Their names.
    """
    return [both(one.name) for one in contacts if not one.how.strip()]
