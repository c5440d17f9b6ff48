"""What was received and is not in the lake yet: files on disk, so that a kill loses nothing and stores nothing twice.

A request is answered when its posts are a file. Files are joined into a group, which is one batch of the lake: a group
that was begun is stored again after a kill under the same content, and the lake knows it.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crisislib.core.atomic_files import replace_file
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash

REMEMBERED = 20_000
"""Requests that are recognised when they are sent again: a sender tries again within minutes."""
GROUP_BYTES = 32_000_000
"""Of one group: some 50,000 posts, a few seconds of reading."""
NO_JSON, NO_POST = N_("this is no JSON in UTF-8"), N_("there is no post in it")
FORM = N_("send a JSON object, a list of them, or one a line")
WRAPPERS = ("posts", "documents", "items", "data", "results", "messages", "mentions", "events")
"""Keys under which senders put their list of posts."""


def posts_in(body: bytes) -> tuple[list[dict[str, Any]], int]:
    """The posts of a request: one object, a list, a list under a usual key, or an object a line.

    Parameters
    ----------
    body : bytes
        UTF-8.

    Returns
    -------
    tuple of list of dict and int
        The posts, and how many items or lines are none.

    Raises
    ------
    InputError
        It is no JSON, or holds no object.
    """
    found = _parsed(body)
    if found is None:
        found = [_parsed(line) for line in body.splitlines() if line.strip()]
        if all(line is None for line in found):
            raise InputError(NO_JSON, where="body", do=FORM)
    if isinstance(found, dict):
        found = next((found[k] for k in WRAPPERS if isinstance(found.get(k), list)), [found])
    posts = [post for post in found if isinstance(post, dict) and post] if isinstance(found, list) else []
    if not posts:
        raise InputError(NO_POST, where="body", do=FORM)
    return posts, len(found) - len(posts)


def _parsed(text: bytes) -> Any:
    """A JSON value; None where it is none, or nested deeper than any post."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@dataclass
class Spool:
    """The files of one watch.

    Attributes
    ----------
    folder : Path
        Where they lie.
    """

    folder: Path
    _known: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _set: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        stored = self.folder / "known.json"
        if stored.exists():
            self._known.extend(json.loads(stored.read_text("utf-8")))
        self._known.extend(p.stem.split("-")[1] for p in self._waiting())
        self._set = set(self._known)

    def add(self, posts: list[dict[str, Any]]) -> bool:
        """Take posts; False where the same were taken before.

        Parameters
        ----------
        posts : list of dict
            As they were sent.

        Raises
        ------
        OSError
            The disk is full or not writable: the sender is to try again.
        """
        lines = "".join(json.dumps(post, ensure_ascii=True) + "\n" for post in posts)
        digest = short_hash(lines, length=32)
        with self._lock:
            if digest in self._set:
                return False
        replace_file(self.folder / f"{shape_of(posts)}-{digest}.jsonl", lines)
        with self._lock:
            self._remember(digest)
        return True

    def _remember(self, digest: str) -> None:
        if len(self._known) == REMEMBERED:
            self._set.discard(self._known[0])
        self._known.append(digest)
        self._set.add(digest)

    def _waiting(self) -> list[Path]:
        return [p for p in self.folder.glob("*-*.jsonl") if not p.name.startswith((".", "group-"))]

    def groups(self) -> list[Path]:
        """Files to store now: groups that a kill left, then what waits, joined by the shape of its posts."""
        left = sorted(self.folder.glob("group-*.jsonl"))
        if left:
            self._drop_parts(left)
            return left
        by_shape: dict[str, list[Path]] = {}
        for path in self._waiting():
            by_shape.setdefault(path.name.split("-")[0], []).append(path)
        return [self._joined(shape, parts) for shape, parts in sorted(by_shape.items())]

    def _joined(self, shape: str, parts: list[Path]) -> Path:
        """One file of several; its name says which, so that what a kill left of them is not joined again."""
        taken: list[Path] = []
        size = 0
        for path in sorted(parts, key=lambda p: p.stat().st_mtime_ns):
            size += path.stat().st_size
            if taken and size > GROUP_BYTES:
                break
            taken.append(path)
        body = b"".join(path.read_bytes() for path in taken)
        name = short_hash(*(path.stem for path in taken), length=16)
        group = self.folder / f"group-{shape}-{name}.jsonl"
        replace_file(group.with_suffix(".parts"), json.dumps([path.name for path in taken]))
        replace_file(group, body)
        self._drop_parts([group])
        return group

    def _drop_parts(self, groups: list[Path]) -> None:
        for group in groups:
            listed = group.with_suffix(".parts")
            if listed.exists():
                for name in json.loads(listed.read_text("utf-8")):
                    (self.folder / name).unlink(missing_ok=True)
                listed.unlink()

    def done(self, group: Path) -> None:
        """A group is in the lake.

        Parameters
        ----------
        group : Path
            From :meth:`groups`.
        """
        with self._lock:
            replace_file(self.folder / "known.json", json.dumps(list(self._known)))
        group.unlink(missing_ok=True)

    def put_aside(self, group: Path) -> Path:
        """Keep a group that cannot be read, so that a person can look at it.

        Parameters
        ----------
        group : Path
            From :meth:`groups`.
        """
        aside = self.folder / "unreadable"
        aside.mkdir(exist_ok=True)
        return Path(shutil.move(group, aside / group.name))


def shape_of(posts: list[dict[str, Any]]) -> str:
    """Eight digits for the keys that posts have: posts of one shape are read as one table.

    Parameters
    ----------
    posts : list of dict
        As they were sent.
    """
    return short_hash(*sorted({key for post in posts for key in post}), length=8)
