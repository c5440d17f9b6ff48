"""What a playbook writes: statement skeletons, words that no statement may hold, items of the 5S checklist."""

from __future__ import annotations

from string import Formatter
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crisislib.core.i18n import N_
from crisislib.core.schema_faults import refused
from crisislib.respond.roles_resources import Words


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Draft(_Strict):
    """A statement skeleton with `{named}` places, in Chinese, English or both."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="short name")
    audience: Literal["public", "press", "customer", "partner", "staff", "authority"] = Field(
        description="whom it addresses"
    )
    title: Words = Field(description="what readers call it")
    zh: str = Field(default="", description="Chinese text with {places}")
    en: str = Field(default="", description="English text with {places}")
    each: list[Literal["affected_name", "affected_data"]] = Field(
        default=[], description="places that are filled for each affected person when it is sent (crisis breach)"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Draft:
        if not (self.zh.strip() or self.en.strip()):
            raise refused("empty", N_("the draft has no text"), N_("write it under zh: or en:"))
        return self

    def placeholders(self) -> set[str]:
        """Names of the places to fill, in either language."""
        try:
            return {
                place for text in (self.zh, self.en) for _, place, _, _ in Formatter().parse(text) if place is not None
            }
        except ValueError as fault:
            raise refused(
                "braces",
                N_("a brace in the text of {id} is not closed"),
                N_("write a place as {{name}}, and a brace itself as {{{{ or }}}}"),
                id=self.id,
            ) from fault


class Check(_Strict):
    """One item of the 5S checklist."""

    id: str = Field(description="short name")
    title: Words = Field(description="what readers call it")
    check: Words = Field(description="what to look for")


class Forbidden(_Strict):
    """Words that no statement may hold."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="short name")
    words: str = Field(min_length=1, description="the words, in one language")
    why: Words = Field(description="why they do harm")
