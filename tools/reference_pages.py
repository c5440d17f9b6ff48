"""Reference pages of the docs site, written from the code: every YAML key, table, command and function of the library.

Run by `docs/conf.py` before a build; nothing of what it writes is in version control, so that it cannot be out of date.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer.main
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

import crisislib
from crisislib.cli.app import app
from crisislib.collect.importing.layout import ROLES, Layout
from crisislib.core.schema_types import type_in_words
from crisislib.core.tables import TABLES
from crisislib.core.watch import Watch
from crisislib.respond.past_cases import CaseFile
from crisislib.respond.playbook import Playbook

ROOT = Path(__file__).resolve().parents[1]
FILES: dict[str, tuple[type[BaseModel], str, str]] = {
    "watch": (Watch, "Watch file", "`watches/NAME.yml`. `crisis new watch NAME` writes a commented one."),
    "layout": (
        Layout,
        "Layout file",
        "`layouts/NAME.yml`. `crisis new layout NAME` writes a commented one. In place of the keys of a cell "
        "(`columns`, `join` …) a column's name or a list of names may be written. Under `columns` there may be: "
        f"{', '.join(f'`{role}`' for role in ROLES)}.",
    ),
    "playbook": (
        Playbook,
        "Playbook file",
        "`playbooks/NAME.yml`. `crisis new playbook NAME` writes a commented one. With `base` only what differs is "
        "written. Titles and texts are mappings of `en` and `zh`; of one that is missing the reader gets the other.",
    ),
    "cases": (
        CaseFile,
        "Past cases",
        "`cases/NAME.yml` beside the folder of the playbooks: cases that `crisis cases` searches beside your closed "
        "incidents and the shipped library. Titles and texts are mappings of `en` and `zh`.",
    ),
}
"""Page -> schema, title, what stands above the tables."""


def write(folder: Path) -> list[Path]:
    """Write every reference page.

    Parameters
    ----------
    folder : Path
        Where to; made when absent.

    Returns
    -------
    list of Path
        The pages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages = {name: yaml_page(*what) for name, what in FILES.items()}
    pages |= {"tables": tables_page(), "commands": commands_page(), "api": api_page(), "measured": measured_page()}
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return [folder / f"{name}.md" for name in pages]


def models_of(model: type[BaseModel], path: str = "") -> list[tuple[str, type[BaseModel]]]:
    """A schema and those inside it, each once, with the key that leads to it."""
    found = [(path, model)]
    for key, field in model.model_fields.items():
        for inner in _models_in(field.annotation):
            if inner not in [m for _, m in found]:
                step = f"{path}.{key}" if path else key
                found += [(p, m) for p, m in models_of(inner, step) if m not in [known for _, known in found]]
    return found


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and not typing.get_args(annotation) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in typing.get_args(annotation) for model in _models_in(part)]


def yaml_page(model: type[BaseModel], title: str, about: str) -> str:
    """Every key of one kind of file: type, default, meaning."""
    parts = [f"# {title}\n\n{about}\n"]
    for path, one in models_of(model):
        name = f"`{path}`" if path else "Top level"
        doc = (one.__doc__ or "").strip().split("\n")[0]
        rows = [
            (f"`{key}`", type_in_words(field.annotation, model="keys below"), _default(field), field.description or "")
            for key, field in one.model_fields.items()
        ]
        parts.append(f"## {name}\n\n{doc}\n\n{_table(('key', 'type', 'default', 'meaning'), rows)}")
    return "\n".join(parts)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "**needed**"
    if isinstance(field.default, BaseModel):
        return "as below"
    value = field.default
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    return f"`{list(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else value}`"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "\\<").replace("$", "\\$")


def tables_page() -> str:
    """Every table of the lake: key and columns; what it holds as the data dictionary says."""
    dictionary = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    parts = [
        "# Tables\n\nDelta tables of the lake, and the frames of the library. Times are UTC instants in microseconds.\n"
    ]
    for name, spec in TABLES.items():
        said = re.search(rf"\*\*{name}\*\*: (.*?) Key: ", dictionary)
        rows = [
            (f"`{column.name}`", str(column.type), "key" if column.name in spec.key else "") for column in spec.schema
        ]
        parts.append(f"## {name}\n\n{said[1] if said else ''}\n\n{_table(('column', 'type', ''), rows)}")
    return "\n".join(parts)


def commands() -> dict[str, TyperCommand]:
    """Every command with its full name, groups opened."""
    found: dict[str, TyperCommand] = {}

    def add(prefix: str, command: Any) -> None:
        if isinstance(command, TyperGroup):
            for name, inner in command.commands.items():
                add(f"{prefix} {name}", inner)
        else:
            found[prefix] = command

    add("crisis", typer.main.get_command(app))
    return found


def commands_page() -> str:
    """Every command with its arguments and options."""
    parts = ["# Commands\n\n`crisis COMMAND --help` says the same in a terminal.\n"]
    for name, command in commands().items():
        rows = []
        for one in command.params:
            if isinstance(one, TyperOption):
                label, about = ", ".join(f"`{o}`" for o in (*one.opts, *one.secondary_opts)), one.help or ""
            elif isinstance(one, TyperArgument):
                label, about = f"`{(one.name or '').upper()}`", getattr(one, "help", "") or ""
            else:
                continue
            if "--help" not in label:
                default = one.default if isinstance(one.default, str | int | float) and one.default != "" else "–"
                rows.append((label, "–" if default == "–" else f"`{default}`", about))
        text = f"## {name}\n\n```text\n{(command.help or '').strip()}\n```\n"
        parts.append(text + ("\n" + _table(("argument or option", "default", "meaning"), rows) if rows else ""))
    return "\n".join(parts)


def measured_page() -> str:
    """The measured figures as they are in the repository, so that no page copies them by hand."""
    return (ROOT / "BENCHMARKS.md").read_text(encoding="utf-8")


def api_page() -> str:
    """Every function and result of `import crisislib`."""
    parts = [
        "# The library\n\n`import crisislib` is light; each name is imported when it is first used. Frames may be "
        "pandas or Arrow, and come back as what was given. Times without a zone are UTC. All rows are taken to belong "
        "to the watch given. Columns of another name than those of the [tables](tables.md) are not used: a "
        "`UserWarning` names them. Every error says what is wrong, where, and what to do; all derive from "
        "`crisislib.core.errors.CrisisError`.\n"
    ]
    names = sorted(crisislib.__all__, key=lambda name: (name[0].isupper(), name))
    for name in names:
        kind = "autoclass" if name[0].isupper() else "autofunction"
        parts.append(f"## {name}\n\n```{{eval-rst}}\n.. {kind}:: crisislib.{name}\n```\n")
    return "\n".join(parts)
