"""An array that can be appended to without moving what it holds each time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


class Column:
    """Values with room for more behind them.

    Parameters
    ----------
    values : numpy.ndarray
        What it holds at first; copied.
    room : float
        Space as a multiple of what is held; used again whenever it runs out.
    """

    def __init__(self, values: npt.NDArray[Any], room: float = 1.5) -> None:
        self._room = room
        self._n = len(values)
        self._held = np.empty(int(self._n * room) + 16, dtype=values.dtype)
        self._held[: self._n] = values

    def __len__(self) -> int:
        return self._n

    @property
    def data(self) -> npt.NDArray[Any]:
        """A view of the values; writing into it writes into the column."""
        return self._held[: self._n]

    def extend(self, values: npt.NDArray[Any]) -> None:
        """Append values, cast to the column's type."""
        end = self._n + len(values)
        if end > len(self._held):
            larger = np.empty(int(end * self._room) + 16, dtype=self._held.dtype)
            larger[: self._n] = self._held[: self._n]
            self._held = larger
        self._held[self._n : end] = values
        self._n = end
