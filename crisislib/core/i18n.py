"""User-facing words in Chinese and English, from one gettext catalogue per room.

Catalogues lie in `crisislib/locale/<language>/LC_MESSAGES/<room>.po`; the English sentence is the
message id. A room marks a sentence with :func:`N_` where it is written and translates it where it
is shown, with :func:`translator`. Where a word depends on a number, English writes both forms into
the place: `{n} {n:post is|posts are} labelled`; Chinese needs `{n}` alone.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import cache
from importlib import resources
from io import BytesIO
from numbers import Integral
from string import Formatter

LANGUAGES = ("zh", "en")
"""What readers can choose."""


def N_(message: str) -> str:
    """Mark a sentence for translation without translating it here.

    Parameters
    ----------
    message : str
        The English sentence, which is its message id.

    Returns
    -------
    str
        The same sentence.
    """
    return message


_own: dict[tuple[str, str], str] = {}
"""(sentence, language) -> what a user's own file gives for it; catalogues come first."""


def add_words(language: str, words: Mapping[str, str]) -> None:
    """Give translations that no catalogue has: titles in a user's own files.

    Parameters
    ----------
    language : str
        `zh` or `en`.
    words : mapping
        Sentence -> its translation.
    """
    _own.update({(sentence, language): said for sentence, said in words.items()})


@cache
def translator(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, all rooms joined.

    Parameters
    ----------
    language : str
        `zh` or `en`; anything else reads as English.

    Returns
    -------
    gettext.NullTranslations
        With `gettext` and `ngettext`; sentences without a translation come back in English.
    """
    joined: gettext.NullTranslations = gettext.NullTranslations()
    folder = resources.files("crisislib") / "locale" / language / "LC_MESSAGES"
    if not folder.is_dir():
        return joined
    # Read where it is needed: who asks for the version or for help, or reads English, pays for no catalogue.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".po"):
            catalogue = read_po(BytesIO(entry.read_bytes()), locale=language)
            compiled = BytesIO()
            write_mo(compiled, catalogue)
            compiled.seek(0)
            part = gettext.GNUTranslations(compiled)
            part.add_fallback(joined)
            joined = part
    return joined


class _Plural(Formatter):
    """Fills places as `str.format` does; a place `{n:one|many}` becomes the first words for 1, else the second.

    Whole numbers get their thousands separators: years, ports and other names of things are handed over as text.
    """

    def format_field(self, value: object, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        if not bar:
            if not format_spec and type(value) is not bool and isinstance(value, Integral):
                format_spec = ","
            filled: str = super().format_field(value, format_spec)
            return filled
        return one if str(value) in ("1", "1.0") else many


_FORMATTER = _Plural()


def tr(message: str, language: str, **values: object) -> str:
    """Translate a marked sentence and fill its `{named}` places.

    Parameters
    ----------
    message : str
        A sentence marked with :func:`N_`.
    language : str
        `zh` or `en`.
    **values : object
        One value for each `{name}` of the sentence.

    Returns
    -------
    str
        The sentence in the language, in English where no catalogue has it.

    Raises
    ------
    KeyError
        A place of the sentence has no value.
    """
    sentence = translator(language).gettext(message)
    if sentence == message:
        sentence = _own.get((message, language), message)
    return _FORMATTER.vformat(sentence, (), values) if values else sentence


def counted(n: int, one: str) -> str:
    """A number with its noun, for English text that has no catalogue: errors, logs, the command line.

    Parameters
    ----------
    n : int
        How many.
    one : str
        The noun for one.

    Returns
    -------
    str
        For example `1 post` or `1,200 posts`.
    """
    return f"{n:,} {one if n == 1 else one + 's'}"
