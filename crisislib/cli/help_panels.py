"""How `--help` reads: under which heading a command is listed, in the order of the work, and its words at any width."""

from __future__ import annotations

from inspect import cleandoc

PANELS: dict[str, tuple[str, ...]] = {
    "Begin": ("demo", "init", "new", "check", "version"),
    "Collect": ("import", "collect", "listen", "layouts", "sources"),
    "Find out": (
        "run", "report", "monitor", "schedule", "dashboards", "lab", "refutation", "risk", "explain", "export",
    ),
    "Respond": (
        "ack", "incident", "task", "strategy", "statement", "pack", "release", "respond", "effect", "clocks",
        "people", "breach", "evidence", "evidence-check", "what-if",
    ),
    "Work as a team": ("log", "handover", "register", "cases", "score", "review", "drill", "training"),
    "Improve the models": ("label", "teach", "train", "backtest"),
    "Look after data": ("compact", "lake", "forget", "person", "erase"),
    "Connect": ("mcp",),
}  # fmt: skip
"""Heading -> commands; one that stands under no heading is listed first, under "Commands"."""


def panel_of(command: str) -> str | None:
    """The heading of a command.

    Parameters
    ----------
    command : str
        Its name, as it is typed.

    Returns
    -------
    str or None
        None where it has no heading of its own.
    """
    return next((panel for panel, commands in PANELS.items() if command in commands), None)


def flowing(text: str | None) -> str:
    """Help whose paragraphs fill whatever terminal they are read in.

    Parameters
    ----------
    text : str or None
        As it is written in the source, in lines of the source's width.

    Returns
    -------
    str
        Each paragraph in one line; one with an indented line keeps its lines.
    """
    paragraphs = cleandoc(text or "").split("\n\n")
    return "\n\n".join(p if "\n " in f"\n{p}" else p.replace("\n", " ") for p in paragraphs)
