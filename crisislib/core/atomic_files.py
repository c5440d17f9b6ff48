"""Small files that are replaced whole: a reader or a kill sees the old one or the new one, never half of it."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4


def replace_file(path: Path, data: bytes | str) -> None:
    """Write a file beside its place, then move it there in one step.

    Parameters
    ----------
    path : Path
        The file; its folder must be there. Of several writers at once the last one wins.
    data : bytes or str
        Its whole content; text is written as UTF-8.

    Raises
    ------
    OSError
        The disk is full or not writable; the former file is as it was.
    """
    part = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    try:
        part.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
