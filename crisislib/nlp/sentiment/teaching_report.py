"""A model's report card: how it does on labels that it was not taught with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.errors import NotEnoughData
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.nlp.proportions import share_interval
from crisislib.nlp.sentiment.sentiment_model import CLASSES

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

GOOD = N_(
    "On {n} {n:label|labels} held back from it the sentiment model is right in {accuracy} of the posts "
    "(macro-F1 {f1}, 95% interval {lo} to {hi})."
)
CHANGED = N_(
    "Against the general model on the same {n} {n:label|labels}: macro-F1 {before} before, {after} now, a "
    "change of {gain} (95% interval {lo} to {hi}); {better} {better:post|posts} {better:is|are} right now and "
    "{better:was|were} wrong before, {worse} the other way round."
)
UNSURE_GAIN = N_("The interval contains zero: with so few labels it is not certain that the trained model is better.")
LIMIT = N_("The labels are one team's judgement; where people disagree, no model can be right.")


@dataclass(frozen=True)
class ReportCard:
    """Figures on held-back labels.

    Attributes
    ----------
    n : int
        Labels.
    accuracy : float
        Share of right answers, 0-1.
    macro_f1, lo, hi : float
        Mean F1 over the classes that occur, and its 95 % bootstrap interval.
    ece : float
        Expected calibration error over ten equal bins of the stated probability, 0-1.
    brier : float
        Mean of the squared differences summed over the classes, 0-2.
    confusion : pandas.DataFrame
        Labels (rows) against answers (columns), counts.
    """

    n: int
    accuracy: float
    macro_f1: float
    lo: float
    hi: float
    ece: float
    brier: float
    confusion: pd.DataFrame

    def facts(self) -> dict[str, float]:
        """The plain numbers."""
        names = ("n", "accuracy", "macro_f1", "lo", "hi", "ece", "brier")
        return {name: float(getattr(self, name)) for name in names}

    def finding(self) -> Finding:
        """The card as a sentence."""
        facts: dict[str, object] = {"n": self.n, "accuracy": f"{self.accuracy:.0%}"}
        facts |= {"f1": f"{self.macro_f1:.2f}", "lo": f"{self.lo:.2f}", "hi": f"{self.hi:.2f}"}
        return Finding("text.report_card", GOOD, facts, self.confusion, n=self.n, limits=(LIMIT,))


@dataclass(frozen=True)
class Change:
    """What teaching changed, on the same held-back labels.

    Attributes
    ----------
    n : int
        Labels.
    before, after : float
        Macro-F1 of the general and of the taught model.
    gain, lo, hi : float
        Difference and its 95 % interval, by a bootstrap of the posts that keeps both answers of each together.
    better, worse : int
        Posts that came right, and that went wrong.
    """

    n: int
    before: float
    after: float
    gain: float
    lo: float
    hi: float
    better: int
    worse: int

    def finding(self) -> Finding:
        """The change as a sentence."""
        facts: dict[str, object] = {"n": self.n, "better": self.better, "worse": self.worse}
        facts |= {"before": f"{self.before:.2f}", "after": f"{self.after:.2f}"}
        facts |= {name: f"{getattr(self, name):+.2f}" for name in ("gain", "lo", "hi")}
        limits = (UNSURE_GAIN,) if self.lo <= 0 <= self.hi else ()
        return Finding("text.change", CHANGED, facts, pd.DataFrame([facts]), n=self.n, limits=limits)


def change(before: F64, after: F64, truth: I64, *, seed: int = 0, draws: int = 500) -> Change:
    """Compare two models on the same labels, none of which either was trained on.

    Parameters
    ----------
    before, after : numpy.ndarray of shape (n, 3)
        Probabilities of the old and of the new model.
    truth : numpy.ndarray of int64, shape (n,)
        Labels as class numbers.
    seed : int
        Of the bootstrap.
    draws : int
        Bootstrap samples behind the 95 % interval of the gain in macro F1.

    Returns
    -------
    Change
    """
    old, new = before.argmax(axis=1), after.argmax(axis=1)
    cube = np.bincount(truth * 9 + old * 3 + new, minlength=27).reshape(3, 3, 3)
    drawn = np.random.default_rng(seed).multinomial(len(truth), (cube / cube.sum()).ravel(), size=draws)
    gains = [_macro_f1(c.sum(axis=1)) - _macro_f1(c.sum(axis=2)) for c in drawn.reshape(-1, 3, 3, 3)]
    lo, hi = np.quantile(gains, [0.025, 0.975])
    was, now = _macro_f1(cube.sum(axis=2)), _macro_f1(cube.sum(axis=1))
    better, worse = (old != truth) & (new == truth), (old == truth) & (new != truth)
    return Change(len(truth), was, now, now - was, float(lo), float(hi), int(better.sum()), int(worse.sum()))


def reliability(p: F64, truth: I64, *, bins: int = 5) -> pd.DataFrame:
    """Predicted P(negative) against the observed share, in bins of equally many labels.

    Parameters
    ----------
    p : numpy.ndarray of shape (n, 3)
        Predicted probabilities.
    truth : numpy.ndarray of int64, shape (n,)
        Labels as class numbers.
    bins : int
        Number of bins.

    Returns
    -------
    pandas.DataFrame
        `p` (mean prediction), `observed` share with its 95 % interval `lo`, `hi`, and `n`.
    """
    order = np.argsort(p[:, 0], kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    k = np.array([(truth[part] == 0).sum() for part in parts], dtype=float)
    n = np.array([len(part) for part in parts])
    lo, hi = share_interval(k, n)
    predicted = [float(p[part, 0].mean()) for part in parts]
    return pd.DataFrame({"p": predicted, "observed": k / np.maximum(n, 1), "lo": lo, "hi": hi, "n": n})


def report_card(p: F64, truth: I64, *, seed: int = 0, draws: int = 500) -> ReportCard:
    """Judge probabilities against labels.

    Parameters
    ----------
    p : numpy.ndarray, (n_labels, 3)
        P(negative), P(neutral), P(positive), from a model that did not see the label.
    truth : numpy.ndarray of int64, (n_labels,)
        0 negative, 1 neutral, 2 positive.
    seed, draws : int
        Bootstrap of the interval.

    Returns
    -------
    ReportCard

    Raises
    ------
    NotEnoughData
        There are no labels.
    """
    if not len(truth):
        raise NotEnoughData(N_("no labels to measure by"), do=N_("label some posts first"))
    predicted = p.argmax(axis=1)
    table = np.bincount(truth * 3 + predicted, minlength=9).reshape(3, 3)
    drawn = np.random.default_rng(seed).multinomial(len(truth), (table / table.sum()).ravel(), size=draws)
    lo, hi = np.quantile([_macro_f1(one.reshape(3, 3)) for one in drawn], [0.025, 0.975])
    top = p.max(axis=1)
    bins = np.minimum((top * 10).astype(int), 9)
    right = (predicted == truth).astype(float)
    gap = np.bincount(bins, weights=top - right, minlength=10)
    brier = ((p - np.eye(3)[truth]) ** 2).sum(axis=1).mean()
    names = pd.Index(CLASSES, name="labelled")
    return ReportCard(
        n=len(truth),
        accuracy=float(right.mean()),
        macro_f1=_macro_f1(table),
        lo=float(lo),
        hi=float(hi),
        ece=float(np.abs(gap).sum() / len(truth)),
        brier=float(brier),
        confusion=pd.DataFrame(table, index=names, columns=list(CLASSES)),
    )


def _macro_f1(table: npt.NDArray[np.int64]) -> float:
    """Mean F1 over the classes that are labelled."""
    hit, labelled, predicted = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    there = labelled > 0
    return float((2 * hit[there] / np.maximum(labelled + predicted, 1)[there]).mean())
