"""The labellers that read texts alone, as a function of rows that can be sent to other machines."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from crisislib import nlp
from crisislib.core.atomic_files import replace_file
from crisislib.core.watch import Watch


@dataclass(frozen=True)
class TextLabelling:
    """Labels of some posts, each by itself.

    Attributes
    ----------
    watch : Watch
        Whose posts.
    now : datetime
        Written to `at`.
    only : sequence of str
        Names of labellers.
    models : Path or dict of str to bytes
        Folder of taught models, or its files by name, where the function goes to another machine.
    progress : callable, optional
        Gets the texts done; not sent elsewhere.
    """

    watch: Watch
    now: datetime
    only: Sequence[str]
    models: Path | dict[str, bytes]
    progress: Callable[[int, int], None] | None = None

    def __call__(self, posts: pa.Table) -> pa.Table:
        """The labels of some posts.

        Parameters
        ----------
        posts : pyarrow.Table
            POSTS.

        Returns
        -------
        pyarrow.Table
            LABELS.
        """
        models = self.models if isinstance(self.models, Path) else unpacked(self.models)
        return nlp.label(posts, self.watch, now=self.now, models=models, only=self.only, progress=self.progress)


def packed(folder: Path) -> dict[str, bytes]:
    """The files of a folder.

    Parameters
    ----------
    folder : Path
        Of taught models, some megabytes.

    Returns
    -------
    dict of str to bytes
        Name below the folder -> content.
    """
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def unpacked(files: dict[str, bytes]) -> Path:
    """A folder of this machine with some files, made once for all calls with the same ones.

    Parameters
    ----------
    files : dict of str to bytes
        From :func:`packed`.

    Returns
    -------
    Path
        In the folder for temporary files, named after what is in it.
    """
    name = hashlib.sha256(repr(sorted((n, hashlib.sha256(b).hexdigest()) for n, b in files.items())).encode())
    folder = Path(tempfile.gettempdir()) / f"crisis-models-{name.hexdigest()[:16]}"
    for file, content in files.items():
        path = folder / file
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, content)
    folder.mkdir(exist_ok=True)
    return folder
