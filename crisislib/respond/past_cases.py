"""Past cases: what was claimed, how it was answered, what came of it, what it cost; public ones and the own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml
from babel.numbers import is_currency
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from crisislib.core.errors import PlaybookError
from crisislib.core.i18n import N_
from crisislib.core.located import at_line, line_of
from crisislib.core.phrase import Amount as Money
from crisislib.core.phrase import Both, Listing, Phrase
from crisislib.core.schema_faults import refused
from crisislib.core.watch_sections import NO_CURRENCY, WRITE_CURRENCY
from crisislib.respond.roles_resources import Words, both
from crisislib.respond.yaml_files import parsed

LossKind = Literal["cost", "fine", "damages", "compensation", "sales", "market_value", "estimate"]
LOSS_WORDS: dict[str, str] = {
    "cost": N_("cost {amount}"),
    "fine": N_("fines {amount}"),
    "damages": N_("settlement or damages {amount}"),
    "compensation": N_("compensation {amount}"),
    "sales": N_("lost sales {amount}"),
    "market_value": N_("market value {amount}"),
    "estimate": N_("estimated {amount} (median)"),
}
"""Kind of loss -> its words; gettext ids. `estimate` is our own assessment of an own incident."""
TRUTH_WORDS: dict[str, str] = {
    "true": N_("the claim turned out true"),
    "false": N_("the claim turned out false"),
    "open": N_("the claim was never settled"),
}
"""How a claim turned out -> its words; gettext ids."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CaseLoss(_Strict):
    """One sum that a case cost, as its sources give it."""

    what: LossKind = Field(description="cost, fine, damages, compensation, sales, market_value or estimate")
    amount: float = Field(ge=0, description="in units of the currency, of its time")
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217")

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, value: str) -> str:
        if not is_currency(value):
            raise refused("currency", NO_CURRENCY, WRITE_CURRENCY, value=value)
        return value

    def words(self) -> Phrase:
        """The sum with what it was."""
        return Phrase(LOSS_WORDS[self.what], {"amount": Money(self.amount, self.currency)})


class CaseSource(_Strict):
    """Where a case can be read."""

    title: str = Field(min_length=1, description="publisher or report")
    url: str = Field(default="", pattern=r"^(https?://\S+)?$", description="its address, where there is a lasting one")


class PastCase(_Strict):
    """One past case."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$", description="short name, unique")
    brand: str = Field(min_length=1, description="whose crisis it was")
    brand_zh: str = Field(default="", description="what Chinese readers call it; `brand` when left out")
    country: str = Field(default="", description="ISO 3166 code of the market")
    industry: Words = Field(default={}, description="what the brand does")
    sector: str = Field(default="", description="the same as watch files name it (brand.industry): food, tech, auto …")
    started: str = Field(pattern=r"^\d{4}(-\d\d(-\d\d)?)?$", description="day, month or year in which it became known")
    kind: str = Field(description="a kind of crisis, as playbooks name it")
    subject: str = Field(default="", description="more exactly: food_safety, conduct, …")
    claim: Words = Field(description="the claim")
    turned_out: Literal["true", "false", "open"] = Field(description="whether it was so")
    denied_first: bool = Field(default=False, description="whether the brand denied what turned out true")
    first_response_hours: float | None = Field(default=None, ge=0, description="until the first public answer")
    strategies: list[str] = Field(default=[], description="of the answers, in order, as crisis strategy names them")
    outcome: Words = Field(description="what was done and what came of it")
    losses: list[CaseLoss] = Field(default=[], description="what it cost, where that is public")
    sources: list[CaseSource] = Field(min_length=1, description="where that can be read")
    own: bool = Field(default=False, description="whether it is an incident of your own")

    @property
    def text(self) -> str:
        """What the case is searched by: claim, outcome, industry and subject, in both languages."""
        words = [*self.claim.values(), *self.outcome.values(), *self.industry.values(), self.subject.replace("_", " ")]
        return " ".join([self.brand, self.brand_zh, *words])

    @property
    def loss_words(self) -> Listing | None:
        """What it cost; None where that is not known."""
        return Listing(tuple(one.words() for one in self.losses)) if self.losses else None

    @property
    def title(self) -> Both:
        """Brand and year, as each reader knows the brand."""
        year = self.started[:4]
        brand = self.brand_zh or self.brand
        return Both(zh=f"{year} 年{' ' if brand[0].isascii() else ''}{brand}", en=f"{self.brand} {year}")

    @property
    def name(self) -> str:
        """Brand and year."""
        return f"{self.brand} {self.started[:4]}"

    def claim_words(self) -> Both:
        """The claim in both languages."""
        return both(self.claim)

    def outcome_words(self) -> Both:
        """What was done and what came of it."""
        return both(self.outcome)


class CaseFile(_Strict):
    """A file of past cases."""

    cases: list[PastCase] = Field(description="the cases")


@cache
def public_cases() -> tuple[PastCase, ...]:
    """The shipped library: public cases whose sources were read."""
    text = (resources.files(__package__) / "past_cases.yml").read_text(encoding="utf-8")
    return tuple(CaseFile.model_validate(yaml.safe_load(text)).cases)


def cases_in(folders: Sequence[Path]) -> tuple[list[PastCase], list[PlaybookError]]:
    """The cases in a user's folders, one file or several.

    Parameters
    ----------
    folders : sequence of Path
        Searched for `*.yml` with a list `cases`; they need not exist.

    Returns
    -------
    cases : list of PastCase
        In the order of the files.
    faults : list of PlaybookError
        What is wrong, each with file, line and what to do; a file with a fault is left out.
    """
    cases: list[PastCase] = []
    faults: list[PlaybookError] = []
    for path in [path for folder in folders for path in sorted(folder.glob("*.yml"))]:
        try:
            data, node = parsed(path)
        except PlaybookError as fault:
            faults.append(fault)
            continue
        try:
            cases += CaseFile.model_validate(data).cases
        except ValidationError as fault:
            faults += [_fault(path, node, list(one["loc"]), one["msg"]) for one in fault.errors()]
    return cases, faults


def _fault(path: Path, node: Any, spot: list[Any], what: str) -> PlaybookError:
    return PlaybookError(
        N_("{key}: {what}"),
        where=at_line(path, line_of(node, spot)),
        do=N_("see the keys of a case in docs/reference/cases.md"),
        facts={"key": ".".join(map(str, spot)), "what": what},
    )
