"""Asking how a file of no known export is to be read: reasons, the first rows, and a layout of the user's own."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from crisislib.collect import Proposal, layout_name, layout_text, layouts_of, propose_layout, read_export
from crisislib.core.atomic_files import replace_file
from crisislib.core.errors import HomeError, InputError
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.home_folders import FOLDERS
from crisislib.engine.import_preview import preview_lines

PROPOSED = N_("{file}: proposed as follows")
CHOICE = N_("  {field} = {column}: {reason}; for example {example}")
CONSTANT = N_("  {field} = “{value}” for every row: {reason}")
LEFT = N_("  not used, kept in extra: {columns}")
MISSING = N_("  no column gives `{field}` yet: choose one, for example {field}=COLUMN")
READ_SO = N_("Read so ({posts} {posts:post|posts} of {read} {read:row|rows}, {rejected} rejected):")
SAVED = N_("Saved as layout {name}: {path}")
NEXT_STEP = N_("Now type: {command}")
ASK = N_("Enter to accept; field=column to change (field= to leave out, platform==x for a constant); q to stop")
FILE_ONLY = N_("What holds for this file only is no part of the layout; the next file needs its own {fields}")
NOT_SAVED = N_("Nothing was saved: add --yes to accept this, or -m field=COLUMN to change it.")
TRIAL = "proposed-layout"
"""Name of the layout while it is tried."""


@dataclass(frozen=True)
class ImportProposal:
    """A proposal and how the file would be read by it.

    Attributes
    ----------
    proposal : Proposal
        What each column would become.
    lines : tuple of str
        The proposal, the reasons and the first rows, in the watch's language.
    ready : bool
        Whether nothing that is needed is missing.
    name : str
        A name for the layout, after the file.
    """

    proposal: Proposal
    lines: tuple[str, ...]
    ready: bool
    name: str


def propose_import(
    home: Home, watch: Watch, files: Sequence[Path], changes: Mapping[str, str], *, now: datetime
) -> ImportProposal:
    """Propose how a file is to be read; nothing is written.

    Parameters
    ----------
    home : Home
        The workbench, with the user's layouts.
    watch : Watch
        Its zone and language apply; its query does not, so that the rows shown are the file's first.
    files : sequence of Path
        Files of one kind.
    changes : Mapping of str to str
        Field -> column or `=constant`, as the user wants it; an empty column leaves a field out.
    now : datetime
        UTC.

    Raises
    ------
    InputError, LayoutError
        A file cannot be read, or a change names what there is not.
    """
    proposal, _ = propose_layout(list(files), changes, home.layouts)
    language = watch.language
    lines = [tr(PROPOSED, language, file=proposal.table)]
    for field, column, reason, example in proposal.choices:
        facts = {"field": field, "reason": tr(reason, language)}
        lines.append(
            tr(CHOICE, language, **facts, column=column, example=example)
            if column
            else tr(CONSTANT, language, **facts, value=example)
        )
    if proposal.unused:
        lines.append(tr(LEFT, language, columns=", ".join(proposal.unused)))
    lines += [tr(MISSING, language, field=field) for field in proposal.missing]
    if not proposal.missing:
        lines += _trial(home, watch, files, proposal, now)
    return ImportProposal(proposal, tuple(lines), not proposal.missing, layout_name(proposal.table))


def _trial(home: Home, watch: Watch, files: Sequence[Path], proposal: Proposal, now: datetime) -> list[str]:
    """The first rows as the proposed layout reads them."""
    everything = watch.model_copy(update={"query": ""})
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{TRIAL}.yml").write_text(layout_text(proposal, TRIAL, of_file=True), encoding="utf-8")
        batch = read_export(list(files), everything, layout=TRIAL, folders=[Path(folder), *home.layouts], now=now)
    record = batch.record.to_pylist()[0]
    facts = {"posts": record["n_kept"], "read": record["n_read"], "rejected": record["n_rejected"]}
    return [tr(READ_SO, watch.language, **facts), *preview_lines(batch, watch), *batch.warnings]


def save_layout(home: Home, proposed: ImportProposal, name: str | None = None) -> Path:
    """Save a proposal as a layout of the user's own.

    Parameters
    ----------
    home : Home
        The workbench, whose `layouts` folder gets the file.
    proposed : ImportProposal
        Accepted, with nothing missing.
    name : str, optional
        Of the layout: a-z, 0-9, - and _; after the file where it is left out, with a number where that is taken.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        Something that is needed is missing, or there is a layout of that name.
    HomeError
        The folder cannot be written.
    """
    if not proposed.ready:
        needed = ", ".join(proposed.proposal.missing)
        raise InputError(
            N_("the layout gives no `{needed}`, which every post needs"),
            where=proposed.proposal.table,
            do=N_("add -m {missing}=COLUMN"),
            facts={"missing": proposed.proposal.missing[0], "needed": needed},
        )
    folder = home.layouts[0] if len(home.layouts) > 1 else home.root / FOLDERS["layouts"]
    taken = {*layouts_of(home.layouts)}
    usual = (f"{proposed.name}-{n}" if n > 1 else proposed.name for n in count(1))
    name = name or next(one for one in usual if one not in taken)
    path = folder / f"{name}.yml"
    if path.exists() or name in taken:
        raise InputError(
            N_("there is a layout of that name"), where=str(path), do=N_("choose another with --save NAME")
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(path, layout_text(proposed.proposal, name).encode("utf-8"))
    except OSError as fault:
        raise HomeError(
            N_("cannot be written: {fault}"),
            where=str(path),
            do=N_("choose another folder"),
            facts={"fault": fault.strerror or fault},
        ) from fault
    return path


def saved_lines(
    path: Path, proposed: ImportProposal, files: Sequence[Path], watch: Watch, options: Sequence[str]
) -> list[str]:
    """What to tell after saving: where the layout lies, and the command that imports by it.

    Parameters
    ----------
    path : Path
        The layout.
    proposed : ImportProposal
        What was saved; what holds for this file only stands in the command and not in the layout.
    files : sequence of Path
        As they were given.
    watch : Watch
        The watch.
    options : sequence of str
        Further words of the command, such as folders.
    """
    words = ["crisis", "import", *map(str, files), "--watch", watch.watch, "--layout", path.stem, *options]
    constants = proposed.proposal.of_file
    words += [word for role, value in constants.items() for word in ("-m", f"{role}={value}")]
    language = watch.language
    only = [tr(FILE_ONLY, language, fields=", ".join(f"-m {role}=…" for role in constants))] if constants else []
    return [*only, tr(SAVED, language, name=path.stem, path=path), tr(NEXT_STEP, language, command=shlex.join(words))]
