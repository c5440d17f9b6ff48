"""The table of export layouts by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crisislib.collect.importing.layout_files import Layouts

LAYOUTS = Layouts()
"""The package's export layouts by name, from `layouts/*.yml`; general ones last."""


def layouts_of(folders: Sequence[Path] = ()) -> Layouts:
    """Layouts of the user's folders before the package's; read anew each time, for a user writes at them.

    Parameters
    ----------
    folders : sequence of Path
        Searched before the package's.
    """
    return Layouts(folders) if folders else LAYOUTS
