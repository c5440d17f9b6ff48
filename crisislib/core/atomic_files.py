"""Small files that are replaced whole: a reader or a kill sees the old one or the new one, never half of it."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4


def replace_file(path: Path, data: bytes | str, *, durable: bool = False) -> None:
    """Write a file beside its place, then move it there in one step.

    Parameters
    ----------
    path : Path
        The file; its folder must be there. Of several writers at once the last one wins.
    data : bytes or str
        Its whole content; text is written as UTF-8.
    durable : bool, default False
        Whether it is on the disk itself when this returns, so that not even a power cut takes it.

    Raises
    ------
    OSError
        The disk is full or not writable; the former file is as it was.
    """
    part = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    try:
        with part.open("wb") as file:
            file.write(data.encode("utf-8") if isinstance(data, str) else data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
