"""What a labeller is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.watch import Watch
from crisislib.nlp.preprocess.codepoints import Codes, clean, fold

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Different texts of a watch, each once.

    Attributes
    ----------
    texts : pyarrow.StringArray
        As collected.
    watch : Watch
        Whose posts they are: brand, competitors and industry matter to some labellers.
    models : Path or None
        Folder of the models that analysts have taught; None: only what is shipped.
    """

    texts: pa.Array
    watch: Watch
    models: Path | None = None

    @property
    def n(self) -> int:
        """Number of texts."""
        return len(self.texts)

    @cached_property
    def cleaned(self) -> pa.Array:
        """The texts without addresses, mentions and markup."""
        return clean(self.texts)

    @cached_property
    def codes(self) -> Codes:
        """The texts folded into one array."""
        return fold(self.cleaned, cleaned=True)

    @cached_property
    def folded(self) -> pa.Array:
        """The folded texts as strings, for patterns."""
        return strings(self.codes)


@dataclass(frozen=True)
class Part:
    """Some rows of one label.

    Attributes
    ----------
    label : str
        Name of the label.
    doc : numpy.ndarray of int64
        Index of the text that each row is about.
    value : pyarrow.Array of str
        The class.
    evidence : pyarrow.Array of str
        JSON: the words that led to it.
    p : numpy.ndarray or None
        Probability of the value, 0-1; None where the labeller does not claim one.
    score : numpy.ndarray or None
        The label's own number; its meaning stands in the labeller.
    """

    label: str
    doc: I64
    value: pa.Array
    evidence: pa.Array
    p: F64 | None = None
    score: F64 | None = None


@dataclass(frozen=True)
class Labeller:
    """One entry of the registry.

    Attributes
    ----------
    name, version : str
        Written to the `model` column as `name@version`; a change of words or weights is a new version.
    fn : callable
        From a batch to the rows of its label or labels.
    says : str
        One line on what it labels, shown in the documentation.
    suffix : callable
        What the version depends on beside the code (lists of an industry, an adapted model).
    """

    name: str
    version: str
    fn: Callable[[Batch], Iterable[Part]]
    says: str
    suffix: Callable[[Watch, Path | None], str] = field(default=lambda watch, models: "")

    def model(self, watch: Watch, models: Path | None) -> str:
        """The value of the column `model` of its rows.

        Parameters
        ----------
        watch : Watch
        models : Path or None
            Folder of the models that analysts have taught.

        Returns
        -------
        str
            `name@version`, with what the version depends on beside the code.
        """
        return f"{self.name}@{self.version}{self.suffix(watch, models)}"


def strings(codes: Codes) -> pa.Array:
    """The texts of a folded batch as an Arrow string array.

    Parameters
    ----------
    codes : Codes
        n texts.

    Returns
    -------
    pyarrow.StringArray of shape (n,)
    """
    if not codes.n:
        return pa.array([], pa.string())
    points = codes.points
    width = 1 + (points > 0x7F) + (points > 0x7FF) + (points > 0xFFFF)
    total = np.zeros(len(points) + 1, dtype=np.int64)
    np.cumsum(width, out=total[1:])
    data = points.astype("<u4").tobytes().decode("utf-32-le", errors="replace").encode()
    # the line break after each text is one byte: it stays in the buffer, outside every value
    offsets = np.stack([total[codes.starts], total[codes.ends]], axis=1)
    whole = pa.LargeStringArray.from_buffers(
        codes.n * 2, pa.py_buffer(np.append(offsets.ravel(), total[-1]).astype(np.int64)), pa.py_buffer(data)
    )
    return whole.take(pa.array(np.arange(codes.n) * 2)).cast(pa.string())


def quoted(values: pa.Array) -> pa.Array:
    """Strings as JSON strings.

    Parameters
    ----------
    values : pyarrow.Array of shape (n,)
        Strings.

    Returns
    -------
    pyarrow.Array of shape (n,)
        JSON strings with their quotation marks; control characters become spaces.
    """
    for char, instead in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        values = pc.replace_substring(values, char, instead)
    values = pc.replace_substring_regex(values, r"[\x00-\x1f]", " ")
    return pc.binary_join_element_wise('"', values, '"', "")


def evidence(words: pa.Array) -> pa.Array:
    """Evidence cells from lists of words.

    Parameters
    ----------
    words : pyarrow.Array of shape (n,)
        JSON lists.

    Returns
    -------
    pyarrow.Array of shape (n,)
        `{"words": [...]}`.
    """
    return pc.binary_join_element_wise('{"words": ', words, "}", "")
