"""Up to when each watch has been decided on: one small file, replaced whole."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path


def held(file: Path) -> dict[str, datetime]:
    """Watch -> instant, as it was kept last; empty at the first start."""
    if not file.exists():
        return {}
    return {k: datetime.fromisoformat(v) for k, v in json.loads(file.read_text(encoding="utf-8")).items()}


def keep(file: Path, positions: dict[str, datetime]) -> None:
    """Replace what is kept; watches that are not watched now keep their place."""
    every = {**held(file), **positions}
    part = file.with_suffix(".part")
    part.write_text(json.dumps({k: v.isoformat() for k, v in every.items()}), encoding="utf-8")
    part.replace(file)
