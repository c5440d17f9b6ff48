"""Sections of a watch file."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Literal

from babel.numbers import is_currency
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from crisislib.core.credentials import filled
from crisislib.core.errors import QueryError
from crisislib.core.i18n import N_
from crisislib.core.platforms import account_code
from crisislib.core.query import parse
from crisislib.core.schema_faults import refused

Language = Literal["zh", "en"]
Share = Annotated[float, Field(ge=0, le=1)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Strict(BaseModel):
    """Unknown keys are errors: a typing slip must not silently run the default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Brand(Strict):
    """Whom the watch is about."""

    names: list[str] = Field(min_length=1, description="how people write the name, all languages")
    accounts: list[str] = Field(
        default=[], description="own accounts, `platform:id`; their posts are the brand's own voice"
    )
    context: list[str] = Field(
        default=[],
        description="for a name that means other things too: a post names the brand only if one of these "
        "words stands in it as well",
    )
    not_context: list[str] = Field(
        default=[], description="words that show that another thing of that name is meant; they outweigh context"
    )
    competitors: dict[str, list[str]] = Field(default={}, description="name -> how people write it; for share of voice")
    industry: str = Field(default="general", description="chooses the sensitive-subject lists")

    @field_validator("accounts")
    @classmethod
    def _coded(cls, accounts: list[str]) -> list[str]:
        return [account_code(account) for account in accounts]

    @field_validator("context", "not_context")
    @classmethod
    def _readable(cls, words: list[str]) -> list[str]:
        for word in words:
            valid_query(word)
        return words


class SourceUse(Strict):
    """One live source or inbox folder of the watch."""

    source: str = Field(description="a name from the SOURCES table")
    name: str = Field(default="", description="how reports call it; the source's own name when empty")
    every_minutes: float = Field(
        default=15, ge=1 / 60, description="0.1 is every six seconds; a monitor asks that often"
    )
    silent_after_minutes: int = Field(default=0, ge=0, description="0: learned from its own history")
    options: dict[str, str | int | float | bool | list[str]] = Field(default={}, description="what that source takes")


class Window(Strict):
    """The grain of the signals."""

    step_minutes: int = Field(default=60, ge=1, le=1440, description="length of a window, minutes")
    baseline_days: int = Field(default=28, ge=1, description="how far back the expectation learns")


class TopicSettings(Strict):
    """How topics are found."""

    embedder: str = Field(
        default="offline",
        description="what turns texts into vectors: offline learns from the posts; else sentence-transformers:MODEL, "
        "model2vec:MODEL, onnx:FOLDER or openai:MODEL, which need a package or an address",
    )
    number: int | None = Field(default=None, ge=2, description="how many; chosen from the posts when left out")


class TextSettings(Strict):
    """How texts are read."""

    topics: TopicSettings = Field(default=TopicSettings(), description="how topics are found")


class SpreadSettings(Strict):
    """What forecasts of a story are made with."""

    correction: tuple[Share, Share] = Field(
        default=(0.1, 0.5), description="least and most that a correction lowers further sharing, 0-1; your assumption"
    )
    posts_per_hour: float | None = Field(
        default=None, gt=0, description="above this a story is loud; half of its own busiest hour when left out"
    )


class Levels(Strict):
    """Index (0-100) from which each level holds, and when alarms may go out."""

    blue: float = Field(default=40, description="index from which it is blue")
    yellow: float = Field(default=60, description="index from which it is yellow")
    orange: float = Field(default=75, description="index from which it is orange")
    red: float = Field(default=90, description="index from which it is red")
    alarms_per_week: float = Field(
        default=0.5,
        gt=0,
        description="false-alarm budget: a burst of volume that comes more rarely is reported, as blue at least",
    )
    """Once in a fortnight: about two such bursts lie within four weeks, the default baseline, so that the level is
    estimated from observations rather than extrapolated; and two false alarms a month keep a team attentive."""
    cooldown_minutes: int = Field(default=60, ge=0, description="pause between two messages of one level")
    calm_windows: int = Field(default=2, ge=1, description="quiet windows before a step down")
    quiet_from: Clock | None = Field(default=None, description="HH:MM; messages below red wait from then")
    quiet_to: Clock | None = Field(default=None, description="HH:MM; until then")
    escalate_after_minutes: int = Field(
        default=30, ge=1, description="nobody has acknowledged: the alert goes out again"
    )

    @model_validator(mode="after")
    def _rising(self) -> Levels:
        steps = [self.blue, self.yellow, self.orange, self.red]
        if not all(0 <= a < b <= 100 for a, b in pairwise(steps)):
            raise refused("levels", N_("levels must rise from blue to red within 0-100, got {steps}"), steps=str(steps))
        return self


def valid_query(query: str) -> str:
    """The query itself, if it can be read.

    Parameters
    ----------
    query : str
        As a watch file has it.

    Raises
    ------
    ValueError
        It cannot be read; the message says where and what to do.
    """
    try:
        parse(query)
    except QueryError as fault:
        raise refused(
            "query",
            N_("{place}: {what} ({do})"),
            place=fault.place,
            what=fault.wrong,
            do=fault.remedy,
        ) from fault
    return query


NO_CURRENCY = N_("{value!r} is no currency")
WRITE_CURRENCY = N_("write its ISO 4217 code, like CNY, USD or EUR")
LossForm = Literal["productivity", "response", "replacement", "fines", "competitive_advantage", "reputation"]
"""FAIR's six forms of loss."""


def _rising_range(span: tuple[float, float, float]) -> tuple[float, float, float]:
    low, mode, high = span
    if not (math.isfinite(low) and math.isfinite(high) and 0 <= low <= mode <= high):
        raise refused(
            "range",
            N_("{span} is not least, most likely, most"),
            N_("give three rising numbers, none below 0"),
            span=str(list(span)),
        )
    return span


Range = Annotated[tuple[float, float, float], AfterValidator(_rising_range)]
"""Least, most likely, most."""


def _possible_change(span: tuple[float, float, float]) -> tuple[float, float, float]:
    if not -1 < span[0] <= span[1] <= span[2] < math.inf:
        raise refused("change", N_("{span} must rise from least to most, above -1 (no posts are left)"), span=str(span))
    return span


Change = Annotated[tuple[float, float, float], AfterValidator(_possible_change)]
"""Least, most likely, most change of a count: 0 is none, -0.2 a fifth fewer."""


class Risk(Strict):
    """What the brand could lose; the ranges are the user's, the arithmetic is ours."""

    currency: str = Field(default="USD", description="ISO 4217, like CNY or USD")
    daily_revenue: Range | None = Field(default=None, description="from it lost sales are derived")
    customers: Range | None = Field(default=None, description="with daily_revenue: lost customers are derived")
    market_value: float | None = Field(
        default=None, ge=0, allow_inf_nan=False, description="of the company; lost competitive advantage is derived"
    )
    forms: dict[LossForm, Range] = Field(
        default={}, description="loss form -> least, most likely, most for one incident; replaces what is derived"
    )
    responses: dict[str, Change] = Field(
        default={},
        description="kind of response -> least, most likely and most change of the volume after it, -0.2 for a fifth "
        "fewer posts; replaces what is assumed in crisis what-if",
    )
    incidents_per_year: Range = Field(default=(0.2, 1.0, 4.0), description="least, most likely, most")

    @field_validator("currency")
    @classmethod
    def _iso_4217(cls, value: str) -> str:
        code = value.strip().upper()
        if not is_currency(code):
            raise refused("currency", NO_CURRENCY, WRITE_CURRENCY, value=value)
        return code


class Respond(Strict):
    """Who answers, and with what history."""

    owners: dict[str, str] = Field(default={}, description="role of a playbook -> person or team")
    deputies: dict[str, str] = Field(
        default={},
        description="role -> who takes a step over that is overdue by levels.escalate_after_minutes and not begun",
    )
    crisis_history: bool = Field(
        default=False,
        description="whether there were such crises before; raises the responsibility that people see (SCCT)",
    )
    reputation: Literal["good", "neutral", "bad"] = Field(default="neutral", description="before the crisis (SCCT)")
    spokesperson: str = Field(default="", description="name in drafts")


class Channel(Strict):
    """One place that notifications go to."""

    name: str = Field(description="how reports call it")
    url: str = Field(
        description="an Apprise address; ${NAME} is read from the environment or keyring, so that no secret is stored"
    )
    from_level: Literal["blue", "yellow", "orange", "red"] = Field(
        default="yellow", description="lowest level that is sent"
    )
    language: Language | None = Field(default=None, description="of its messages; the watch's when left out")
    owners: list[str] = Field(
        default=[], description="roles or persons whose tasks the digest sends here; everybody's when empty"
    )

    def address(self) -> str:
        """The address with `${NAME}` filled from the environment or the keyring."""
        return filled(self.url, where=f"channel {self.name}")


class Privacy(Strict):
    """What is stored of people who post."""

    accounts: Literal["plain", "hashed"] = Field(
        default="plain",
        description="hashed: ids of accounts are stored as salted hashes and names masked, from collection on; the "
        "brand's own accounts stay as they are",
    )
    mentions: Literal["plain", "masked"] = Field(
        default="masked",
        description="of hashed accounts only; masked: people whom a text calls by name (`@name`) are masked in it "
        "before it is stored, but for the brand, competitors, authorities and press; plain: texts stay as written",
    )
    retention_days: int | None = Field(
        default=None, ge=1, description="days after which posts and what quotes them are deleted, by crisis schedule"
    )


class Schedule(Strict):
    """When the watch runs by itself, in its own time zone."""

    run_every_minutes: int | None = Field(default=None, ge=1, description="minutes between two runs")
    tasks_every_minutes: int | None = Field(
        default=None,
        ge=1,
        description="minutes between two looks at the open tasks: owners hear of what is due or overdue, deputies "
        "take over",
    )
    daily: Clock | None = Field(default=None, description="HH:MM of the daily report")
    weekly: Annotated[str, Field(pattern=r"^(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):[0-5]\d$")] | None = Field(
        default=None, description="day and HH:MM of the weekly report"
    )
    monthly: Annotated[str, Field(pattern=r"^([1-9]|1\d|2[0-8]) ([01]\d|2[0-3]):[0-5]\d$")] | None = Field(
        default=None, description="day (1-28) and HH:MM of the monthly report"
    )
