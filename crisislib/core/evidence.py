"""Evidence cells: the posts that a decision rests on, as tables store them."""

from __future__ import annotations

import json


def posts_of(cell: object) -> list[str]:
    """Post ids in an evidence cell: a JSON list, or an object with a list under `post_ids` or `posts`."""
    if not isinstance(cell, str) or not cell.strip().startswith(("[", "{")):
        return []
    found = json.loads(cell)
    if isinstance(found, dict):
        found = found.get("post_ids", found.get("posts", []))
    return [p for p in found if isinstance(p, str)] if isinstance(found, list) else []
