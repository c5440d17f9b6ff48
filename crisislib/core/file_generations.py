"""What a model remembers in several files: written beside the former ones, and taken over in one step."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from crisislib.core.errors import ModelError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import Phrase


def stored_generation(folder: Path, name: str, *, watch: str, form: str, again: str) -> Path | None:
    """The folder of the files that count now.

    Parameters
    ----------
    folder : Path
        Where the model is stored.
    name : str
        Of the model.
    watch : str
        Name of the watch that it must belong to.
    form : str
        Version of the method and of the files that it must have.
    again : str
        How to make it anew, for the message.

    Returns
    -------
    Path or None
        None where nothing is stored yet.

    Raises
    ------
    ModelError
        It belongs to another watch or was written by another version.
    """
    pointer = folder / f"{name}.json"
    if not pointer.exists():
        return None
    about = json.loads(pointer.read_text(encoding="utf-8"))
    if about["watch"] != watch or about["format"] != form:
        raise ModelError(
            N_("stored for watch {stored!r} in format {format}, needed {watch!r} in {form}"),
            where=str(folder),
            do=N_("give another folder, or remove this one and {again}"),
            facts={
                "stored": about["watch"],
                "format": about["format"],
                "watch": watch,
                "form": form,
                "again": Phrase(again),
            },
        )
    return folder / str(about["generation"])


def replace_generation(folder: Path, name: str, write: Callable[[Path], None], *, watch: str, form: str) -> None:
    """Store a model; a reader sees the former files or the new ones, never half of each.

    Parameters
    ----------
    folder : Path
        Where it is stored; made where it is missing.
    name : str
        Of the model.
    write : callable
        Writes the files into an empty folder that it is given.
    watch, form : str
        As for :func:`stored_generation`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pointer = folder / f"{name}.json"
    old = json.loads(pointer.read_text(encoding="utf-8"))["generation"] if pointer.exists() else None
    generation = f"{name}-{uuid4().hex[:12]}"
    home = folder / generation
    home.mkdir()
    write(home)
    draft = folder / f".{generation}.json"
    draft.write_text(json.dumps({"watch": watch, "format": form, "generation": generation}), encoding="utf-8")
    os.replace(draft, pointer)
    if old:
        shutil.rmtree(folder / old)
