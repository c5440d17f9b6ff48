"""What an export layout says: its fingerprint, and which column becomes what. Data, not code."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal
from zoneinfo import available_timezones

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from crisislib.core.errors import LayoutError
from crisislib.core.i18n import N_
from crisislib.core.located import checked
from crisislib.core.schema_faults import near, refused

ROLES = (
    "id", "account", "name", "followers", "verified", "account_kind", "account_created", "text", "title", "url",
    "created", "collected", "likes", "reposts", "replies", "views", "sentiment", "place", "lang",
)  # fmt: skip
"""What a column can become."""
COUNTS: dict[str, str] = {"likes": "n_likes", "reposts": "n_reposts", "replies": "n_replies", "views": "n_views"}
KINDS = ("post", "repost", "quote", "reply", "comment", "news", "forum", "video", "topic")


class _Strict(BaseModel):
    """Unknown keys are errors: a slip in a layout must not silently lose a column."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@cache
def _zones() -> set[str]:
    """Names of zones; looking for them reads a folder of files, which a layout each would make seconds."""
    return available_timezones()


def _pattern(value: str) -> re.Pattern[str]:
    """A regular expression, or a fault that a schema can tell."""
    try:
        return re.compile(value)
    except re.error as fault:
        raise refused(
            "pattern", N_("{value!r} is no regular expression: {fault}"), value=value, fault=str(fault)
        ) from fault


class Cell(_Strict):
    """Where one value comes from. A bare name or a list of names may be written instead."""

    columns: list[str] = Field(
        default=[], description="the first that is not empty wins; /pattern/ is a regular expression over the header"
    )
    join: str | None = Field(default=None, description="put all columns together with this between them")
    whole: bool = Field(default=False, description="with join: nothing where one of the columns is empty")
    extract: str | None = Field(default=None, description="regular expression; its first group is the value")
    prefix: str = Field(default="", description="put before an id, where two id spaces would meet")
    values: dict[str, str] = Field(default={}, description="value as written, lower case -> our value")
    patterns: dict[str, str] = Field(
        default={}, description="regular expression, any case -> our value; in order, where no value fits as a whole"
    )
    default: str | None = Field(default=None, description="where the columns are empty or the value is not listed")
    empty: list[str] = Field(default=[], description="written values that mean nothing, such as 0 for no parent")
    flags: dict[str, str] = Field(
        default={}, description="column that says yes or no -> our value of rows in which it says yes"
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: object) -> object:
        """`text: Message` and `text: [Full Text, Snippet]` stand for a cell of these columns."""
        if isinstance(data, str):
            return {"columns": [data]}
        return {"columns": data} if isinstance(data, list) else data

    @field_validator("extract")
    @classmethod
    def _one_group(cls, value: str | None) -> str | None:
        if value is not None and _pattern(value).groups < 1:
            raise refused("group", N_("{value!r} needs one group in parentheses"), value=value)
        return value

    @field_validator("patterns")
    @classmethod
    def _readable(cls, value: dict[str, str]) -> dict[str, str]:
        for pattern in value:
            _pattern(pattern)
        return value

    @field_validator("columns", "flags")
    @classmethod
    def _patterns(cls, value: list[str] | dict[str, str]) -> list[str] | dict[str, str]:
        for name in value:
            if name.startswith("/") and name.endswith("/") and len(name) > 2:
                _pattern(name[1:-1])
        return value


class Parent(Cell):
    """A column that names the parent of a row, and what a row with such a parent is."""

    kind: str | None = Field(default=None, description="of a row that has such a parent")

    @field_validator("kind")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in KINDS:
            raise refused("kind", N_("{value} is none of {kinds}"), value=repr(value), kinds=", ".join(KINDS))
        return value


class Part(_Strict):
    """One file of a layout that is several files."""

    fingerprint: list[str] = Field(min_length=1, description="columns by which the file is recognised")
    exact: bool = Field(default=False, description="the file has these columns and no other")
    optional: bool = Field(default=False, description="the layout works without it")


class Option(_Strict):
    """A number that a user may set for a layout, through `mapping`."""

    default: int = Field(description="where the user gives none")
    about: str = Field(description="what it does")


class Layout(_Strict):
    """One export layout."""

    layout: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="its name, which is the file's")
    title: dict[Literal["zh", "en"], str] = Field(description="what readers call it")
    about: str = Field(description="where such a file comes from, and its traps")
    fingerprint: list[list[str]] = Field(default=[], description="any of these lists of columns, all present")
    absent: list[str] = Field(default=[], description="columns that must not be there")
    last: bool = Field(
        default=False, description="tried when no other fits; by a column for the time and one for text or title"
    )
    platform: Cell = Field(description="where a row comes from")
    kind: Cell = Field(description="what a row is")
    timezone: str = Field(default="watch", description="of times without one; `watch` for the watch's own")
    zone_stated: bool = Field(default=True, description="false: the export states no zone, and a warning says so")
    zones: dict[str, str] = Field(default={}, description="zone as a /pattern/ column header writes it -> IANA name")
    dates: Literal["auto", "mdy", "dmy", "ymd"] = Field(
        default="auto", description="order of numeric dates where the file does not show it"
    )
    precision_s: int | None = Field(default=None, ge=1, description="times are never finer than this")
    accounts_only: bool = Field(default=False, description="rows are accounts as of the time of reading, not posts")
    columns: dict[str, Cell] = Field(
        description="our field -> the column that it comes from; `created`, and `text` or `title`, are needed",
        json_schema_extra={"keys": list(ROLES)},
    )
    parents: list[Parent] = Field(
        default=[], description="columns that name what a row passes on or answers; the first that is not empty"
    )
    root: Cell | None = Field(default=None, description="the post that a story began with")
    tags: list[str] = Field(default=[], description='columns that a query reaches as "column:value"')
    filter: Literal["query", "none"] = Field(default="query", description="none: rows were collected under a post")
    confirm: bool = Field(default=False, description="columns go by usual names: a notice says which became what")
    late_column: str | None = Field(default=None, description="a second time column that is known to run late")
    parts: dict[str, Part] = Field(default={}, description="name -> file, of a layout that is several files")
    sql: str = Field(default="", description="joins the parts into one table of text columns; $name is an option")
    gaps: str = Field(default="", description="since, until of what was not collected, over the same parts")
    options: dict[str, Option] = Field(default={}, description="name -> number that a user may set")

    @field_validator("columns")
    @classmethod
    def _fields(cls, value: dict[str, Cell], info: ValidationInfo) -> dict[str, Cell]:
        if strange := [role for role in value if role not in ROLES]:
            raise refused(
                "field",
                N_("there is no field {name!r}"),
                N_("use {known}"),
                name=strange[0],
                known=near(strange[0], ROLES, most=len(ROLES)),
            )
        timeless, wordless = "created" not in value, not {"text", "title"} & set(value)
        if (timeless or wordless) and not info.data.get("accounts_only"):
            missing = N_("created and text (or title) are missing") if timeless else N_("text (or title) is missing")
            raise refused("missing", missing if wordless else N_("created is missing"), N_("name the column"))
        return value

    @model_validator(mode="after")
    def _whole(self) -> Layout:
        if bool(self.parts) != bool(self.sql):
            raise refused("parts", N_("parts and sql go together"))
        if not (self.parts or self.fingerprint or self.last):
            raise refused("fingerprint", N_("a layout needs parts, or a fingerprint, or to be tried last"))
        unknown = [
            d
            for c in (self.kind,)
            for d in (*c.values.values(), *c.patterns.values(), *c.flags.values(), c.default)
            if d is not None and d not in KINDS
        ]
        if unknown:
            raise refused(
                "kinds", N_("kinds {unknown} are none of {kinds}"), unknown=str(unknown), kinds=", ".join(KINDS)
            )
        if self.timezone != "watch" and self.timezone not in _zones():
            raise refused("timezone", N_("unknown time zone {value!r}"), value=self.timezone)
        return self

    @property
    def names(self) -> set[str]:
        """Every column name that the layout knows, as compared (patterns left out)."""
        cells = [self.platform, self.kind, *self.columns.values(), *self.parents, *([self.root] if self.root else [])]
        every = {n for cell in cells for n in cell.columns} | {n for some in self.fingerprint for n in some}
        every |= set(self.tags) | {n for part in self.parts.values() for n in part.fingerprint}
        return {key(n) for n in every if not n.startswith("/")}

    def places(self, name: str) -> bool:
        """Whether a column says what a row is, where it comes from or what it hangs on, so that it is read.

        Parameters
        ----------
        name : str
            As written in a header, or in `extra`.
        """
        cells = [self.platform, self.kind, *self.parents, *([self.root] if self.root else [])]
        names = [*self.tags, *(n for cell in cells for n in (*cell.flags, *cell.columns))]
        patterns = (n[1:-1] for n in names if n.startswith("/") and n.endswith("/") and len(n) > 2)
        return key(name) in map(key, names) or any(re.search(p, name, re.IGNORECASE) for p in patterns)


def key(name: str) -> str:
    """A column name as compared: no outer space or byte-order mark, one space inside, case folded.

    Parameters
    ----------
    name : str
        As written in a header or a layout.
    """
    return " ".join(name.replace("\ufeff", "").split()).casefold()


def parse_layout(text: str, where: str) -> Layout:
    """Check one layout file.

    Parameters
    ----------
    text : str
        YAML.
    where : str
        The file, named in errors.

    Raises
    ------
    LayoutError
        With every wrong key and its line.
    """
    do = N_("crisis layouts lists layouts to compare with")
    return checked(text, Layout, LayoutError, what=N_("a layout"), where=where, do=do)
