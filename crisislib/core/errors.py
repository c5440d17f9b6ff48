"""Errors that a person can act on: what went wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crisislib.core.i18n import N_, tr
from crisislib.core.phrase_types import Phrase

REMEDY = N_("What to do: {remedy}")
"""The second line of an error in a terminal."""


class CrisisError(Exception):
    """Base of every error that the workbench raises on purpose.

    Parameters
    ----------
    what : str
        What is wrong, in one sentence, with the offending value.
    where : str or Phrase
        File, row, column, watch, table or address; empty when there is no place.
    do : str
        What the reader can do about it.
    facts : mapping of str to object
        Fill the places of `what` and `do`, where these are gettext ids that a reader meets in either language.
    """

    def __init__(
        self, what: str, *, where: str | Phrase = "", do: str = "", facts: Mapping[str, object] | None = None
    ) -> None:
        self._message, self._remedy, self._place, self.facts = what, do, where, dict(facts or {})
        self.what, self.do = self._filled(what, "en"), self._filled(do, "en")
        self.where = where if isinstance(where, str) else where.render("en")
        super().__init__(self.what, where, self.do)

    def _filled(self, sentence: str, language: str) -> str:
        if not self.facts and language == "en":
            return sentence
        words = {k: v.render(language) if hasattr(v, "render") else v for k, v in self.facts.items()}
        return tr(sentence, language, **words)

    @property
    def wrong(self) -> Phrase:
        """What is wrong, as words that are stored and rendered later: for what reports the error and goes on."""
        return Phrase(self._message, _storable(self.facts))

    @property
    def place(self) -> str | Phrase:
        """Where, as it is rendered later."""
        return self._place

    @property
    def remedy(self) -> Phrase:
        """What to do, as words that are stored and rendered later."""
        return Phrase(self._remedy, _storable(self.facts))

    def clean(self, cleaned: Callable[[str], str]) -> None:
        """Pass through a function whatever text the error quotes, such as words of a server.

        Parameters
        ----------
        cleaned : callable
            Text as it came -> as it may be shown.
        """
        self.facts = {k: cleaned(v) if isinstance(v, str) else v for k, v in self.facts.items()}
        self._place = cleaned(self._place) if isinstance(self._place, str) else self._place
        self.what, self.where = self._filled(self._message, "en"), cleaned(self.where)

    def render(self, language: str) -> str:
        """What is wrong and what to do, for a page; in English where no catalogue has it.

        Parameters
        ----------
        language : {"zh", "en"}
            Of the reader.

        Returns
        -------
        str
            Two sentences at most, without the place.
        """
        what, remedy = self._filled(self._message, language), self._filled(self._remedy, language)
        joint, stop = ("。", "。") if language == "zh" else (". ", ".")
        parts = [part.rstrip(".。") for part in (what, remedy) if part]
        begun = (part if part.startswith("crisis ") else part[:1].upper() + part[1:] for part in parts)  # a command
        return joint.join(begun) + stop

    def text(self, language: str) -> str:
        """Place, what is wrong and what to do, for a terminal; in English where no catalogue has it.

        Parameters
        ----------
        language : {"zh", "en"}
            Of the reader.

        Returns
        -------
        str
            Two lines at most.
        """
        joint = "：" if language == "zh" else ": "
        where = self._place if isinstance(self._place, str) else self._place.render(language)
        place = f"{where}{joint}" if where else ""
        remedy = "\n  " + tr(REMEDY, language, remedy=self._filled(self._remedy, language)) if self.do else ""
        return f"{place}{self._filled(self._message, language)}{remedy}"

    def __str__(self) -> str:
        return self.text("en")


def _storable(facts: Mapping[str, object]) -> dict[str, object]:
    """Facts that go to JSON: an exception of another package becomes its words."""
    plain = (str, int, float, bool, type(None))
    return {k: v if isinstance(v, plain) or hasattr(v, "render") else str(v) for k, v in facts.items()}


class HomeError(CrisisError):
    """The folder of a workbench is not there, or its `crisis.toml` says something that it may not."""


class WatchError(CrisisError):
    """A watch file is missing, unreadable, or says something that it may not."""


class QueryError(CrisisError):
    """A boolean query does not parse; says the position."""


class InputError(CrisisError):
    """A file or feed cannot be read as what it claims to be."""


class LayoutError(InputError):
    """No export layout fits, a needed column is missing, or a layout file is wrong."""


class SourceError(CrisisError):
    """A live source did not answer, refused, or sent what we do not understand."""


class ThrottledError(SourceError):
    """A live source asks to be left alone for a while.

    Parameters
    ----------
    what, where, do, facts
        As of every error.
    wait_s : float, optional
        Seconds that it asks for; None where it does not say.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | Phrase = "",
        do: str = "",
        facts: Mapping[str, object] | None = None,
        wait_s: float | None = None,
    ) -> None:
        super().__init__(what, where=where, do=do, facts=facts)
        self.wait_s = wait_s


class TableError(CrisisError):
    """A frame does not have the columns, types or keys of the table that it claims to be."""


class LakeError(CrisisError):
    """The store could not be read or written; nothing was half-written."""


class NotEnoughData(CrisisError):
    """Fewer posts, windows or events than the method needs; says how many and how many it needs."""


class ModelError(CrisisError):
    """A model file is missing, of another version, or was given what it cannot take."""


class PlaybookError(CrisisError):
    """A playbook file breaks its schema."""


class ReportError(CrisisError):
    """A notebook, its parameters or its rendering failed; the failed notebook is kept."""


class NotifyError(CrisisError):
    """A notification channel is wrong or did not take the message."""
