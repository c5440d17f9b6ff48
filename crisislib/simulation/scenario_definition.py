"""Scenario packs: what a drill's crisis is about, as data."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from crisislib.core.errors import PlaybookError
from crisislib.core.i18n import N_
from crisislib.core.located import checked

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
Both = dict[Language, str]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Root(_Strict):
    """The first post."""

    platform: Literal["weibo", "x", "douyin", "reddit", "forum"]
    lang: Language
    text: str


class Variant(_Strict):
    """One version of the story: when it appears, how often it is posted, how it is worded."""

    id: str
    gist: Both
    from_hours: float = 0.0
    weight: float = 1.0
    sentiment: Literal["negative", "neutral", "positive"] = "negative"
    templates: dict[Language, list[str]]


class Dynamics(_Strict):
    """How it rises and falls, in hours after the first post."""

    rise_h: float = 4.0
    decay_h: float = 36.0
    holding_h: float = 2.5
    statement_h: float = 9.0
    bend: float = 0.4


class Inject(_Strict):
    """Something that happens beside the posts of a drill: a journalist calls, a memo leaks, a platform is out of order.

    `words` is what the caller asks, what the memo says, what is out of order.
    """

    at_minutes: int
    kind: Literal["call", "memo", "outage"]
    words: Both
    answer_within: int = 60
    platform: str = ""
    minutes: int = 0


class Scenario(_Strict):
    """One scenario pack: `scenarios/<name>.yml`, shipped or in a user's folder.

    `accept` and `wait` replace the general wording of those reactions where the case needs its own.
    """

    kind: str
    title: Both
    known_true: bool
    hashtag: Both
    slots: dict[Language, dict[str, list[str]]]
    root: Root
    variants: list[Variant]
    influencer: Both
    news: dict[Language, list[str]]
    holding: Both
    statement: Both
    accept: dict[Language, list[str]] = {}
    wait: dict[Language, list[str]] = {}
    dynamics: Dynamics = Dynamics()
    injects: list[Inject] = []


def scenario_names() -> list[str]:
    """The kinds of crisis that there is a scenario for."""
    folder = resources.files(__package__) / "scenarios"
    return sorted(entry.name.removesuffix(".yml") for entry in folder.iterdir() if entry.name.endswith(".yml"))


@cache
def scenario(kind: str) -> Scenario:
    """The scenario pack of a kind.

    Parameters
    ----------
    kind : str
        One of :func:`scenario_names`, such as `product_harm`.

    Returns
    -------
    Scenario
        Validated.

    Raises
    ------
    PlaybookError
        There is none, or the file breaks the schema.
    """
    if kind not in scenario_names():
        raise PlaybookError(
            N_("no kind of crisis {kind!r} can be simulated"),
            do=N_("use one of {scenario_names}"),
            facts={"kind": kind, "scenario_names": ", ".join(scenario_names())},
        )
    entry = resources.files(__package__) / "scenarios" / f"{kind}.yml"
    return _parsed(entry.read_text(encoding="utf-8"), f"scenarios/{kind}.yml")


def find_scenario(name: str, folder: Path) -> Scenario:
    """A scenario of the user's folder, else a shipped one.

    Parameters
    ----------
    name : str
        Name of the file without its ending.
    folder : Path
        The user's folder of scenarios; it need not exist.

    Returns
    -------
    Scenario
        Validated.

    Raises
    ------
    PlaybookError
        There is none, or the file breaks the schema.
    """
    own = folder / f"{name}.yml"
    if own.is_file():
        return _parsed(own.read_text(encoding="utf-8"), str(own))
    if name not in scenario_names():
        known = sorted({*scenario_names(), *(path.stem for path in folder.glob("*.yml"))})
        raise PlaybookError(
            N_("there is no scenario {name!r}"),
            do=N_("use one of {known}"),
            facts={"name": name, "known": ", ".join(known)},
        )
    return scenario(name)


def _parsed(text: str, where: str) -> Scenario:
    do = N_("crisis drill --list lists scenarios to compare with")
    return checked(text, Scenario, PlaybookError, what=N_("a scenario"), where=where, do=do)
