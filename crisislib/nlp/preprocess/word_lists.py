"""The word lists, as data: reading, checking, and one matcher per list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import yaml

from crisislib.core.errors import ModelError
from crisislib.core.i18n import N_
from crisislib.nlp.preprocess.codepoints import Codes
from crisislib.nlp.preprocess.term_matcher import Hits, WordList

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Weighted:
    """A word list in which each word speaks for one or several classes with a weight.

    Attributes
    ----------
    words : WordList
        The different words.
    classes : tuple of str
        Names of the classes.
    weights : numpy.ndarray, (n_words, n_classes)
        Weight or grade of each word for each class; 0 where it says nothing.
    """

    words: WordList
    classes: tuple[str, ...]
    weights: F64

    def sums(self, codes: Codes) -> tuple[F64, Hits]:
        """Summed weights per text and class, each different word counted once.

        Parameters
        ----------
        codes : Codes
            n texts.

        Returns
        -------
        sums : numpy.ndarray of shape (n, n_classes)
        hits : Hits
        """
        hits = self.words.find(codes, longest=False)
        pairs = np.unique(np.stack([hits.doc, hits.word]), axis=1) if len(hits.doc) else np.zeros((2, 0), np.int64)
        total = np.zeros((codes.n, len(self.classes)))
        np.add.at(total, pairs[0], self.weights[pairs[1]])
        return total, hits

    def grades(self, codes: Codes) -> tuple[F64, Hits]:
        """Largest weight per text and class.

        Parameters
        ----------
        codes : Codes
            n texts.

        Returns
        -------
        grades : numpy.ndarray of shape (n, n_classes)
            0 where no word of the class occurs.
        hits : Hits
        """
        hits = self.words.find(codes, longest=False)
        best = np.zeros((codes.n, len(self.classes)))
        np.maximum.at(best, hits.doc, self.weights[hits.word])
        return best, hits

    def hits_for(self, hits: Hits, which: int) -> Hits:
        """The hits of words that have a weight for one class.

        Parameters
        ----------
        hits : Hits
        which : int
            Column of the class.

        Returns
        -------
        Hits
        """
        return hits.take(self.weights[hits.word, which] > 0)


def phrases(text: str) -> list[str]:
    """Words of a list file, separated by spaces; an underscore stands for a space inside a phrase.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str
    """
    return [word.replace("_", " ") for word in text.split()]


@cache
def read(name: str) -> dict[str, object]:
    """Read one list file of this room.

    Parameters
    ----------
    name : str
        Without folder and suffix.

    Returns
    -------
    dict of str to object

    Raises
    ------
    ModelError
        There is no such list, or it is not a mapping.
    """
    path = resources.files("crisislib.nlp") / "lists" / f"{name}.yml"
    if not path.is_file():
        raise ModelError(
            N_("there is no word list {name!r}"),
            where="crisislib/nlp/lists",
            do=N_("check the spelling"),
            facts={"name": name},
        )
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ModelError(
            N_("a word list is a mapping"), where=f"crisislib/nlp/lists/{name}.yml", do=N_("see general.yml")
        )
    return data


def weighted(classes: dict[str, dict[int, str]]) -> Weighted:
    """A matcher from words by class and weight.

    Parameters
    ----------
    classes : dict of str to dict of int to str
        Class -> weight -> words separated by spaces.

    Returns
    -------
    Weighted
    """
    index: dict[str, int] = {}
    cells: list[tuple[int, int, float]] = []
    for column, groups in enumerate(classes.values()):
        for weight, text in groups.items():
            cells += [(index.setdefault(word, len(index)), column, float(weight)) for word in phrases(text)]
    table = np.zeros((len(index), len(classes)))
    for row, column, value in cells:
        table[row, column] = max(table[row, column], value)
    return Weighted(WordList(list(index)), tuple(classes), table)


@cache
def simple(name: str) -> Weighted:
    """The matcher of a list file of the form class -> weight -> words.

    Parameters
    ----------
    name : str
        Without folder and suffix.

    Returns
    -------
    Weighted
    """
    return weighted(read(name))  # type: ignore[arg-type]
