"""What a notification says: level in a word and a sign, findings, limits, link; escaped for its target."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import Level
from crisislib.core.watch import Watch
from crisislib.core.zone_names import zone_name

Target = Literal["text", "markdown", "html"]

SIGNS: dict[str, str] = {"unknown": "⚪", "none": "⚪", "blue": "🔵", "yellow": "🟡", "orange": "🟠", "red": "🔴"}
LEVEL_WORDS: dict[str, str] = {
    "unknown": N_("Not assessed"),
    "none": N_("Notice"),
    "blue": N_("Blue alert"),
    "yellow": N_("Yellow alert"),
    "orange": N_("Orange alert"),
    "red": N_("Red alert"),
}
"""The level is always written as a word too, never by colour alone."""
_POSTS = N_("over {n} {n:post|posts}")
_BRIEF = N_("Brief: {link}")
_FOOT = N_("{watch}, {at} ({zone}), item {item}")
_CUT = N_("… cut here; the brief has the rest.")
_LIMIT = N_("Note: {limit}")

# Marks of Markdown and of chat dialects, by what shows the same and does nothing: no dialect escapes alike.
_LOOKALIKE = str.maketrans(
    {
        "*": "＊",
        "_": "＿",
        "`": "ˋ",
        "[": "［",
        "]": "］",
        "<": "＜",
        ">": "＞",
        "#": "＃",
        "|": "｜",
        "~": "～",
        "\\": "＼",
    }
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CALL = re.compile(r"@(?=all\b|everyone\b|here\b|channel\b|所有人)", re.IGNORECASE)


@dataclass(frozen=True)
class Notice:
    """One thing to tell.

    Attributes
    ----------
    item_id : str
        Identity: a channel gets it once.
    title : str
        Whose and what, without the level.
    level : Level
        Chooses channels and sign.
    at : datetime
        When it happened, UTC.
    findings : sequence of Finding
        The findings, most important first.
    link : str
        Address or path of the brief; empty for none.
    attachment : Path or None
        A file that goes along where the channel takes files.
    every_level : bool
        Whether channels take it whatever their `from_level`: it is for whoever they name, not an alert.
    """

    item_id: str
    title: str
    level: Level
    at: datetime
    findings: Sequence[Finding] = ()
    link: str = ""
    attachment: Path | None = None
    every_level: bool = False


@dataclass(frozen=True)
class Message:
    """Title and body, ready for one kind of target.

    Attributes
    ----------
    title : str
        One line.
    body : str
        In the markup of the target.
    """

    title: str
    body: str


def harmless(text: str, target: Target) -> str:
    """Text from anywhere, so that it shows as it is and does nothing in the target.

    Control and direction characters go, calls to everybody are broken, and what is markup there is
    escaped (HTML) or shown by a lookalike (Markdown).

    Parameters
    ----------
    text : str
        Posts, names, errors: anything that strangers may have written.
    target : Target
        `text`, `markdown` or `html`.

    Returns
    -------
    str
        Plain text that renders as what it was.
    """
    plain = _CALL.sub("@\u200b", _CONTROL.sub("", text))
    if target == "html":
        return html.escape(plain)
    return plain.translate(_LOOKALIKE) if target == "markdown" else plain


def compose(
    notice: Notice, watch: Watch, *, language: str, target: Target, limit: int = 0, blended: bool = False
) -> Message:
    """The message of a notice.

    Parameters
    ----------
    notice : Notice
        What to tell.
    watch : Watch
        Name and time zone.
    language : str
        `zh` or `en`.
    target : {"text", "markdown", "html"}
        What the channel shows.
    limit : int
        Longest body in characters; 0 for none. A longer one ends in a sentence that says so.
    blended : bool
        The channel knows no title and puts it before the body, so that it is escaped like the body.

    Returns
    -------
    Message
        With the level in a sign and a word.
    """
    word = tr(LEVEL_WORDS[notice.level], language)
    title = f"{SIGNS[notice.level]} {word}: {notice.title}"
    lines: list[str] = []
    for number, finding in enumerate(notice.findings, start=1):
        counted = f" ({tr(_POSTS, language, n=finding.n)})" if finding.n else ""
        lines.append(f"{number}. {finding.render(language)}{counted}")
        lines += [tr(_LIMIT, language, limit=one) for one in finding.limits[:2]]
    local = notice.at.astimezone(watch.zone)
    tail = [tr(_BRIEF, language, link=notice.link)] if notice.link else []
    tail.append(
        tr(
            _FOOT,
            language,
            watch=watch.name(language),
            at=f"{local:%Y-%m-%d %H:%M}",
            zone=zone_name(watch.timezone, language),
            item=notice.item_id,
        )
    )
    return Message(
        harmless(title, target if blended else "text").replace("\n", " "), _fit(lines, tail, language, target, limit)
    )


def _fit(lines: list[str], tail: list[str], language: str, target: Target, limit: int) -> str:
    """Lines joined as the target parts them; from the end of the findings on, what is too long is left out."""
    gap = "<br/>\n" if target == "html" else ("\n\n" if target == "markdown" else "\n")
    ready, end = [harmless(line, target) for line in lines], [harmless(line, target) for line in tail]
    whole = gap.join(ready + end)
    if not limit or len(whole) <= limit:
        return whole
    end = [harmless(tr(_CUT, language), target), *end]
    while ready and len(gap.join(ready + end)) > limit:
        ready.pop()
    return gap.join(ready + end)[:limit]
