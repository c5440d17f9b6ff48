"""The snapshots that one process shares among all readers."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.workbench.pages.post_index import PostIndex
from crisislib.workbench.pages.snapshot import Snapshot

CHECK_S = 2.0
"""Seconds for which the versions of a lake are taken as known: reading its logs costs 10 ms, and a page that is two
seconds old is live."""
MOST_WATCHES = 12
"""Watches whose posts stay in memory, the last asked for: some 100 MB for each million posts."""
_POSTS_OF = ("POSTS", "LABELS")


class SnapshotStore:
    """Snapshots of all watches; a newer version of the lake takes the place of an older one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.RLock()
        self._versions: dict[object, tuple[float, Mapping[str, int]]] = {}
        self._snapshots: dict[object, Snapshot] = {}
        self._indexes: OrderedDict[object, PostIndex] = OrderedDict()
        self._building: dict[object, threading.Lock] = {}

    def versions(self, home: Home) -> Mapping[str, int]:
        """Version of each table of a lake.

        Parameters
        ----------
        home : Home
            Whose lake.

        Returns
        -------
        mapping of str to int
        """
        key, now = str(home.lake_root), self._clock()
        with self._lock:
            checked, versions = self._versions.get(key, (float("-inf"), {}))
        if now - checked > CHECK_S:
            versions = home.lake.versions()
            with self._lock:
                self._versions[key] = (now, versions)
        return versions

    def forget(self, home: Home) -> None:
        """Look at a lake anew at the next page, since something has just been written to it.

        Parameters
        ----------
        home : Home
            Whose lake.
        """
        with self._lock:
            self._versions.pop(str(home.lake_root), None)

    def get(self, home: Home, watch: Watch) -> Snapshot:
        """The newest snapshot of a watch.

        Parameters
        ----------
        home : Home
            Where it lies.
        watch : Watch
            Whose.

        Returns
        -------
        Snapshot
        """
        versions = self.versions(home)
        key = (str(home.lake_root), watch.watch)
        with self._lock:
            known = self._snapshots.get(key)
            if known is None or known.versions != versions or known.watch != watch:
                posts = (*key, *(versions.get(name, -1) for name in _POSTS_OF))
                known = Snapshot(home, watch, versions, lambda: self._index(posts, home, watch))
                self._snapshots[key] = known
            return known

    def _index(self, key: tuple[object, ...], home: Home, watch: Watch) -> PostIndex:
        with self._lock:
            building = self._building.setdefault(key, threading.Lock())
        with building:  # readers of one watch wait for one reading, those of another do not
            with self._lock:
                known = self._indexes.get(key)
                if known is not None:
                    self._indexes.move_to_end(key)
                    return known
            made = PostIndex(home.lake, watch.watch)
            with self._lock:
                for old in [k for k in self._indexes if k[:2] == key[:2]]:  # type: ignore[index]
                    del self._indexes[old]
                self._indexes[key] = made
                while len(self._indexes) > MOST_WATCHES:
                    self._indexes.popitem(last=False)
                self._building.pop(key, None)
            return made
