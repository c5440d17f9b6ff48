"""A finding: one sentence over computed facts, the table behind it, and the posts behind that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase, render


@dataclass(frozen=True)
class Finding:
    """A statement for a reader, with what it rests on.

    Attributes
    ----------
    key : str
        Stable name, `room.subject`, by which notebooks and tests ask for it.
    message : str
        Template in English (a marked gettext id) with `{named}` places.
    facts : Mapping[str, object]
        The computed values that fill the places; nothing else may enter the sentence. What is itself words is a
        class of :mod:`crisislib.core.phrase`, so that every reader gets it in their language.
    table : pandas.DataFrame
        The small table that the facts were read from.
    post_ids : Sequence[str]
        Posts that a reader can open to check; empty only when the finding says that there are none.
    n : int
        Posts that the facts were computed over.
    limits : Sequence[str | Phrase]
        What the reader must know before relying on it (gettext ids).
    weight : float
        Importance for choosing the few that lead a report; larger is more important.
    """

    key: str
    message: str
    facts: Mapping[str, object]
    table: pd.DataFrame
    post_ids: Sequence[str] = ()
    n: int = 0
    limits: Sequence[str | Phrase] = ()
    weight: float = 0.0
    silent: bool = field(default=False)

    def render(self, language: str) -> str:
        """The sentence in a language, with its places filled.

        Parameters
        ----------
        language : str
            `zh` or `en`.

        Returns
        -------
        str
            One or more sentences, not escaped for any target.
        """
        return Phrase(self.message, self.facts).render(language)

    def caveats(self, language: str) -> list[str]:
        """What limits the finding, as sentences in a language.

        Parameters
        ----------
        language : str
            `zh` or `en`.

        Returns
        -------
        list[str]
            One sentence a limit, in the order of `limits`.
        """
        return [str(render(Phrase(one) if isinstance(one, str) else one, language)) for one in self.limits]


SHORT = N_("Not enough data to say more: {n} available, {needed} needed.")


def too_few(key: str, n: int, needed: int) -> Finding:
    """The finding that takes the place of a result where there are too few posts for one.

    Parameters
    ----------
    key : str
        Key of the finding whose place it takes.
    n : int
        Posts that there are.
    needed : int
        Posts that the method needs.

    Returns
    -------
    Finding
        Silent, with an empty table.
    """
    return Finding(key, SHORT, {"n": n, "needed": needed}, pd.DataFrame(), n=n, silent=True)
