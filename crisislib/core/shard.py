"""Which part of the watches a service has: split by a hash of the name, so that every machine splits them alike."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_


@dataclass(frozen=True)
class Shard:
    """One of several equal parts.

    Attributes
    ----------
    number : int
        From 1.
    of : int
        How many there are; 1 has every watch.
    """

    number: int = 1
    of: int = 1

    @property
    def name(self) -> str:
        """`2of4`, for the names of files; empty where there is one part."""
        return f"{self.number}of{self.of}" if self.of > 1 else ""

    def labelled(self, name: str) -> str:
        """A name of a file or lock that each part has for itself.

        Parameters
        ----------
        name : str
            Such as `monitor`.

        Returns
        -------
        str
            Such as `monitor-2of4`; unchanged where there is one part.
        """
        return f"{name}-{self.name}" if self.name else name

    def holds(self, watch: str) -> bool:
        """Whether a watch belongs to this part.

        Parameters
        ----------
        watch : str
            Its name; the first 64 bits of its SHA-256 decide.
        """
        return int.from_bytes(hashlib.sha256(watch.encode()).digest()[:8]) % self.of == self.number - 1


ALL = Shard()
"""Every watch."""


def shard_of(text: str) -> Shard:
    """The part that `--shard` names.

    Parameters
    ----------
    text : str
        Such as `2/4`; empty for all.

    Returns
    -------
    Shard
        From 1 to as many as there are.

    Raises
    ------
    InputError
        It is not of that form, or there is no such part.
    """
    if not text:
        return ALL
    form = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
    if form is None or not 1 <= int(form[1]) <= int(form[2]):
        raise InputError(
            N_("{text!r} names no part of the watches"),
            where="--shard",
            do=N_("write 1/4, 2/4, 3/4 or 4/4"),
            facts={"text": text},
        )
    return Shard(int(form[1]), int(form[2]))
