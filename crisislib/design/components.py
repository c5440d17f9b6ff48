"""Components: what a page is put together from, as typed values and as HTML from templates that escape everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from inspect import isroutine

import jinja2
from markupsafe import Markup

from crisislib.core.i18n import N_, tr
from crisislib.core.levels import LEVEL_NAMES, LEVELS, rank
from crisislib.design.design_tokens import tokens_css

LABEL = N_("Level")
NONE = N_("no alert")


@dataclass(frozen=True)
class LevelBadge:
    """A level: a word in a colour, with as many bars as it is urgent, so that it survives grey print.

    Attributes
    ----------
    key : str
        One of :data:`crisislib.core.levels.LEVELS`.
    word, label : str
        The level and the word "level" in the reader's language.
    note : str
        What limits it, such as until when it was decided.
    bars : int
        0 to 4 of four.
    """

    key: str
    word: str
    label: str
    note: str = ""
    bars: int = 0


@dataclass(frozen=True)
class Tile:
    """One number of a glance, with what is usual or its interval.

    Attributes
    ----------
    label, value, note : str
        What it is, the number with its unit, and the line under it.
    tone : {"", "good", "bad"}
        Of the note.
    href : str
        Where its posts are; empty where it has none.
    """

    label: str
    value: str
    note: str = ""
    tone: str = ""
    href: str = ""


@dataclass(frozen=True)
class Chip:
    """A short fact in the bar on top, such as data health.

    Attributes
    ----------
    text : str
        The fact.
    state : {"", "ok", "stale", "bad"}
        Colour of its dot; no dot when empty.
    href : str
        Where there is more on it.
    """

    text: str
    state: str = ""
    href: str = ""


@dataclass(frozen=True)
class Figure:
    """A drawing with its words.

    Attributes
    ----------
    title : str
        What it shows.
    wide, narrow : str
        The drawing as SVG for wide and for narrow columns; trusted, made by us.
    alt : str
        The same in words, for who does not see it.
    note : str
        How to read it, under it.
    rows : sequence of sequence of str
        The figures as a table, its heading first.
    marks : sequence of str
        What the numbers above the plot stand for, in their order.
    """

    title: str
    wide: str
    narrow: str
    alt: str
    note: str = ""
    rows: Sequence[Sequence[str]] = ()
    marks: Sequence[str] = ()


@dataclass(frozen=True)
class Step:
    """A step of the plan.

    Attributes
    ----------
    title, detail : str
        What to do; who, and by when.
    late : bool
        Whether its time is over.
    action_id : str
        For the button that marks it as done; no button when empty.
    state : str
        `open`, `done` or what the plan says.
    notes : sequence of str
        What people wrote about it.
    """

    title: str
    detail: str
    late: bool = False
    action_id: str = ""
    state: str = "open"
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Utterance:
    """What people say, in their own words.

    Attributes
    ----------
    text, count, note : str
        The words, how many posts, and where, since when, by whom.
    share : float
        0-1, length of the bar.
    kind : {"", "refutation", "own"}
        Colour of the bar.
    href : str
        Where its posts are.
    """

    text: str
    count: str
    note: str
    share: float
    kind: str = ""
    href: str = ""


@dataclass(frozen=True)
class PostLine:
    """One post of an evidence table.

    Attributes
    ----------
    when, where, who, text, weight : str
        Time, platform, masked name, its text, and how often it was passed on.
    href : str
        Its address at the source, checked to be http(s); empty where there is none.
    """

    when: str
    where: str
    who: str
    text: str
    weight: str
    href: str = ""


@dataclass(frozen=True)
class Evidence:
    """Posts behind a number.

    Attributes
    ----------
    heads : sequence of str
        Headings of the five columns.
    lines : sequence of PostLine
        The posts.
    empty : str
        What is shown where there are none.
    """

    heads: Sequence[str]
    lines: Sequence[PostLine]
    empty: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


def level_badge(level: str, language: str, note: str = "") -> LevelBadge:
    """A level as a component.

    Parameters
    ----------
    level : str
        One of :data:`crisislib.core.levels.LEVELS`; anything else counts as unknown.
    language : {"zh", "en"}
        Of the reader.
    note : str
        What limits it.

    Returns
    -------
    LevelBadge
    """
    key = level if level in LEVELS else "unknown"
    word = tr(NONE if key == "none" else LEVEL_NAMES[key], language)
    return LevelBadge(key, word[:1].upper() + word[1:], tr(LABEL, language), note, max(0, rank(key)))


def template_environment(*loaders: jinja2.BaseLoader) -> jinja2.Environment:
    """Templates that know the components; everything that they print is escaped.

    Parameters
    ----------
    *loaders : jinja2.BaseLoader
        Where further templates lie; the components come first.

    Returns
    -------
    jinja2.Environment
    """
    own = jinja2.PackageLoader("crisislib.design", "templates")
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader([own, *loaders]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_a_value,
    )
    made.filters["drawing"] = Markup
    return made


def _a_value(value: object) -> object:
    """What a template prints; `words.clear` of a dictionary without such a key is its method, and no word."""
    if isroutine(value):
        raise TypeError(f"a template prints {value.__name__}, which is a function")
    return value


def component(name: str, *values: object) -> Markup:
    """One component as HTML, for whoever has no template of their own.

    Parameters
    ----------
    name : str
        Macro of `components.html.j2`, such as `tile` or `level`.
    *values : object
        What it shows.

    Returns
    -------
    Markup
        Escaped.
    """
    macro: Callable[..., str] = getattr(_components(), name)
    return Markup(macro(*values))


def stylesheet() -> str:
    """Tokens and components as one style sheet."""
    style = resources.files("crisislib.design").joinpath("assets/components.css").read_text(encoding="utf-8")
    return tokens_css() + style


@cache
def _components() -> jinja2.environment.TemplateModule:
    return template_environment().get_template("components.html.j2").module
