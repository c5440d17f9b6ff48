"""Evidence cells: the posts that a decision rests on, as tables store them."""

from __future__ import annotations

import json


def posts_of(cell: object) -> list[str]:
    """Post ids in an evidence cell: a JSON list, or an object with a list under `post_ids` or `posts`.

    Parameters
    ----------
    cell : object
        The cell as a table stores it; anything but JSON text means no posts.

    Returns
    -------
    list[str]
        The ids in their order.

    Raises
    ------
    json.JSONDecodeError
        The text begins like JSON and is none.
    """
    if not isinstance(cell, str) or not cell.strip().startswith(("[", "{")):
        return []
    result = json.loads(cell)
    if isinstance(result, dict):
        result = result.get("post_ids", result.get("posts", []))
    return [p for p in result if isinstance(p, str)] if isinstance(result, list) else []
