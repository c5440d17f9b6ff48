"""A watch: what is watched, for whom, from where, with which thresholds. A validated YAML file."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, ValidationError, field_validator

from crisislib.core.errors import WatchError
from crisislib.core.i18n import N_, tr
from crisislib.core.located import read_located
from crisislib.core.phrase import Both
from crisislib.core.phrase_types import Phrase
from crisislib.core.schema_faults import refused
from crisislib.core.watch_sections import (
    Brand,
    Channel,
    Language,
    Levels,
    Privacy,
    Respond,
    Risk,
    Schedule,
    SourceUse,
    SpreadSettings,
    Strict,
    TextSettings,
    Window,
    valid_query,
)

DRILL = N_("[DRILL] {title}")
"""How whatever is shown of an exercise is marked."""


class Watch(Strict):
    """A validated watch file."""

    watch: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="its name, which is the file's")
    title: dict[Language, str] = Field(min_length=1, description="what readers call it")
    language: Language = Field(default="en", description="of reports, dashboards and messages")
    timezone: str = Field(default="UTC", description="IANA name; dates are read and schedules run in it")
    brand: Brand = Field(description="whom it is about")
    query: str = Field(default="", description="boolean query that a post must satisfy; empty keeps all")
    sources: list[SourceUse] = Field(default=[], description="live sources and inbox folders")
    window: Window = Field(default=Window(), description="grain of the signals")
    text: TextSettings = Field(default=TextSettings(), description="how texts are read")
    spread: SpreadSettings = Field(default=SpreadSettings(), description="what forecasts of a story are made with")
    levels: Levels = Field(default=Levels(), description="thresholds, alarms and quiet hours")
    risk: Risk = Field(default=Risk(), description="what the brand could lose")
    respond: Respond = Field(default=Respond(), description="who answers")
    privacy: Privacy = Field(default=Privacy(), description="what is stored of people, and for how long")
    notify: list[Channel] = Field(default=[], description="where messages go")
    schedule: Schedule = Field(default=Schedule(), description="when it runs by itself")
    drill: bool = Field(default=False, description="an exercise: whatever is shown or sent of it says so")
    notes: str = Field(default="", description="what a reader of the data must know; shown with data health")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise refused(
                "timezone",
                N_("unknown time zone {value!r}"),
                N_("write it like Asia/Shanghai or America/New_York"),
                value=value,
            )
        return value

    @field_validator("query")
    @classmethod
    def _parses(cls, value: str) -> str:
        return valid_query(value)

    @property
    def zone(self) -> ZoneInfo:
        """The watch's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def brand_name(self) -> Both:
        """The brand's name in the script of each language, or its first."""
        names = self.brand.names
        return Both(*(next((n for n in names if n.isascii() == english), names[0]) for english in (False, True)))

    def name(self, language: str | None = None) -> str:
        """The title in a language, or in whichever there is.

        Parameters
        ----------
        language : str or None, default None
            `zh` or `en`; the watch's own when left out.

        Returns
        -------
        str
            The title; of an exercise with its mark.
        """
        wanted = language or self.language
        title: str = self.title.get(wanted) or next(iter(self.title.values()))  # type: ignore[call-overload]
        return tr(DRILL, wanted, title=title) if self.drill else title


def load_watch(path: Path) -> Watch:
    """Read and check one watch file.

    Parameters
    ----------
    path : Path
        The YAML file `<watch>.yml`.

    Returns
    -------
    Watch
        Validated, with defaults filled in.

    Raises
    ------
    WatchError
        With every wrong key, its place in the file, and the keys that there are.
    """
    if not path.is_file():
        there = sorted(p.stem for p in path.parent.glob("*.yml")) if path.parent.is_dir() else []
        raise WatchError(
            N_("there is no watch {stem!r}"),
            where=str(path),
            do=N_("use one of {there}"),
            facts={"stem": path.stem, "there": ", ".join(there) or Phrase(N_("(none yet)"))},
        )
    try:
        result = read_located(path)
    except (ValueError, OSError) as fault:
        raise WatchError(
            N_("{fault}"),
            where=str(path),
            do=N_("correct the line named; crisis init FOLDER makes an example"),
            facts={"fault": fault},
        ) from fault
    try:
        return Watch.model_validate(result.data)
    except ValidationError as fault:
        raise WatchError(
            N_("{faults}"),
            where=str(path),
            do=N_("correct these lines; top-level keys are {known}"),
            facts={"faults": result.faults(fault, Watch), "known": ", ".join(Watch.model_fields)},
        ) from fault
