"""What a playbook is: steps with owners and clocks, duties, statement skeletons and checks, as a schema."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from crisislib.core.errors import PlaybookError
from crisislib.core.i18n import N_
from crisislib.core.phrase import Both
from crisislib.core.schema_faults import near, refused
from crisislib.respond.duty_clocks import known_duties
from crisislib.respond.playbook_guidance import Contact, Guidance, Standing
from crisislib.respond.playbook_texts import Check, Draft, Forbidden
from crisislib.respond.response_kinds import RESPONSE_KINDS
from crisislib.respond.roles_resources import Vocabulary, Words, both

Cluster = Literal["victim", "accidental", "preventable"]
AlertLevel = Literal["blue", "yellow", "orange", "red"]
_RISING: tuple[AlertLevel, ...] = ("blue", "yellow", "orange", "red")
BY_ID = ("steps", "duties", "statements", "five_s", "forbidden", "contacts")
"""Lists whose items have an `id`: a playbook with a base replaces the base's items of the same id."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known(name: str, value: str, info: ValidationInfo) -> str:
    """The key, if the vocabulary that the file is read with has it."""
    known = getattr(info.context or Vocabulary(), name)
    if value not in known:
        raise refused(
            name,
            N_("{value} is not one of the {name}"),
            N_("use {known}, or give it a title: `{example}` in this playbook, or in {name}.yml beside it"),
            value=repr(value),
            name=name,
            known=near(value, known),
            example=f'{name}: {{{value}: {{zh: "…", en: "…"}}}}',
        )
    return value


class _Owned(_Strict):
    """What a role does with resources: both must be known."""

    @field_validator("owner", check_fields=False)
    @classmethod
    def _a_role(cls, value: str, info: ValidationInfo) -> str:
        return _known("roles", value, info)

    @field_validator("resources", check_fields=False)
    @classmethod
    def _resources(cls, value: list[str], info: ValidationInfo) -> list[str]:
        return [_known("resources", one, info) for one in value]


class Step(_Owned):
    """One thing to do: who, with what, by when at each level (minutes from opening).

    `done_by` lists kinds of response: when one is logged, the step is done.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="short name, unique in the playbook")
    phase: Literal["assess", "decide", "speak", "act", "watch", "close"] = Field(description="when in the crisis")
    title: Words = Field(description="what readers call it")
    what: Words = Field(description="what to do")
    owner: str = Field(description="a role")
    resources: list[str] = Field(default=[], description="what it needs")
    due: dict[AlertLevel, int] = Field(
        min_length=1, description="level -> minutes from the opening; a level that is not named does not need the step"
    )
    done_by: list[str] = Field(default=[], description="kinds of response that tick it off when they are logged")
    only_if: list[Standing] = Field(
        default=[], description="how the claim must stand for the step to be due; whatever it is, when left out"
    )
    after: str = Field(default="", description="a step that comes first; the minutes then count from when it is done")

    def applies(self, standing: str | None) -> bool:
        """Whether the step is due as the claim stands.

        Parameters
        ----------
        standing : str or None
            What is not known counts as unverified.

        Returns
        -------
        bool
            True for a step that waits for nothing.
        """
        return not self.only_if or (standing or "unverified") in self.only_if

    @field_validator("done_by")
    @classmethod
    def _responses(cls, value: list[str]) -> list[str]:
        for one in value:
            if one not in RESPONSE_KINDS:
                raise refused(
                    "response",
                    N_("{value} is no kind of response"),
                    N_("use {known}"),
                    value=repr(one),
                    known=near(one, RESPONSE_KINDS),
                )
        return value

    @field_validator("due")
    @classmethod
    def _sooner_when_worse(cls, value: dict[AlertLevel, int]) -> dict[AlertLevel, int]:
        times = [value[level] for level in _RISING if level in value]
        if times != sorted(times, reverse=True) or min(times) <= 0:
            raise refused(
                "due",
                N_("the minutes are {value}: they must be above 0 and not grow from blue to red"),
                N_("give a worse level the same time or less"),
                value=str(value),
            )
        return value


class Duty(_Owned):
    """A duty towards an authority; always to be checked with counsel."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="short name")
    jurisdiction: str = Field(description="where it holds")
    authority: Words = Field(description="to whom")
    rule: str = Field(description="law or rule")
    due_hours: int = Field(gt=0, description="hours from the opening")
    clocks: list[str] = Field(default=[], description="ids of crisis clocks that bear the hours out")
    from_level: AlertLevel = Field(description="lowest level at which it holds")
    what: Words = Field(description="what to do")
    owner: str = Field(default="legal_lead", description="a role")
    resources: list[str] = Field(default=["legal"], description="what it needs")

    @field_validator("clocks")
    @classmethod
    def _known_clocks(cls, value: list[str]) -> list[str]:
        known = [one.id for one in known_duties()]
        for one in value:
            if one not in known:
                raise refused(
                    "clock", N_("{value} is no clock"), N_("use {known}"), value=repr(one), known=near(one, known)
                )
        return value


class Playbook(_Strict):
    """One kind of crisis, from the first minute to the review.

    `roles`, `resources` and `kind_titles` give titles to what only this playbook names.
    """

    playbook: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="its name, which is the file's")
    base: str = Field(default="", description="a playbook whose items it inherits")
    title: Words = Field(description="what readers call it")
    kinds: list[str] = Field(min_length=1, description="kinds of crisis that it answers")
    cluster: Cluster = Field(description="how much people hold the brand responsible (SCCT)")
    triggers: list[Words] = Field(default=[], description="what sets it off, in words")
    open_question: Words = Field(description="what is asked first in every meeting")
    roles: dict[str, Words] = Field(default={}, description="owner -> title, of owners that only this playbook names")
    resources: dict[str, Words] = Field(default={}, description="resource -> title, likewise")
    kind_titles: dict[str, Words] = Field(default={}, description="kind -> title, of kinds of its own")
    places: dict[str, Words] = Field(default={}, description="name -> what to fill in, for the drafts")
    steps: list[Step] = Field(min_length=1, description="what to do")
    five_s: list[Check] = Field(description="checklist of the 5S principles")
    monitoring: list[Words] = Field(description="what to watch while it lasts")
    closing: list[Words] = Field(description="when it is over")
    duties: list[Duty] = Field(default=[], description="duties towards authorities")
    statements: list[Draft] = Field(description="statement skeletons")
    forbidden: list[Forbidden] = Field(default=[], description="words that no statement may hold")
    contacts: list[Contact] = Field(default=[], description="whom to call: regulators, police, platforms, partners")

    @field_validator("kinds")
    @classmethod
    def _named_kinds(cls, value: list[str], info: ValidationInfo) -> list[str]:
        known = (info.context or Vocabulary()).kinds
        for one in value:
            if one not in known:
                raise refused(
                    "kinds",
                    N_("{value} is no known kind of crisis"),
                    N_("use {known}, or give it a title: `{example}` here, or in kinds.yml beside this file"),
                    value=repr(one),
                    known=near(one, known),
                    example=f'kind_titles: {{{one}: {{zh: "…", en: "…"}}}}',
                )
        return value

    @field_validator("steps")
    @classmethod
    def _after_what_there_is(cls, value: list[Step]) -> list[Step]:
        following = {step.id: step.after for step in value if step.after}
        for step, first in following.items():
            chain = [step]
            while first in following and first not in chain:
                chain.append(first)
                first = following[first]
            if first in chain or first not in {one.id for one in value}:
                raise refused(
                    "after",
                    N_("the step {step} waits for {first}"),
                    N_("name another step of this playbook, not one that waits for it"),
                    step=step,
                    first=first,
                )
        return value

    @field_validator("statements")
    @classmethod
    def _placeholders_are_listed(cls, value: list[Draft], info: ValidationInfo) -> list[Draft]:
        listed = info.data.get("places", {})
        for draft in value:
            if unknown := sorted(draft.placeholders() - set(listed)):
                raise refused(
                    "places",
                    N_("the draft {id} uses places that are not listed: {unknown}"),
                    N_("add `{example}` under places:, or use {known}"),
                    id=draft.id,
                    unknown=", ".join(unknown),
                    example=f'{unknown[0]}: {{zh: "…", en: "…"}}',
                    known=near(unknown[0], listed),
                )
        return value

    @field_validator(*BY_ID)
    @classmethod
    def _once(cls, value: list[Any]) -> list[Any]:
        ids = [item.id for item in value]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise refused(
                "twice",
                N_("the id {ids} stands twice"),
                N_("give each item an id of its own"),
                ids=", ".join(twice),
            )
        return value

    def draft(self, name: str) -> Draft:
        """The statement skeleton of that id.

        Parameters
        ----------
        name : str
            Id of the draft.

        Returns
        -------
        Draft
            Its texts with places to fill.

        Raises
        ------
        PlaybookError
            The playbook has no draft of that id.
        """
        for draft in self.statements:
            if draft.id == name:
                return draft
        known = ", ".join(d.id for d in self.statements)
        raise PlaybookError(
            N_("there is no draft {name} in {playbook}"), do=N_("use one of {known}"),
            facts={"name": repr(name), "playbook": self.playbook, "known": known},
        )  # fmt: skip

    def guidance(self, standing: str | None) -> Guidance:
        """What the team must keep in mind beside the steps.

        Parameters
        ----------
        standing : str or None
            How the claim of the incident stands.

        Returns
        -------
        Guidance
            With the steps that wait for another standing.
        """
        return Guidance(
            triggers=[both(words) for words in self.triggers],
            to_watch=[both(words) for words in self.monitoring],
            exit_criteria=[both(words) for words in self.closing],
            contacts=self.contacts,
            forbidden=[(one.words, both(one.why)) for one in self.forbidden],
            waiting=[(both(one.title), one.only_if) for one in self.steps if not one.applies(standing)],
        )

    @property
    def name(self) -> Both:
        """The title, to be shown in the reader's language."""
        return both(self.title)
