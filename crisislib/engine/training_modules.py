"""Short training modules: texts with a checklist, and the record of who has done them."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import pandas as pd

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import NO_INCIDENT
from crisislib.engine.logbook_reading import entries_of
from crisislib.engine.team_change import TeamChange
from crisislib.engine.team_logbook import write_entry

TRAINING = "training"
"""Kind of the entries."""
MODULES: dict[str, str] = {
    "ethics": N_("Ethics of crisis work"),
    "skills": N_("Skills for the first hour"),
    "care": N_("Looking after people"),
}
"""Module -> its title; gettext ids."""
_ITEM = re.compile(r"^- \[ \] (.+)$", re.MULTILINE)


def module_text(name: str, language: str) -> str:
    """The text of a module, as Markdown.

    Parameters
    ----------
    name : str
        One of :data:`MODULES`.
    language : str
        `zh` or `en`.

    Returns
    -------
    str
        With its checklist at the end.

    Raises
    ------
    InputError
        There is no such module.
    """
    if name not in MODULES:
        raise InputError(
            N_("there is no module {name}"),
            where="crisis training",
            do=N_("use one of {modules}"),
            facts={"name": repr(name), "modules": ", ".join(MODULES)},
        )
    spoken = "zh" if language == "zh" else "en"
    return (resources.files("crisislib") / "share" / "training" / f"{name}.{spoken}.md").read_text(encoding="utf-8")


def record_training(change: TeamChange, name: str, *, person: str, checked: int, note: str = "") -> dict[str, Any]:
    """Record that a person has done a module: every item of its checklist, with whoever went through it with them.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when; another than the person.
    name : str
        One of :data:`MODULES`.
    person : str
        Who has done it.
    checked : int
        Items that were ticked.
    note : str
        What is still to be practised.

    Returns
    -------
    dict
        The LOGBOOK row: `done` with every item, else `planned`.

    Raises
    ------
    InputError
        There is no such module, more items than it has, or somebody records their own.
    """
    items = len(_ITEM.findall(module_text(name, "en")))
    if not 0 <= checked <= items:
        raise InputError(
            N_("the checklist has {items} items"), where="--checked", do=N_("give 0 to {items}"), facts={"items": items}
        )
    if not person.strip() or person.strip() == change.by:
        raise InputError(
            N_("the checklist is gone through with somebody else"), where="--by", do=N_("let them record it")
        )
    return write_entry(
        change, TRAINING, MODULES[name], about=name, owner=person.strip(), note=note, incident_id=NO_INCIDENT,
        status="done" if checked == items else "planned", facts={"checked": checked, "items": items},
    )  # fmt: skip


def training_record(home: Home, watch: Watch) -> pd.DataFrame:
    """Who has done which module, and when; the newest record of each.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose team.

    Returns
    -------
    pandas.DataFrame
        LOGBOOK; `owner` is the person, `about` the module.
    """
    rows = entries_of(home, watch, kind=TRAINING)
    newest: pd.DataFrame = rows.drop_duplicates(["owner", "about"], keep="last").reset_index(drop=True)
    return newest
