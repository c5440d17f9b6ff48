"""Causal passes over windows taken up where they were left, when nothing before has changed.

A monitor computes the running window many times, and each baseline would begin anew with all of the history.
A pass is resumed only where its inputs are, bit for bit, what they were: the answer is the same.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
TAIL = 2
"""Windows at the end that are expected to change: the running one, and the last whole one by its late posts."""


@dataclass(frozen=True)
class Pass:
    """One pass as it stood before window number `at`: what it had been given, knew and had answered."""

    at: int
    inputs: tuple[Array, ...]
    state: tuple[Any, ...]
    answers: tuple[Array, ...]


@dataclass
class Passes:
    """The passes of one watch by name."""

    stored: dict[str, Pass] = field(default_factory=dict)

    def take_up(self, name: str, inputs: tuple[Array, ...], answers: tuple[Array, ...]) -> tuple[int, tuple[Any, ...]]:
        """Where to go on, with what was known there; the answers until there are filled in. (0, ()) from the start.

        Parameters
        ----------
        name : str
            Under which the pass was kept.
        inputs, answers : tuple of numpy.ndarray
            Windows along the last axis.

        Returns
        -------
        at : int
            Window to go on from; 0 where the pass must start anew.
        state : tuple
            What was known before that window; empty where `at` is 0.
        """
        stored = self.stored.get(name)
        if stored is None or not all(_begins(new, old) for new, old in zip(inputs, stored.inputs, strict=True)):
            return 0, ()
        for answer, old in zip(answers, stored.answers, strict=True):
            answer[..., : stored.at] = old
        return stored.at, deepcopy(stored.state)

    def keep(
        self, name: str, at: int, inputs: tuple[Array, ...], state: tuple[Any, ...], answers: tuple[Array, ...]
    ) -> None:
        """Remember a pass as it stands before window number `at`.

        Parameters
        ----------
        name : str
            Of the pass.
        at : int
            Number of the first window that it has not read.
        inputs, answers : tuple of numpy.ndarray
            Windows along the last axis; copied up to `at`.
        state : tuple
            What the pass knows before window `at`; copied.
        """
        cut = tuple(x[..., :at].copy() for x in inputs), tuple(x[..., :at].copy() for x in answers)
        self.stored[name] = Pass(at, cut[0], deepcopy(state), cut[1])


def _begins(new: Array, old: Array) -> bool:
    at = old.shape[-1]
    if new.shape[:-1] != old.shape[:-1] or new.shape[-1] < at:
        return False
    return bool(np.array_equal(new[..., :at], old, equal_nan=new.dtype.kind == "f"))
