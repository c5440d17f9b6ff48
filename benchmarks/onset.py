"""Crisis or harmless? Brand bursts on a hot list, judged 0, 1 and 3 hours after the first listing.

`--train DIR` teaches (headlines without labels, and the labels of bursts for the threshold), `--data
DIR` is judged; without `--train`, or with the same folder, brands are left out: a burst is judged
with the labels of other brands' bursts only, and the reader is taught without any headline that names
any brand of the folder. Always left out: bursts within seven days of the judged one, and every
headline of a labelled burst of either folder. The threshold is always set with a reader that knows no
brand, as it must hold for brands never met. Only headlines listed by the moment of judgement are
looked at, never a summary, whose time is unknown.

Keys: `auc@<seconds>` with `.lo` and `.hi` (95 %, bootstrap of brands), `n@<seconds>` bursts judged,
`lead_hours` (median over all crises of heat peak minus call at the fixed threshold; a crisis that is
never called counts as the worst), `called` (share of crises called), `called_by_peak`, `false_calls`
(share of harmless bursts ever called), `n_crisis`, `n_harmless`. Peers under the same rules: `volume`
(heat of the hours so far), `titles` (their number), `words` (the reader's teaching words counted);
the figures come from the reader that is given, beside the burst, the headlines listed of the brand in the
90 days before its first listing (known at the time; nothing later is looked at); peer `onset` is the same
reader on the headlines of the burst alone. That the past helps was found on these same bursts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.harness import Figures, finish, parser, say, write_predictions
from benchmarks.onset_sets import Bursts, found
from crisislib.core.errors import NotEnoughData
from crisislib.warn.onset import Reader, at, called, course, save, teach
from crisislib.warn.onset import train as fit
from crisislib.warn.onset.model import calibrate
from crisislib.warn.onset.words import lean

AGES = (0, 3600, 10_800)
NEAR_H = 7 * 24
DRAWS = 2_000
SEED = 0
MAIN = "with_history"
"""Whose figures are the figures; the others are told beside them as peers."""


def volume(listings: pd.DataFrame) -> pd.DataFrame:
    """Heat of the hours so far."""
    hours = listings.groupby(["burst", "age"])[["hot"]].sum().reset_index()
    hours["score"] = np.log1p(hours.groupby("burst").hot.cumsum())
    return _told(hours.assign(n=1))


def number(listings: pd.DataFrame) -> pd.DataFrame:
    """Headlines so far."""
    new = _new(listings)
    new["n"] = new.groupby("burst").cumcount() + 1
    return _told(new.assign(score=np.log(new.n)))


def counted(listings: pd.DataFrame) -> pd.DataFrame:
    """Words of crisis against words of promotion in the headlines so far."""
    new = _new(listings)
    new["n"] = new.groupby("burst").cumcount() + 1
    new["value"] = lean(new.title)[0]
    new["score"] = new.groupby("burst").value.cumsum() / new.n
    return _told(new)


def _new(listings: pd.DataFrame) -> pd.DataFrame:
    first = listings.groupby(["burst", "title"])[["age"]].min().reset_index()
    return first.sort_values(["burst", "age"], ignore_index=True)


def _told(scored: pd.DataFrame) -> pd.DataFrame:
    last: pd.DataFrame = scored.drop_duplicates(["burst", "age"], keep="last")
    return last[["burst", "age", "score", "n"]].reset_index(drop=True)


def auc(score: npt.NDArray[np.float64], label: npt.NDArray[np.int64], groups: pd.Series) -> tuple[float, float, float]:
    """Area under the ROC curve and its 95 % interval, drawing whole brands anew."""
    ones, zeros = label == 1, label == 0
    if not ones.any() or not zeros.any():
        return (float("nan"),) * 3
    gap = score[ones][:, None] - score[zeros][None, :]
    wins = (gap > 0) + 0.5 * (gap == 0)
    codes, brands = pd.factorize(groups)
    rng = np.random.default_rng(SEED)
    drawn = []
    for counts in rng.multinomial(len(brands), np.full(len(brands), 1 / len(brands)), size=DRAWS):
        a, b = counts[codes][ones], counts[codes][zeros]
        if a.any() and b.any():
            drawn.append(float(a @ wins @ b) / float(a.sum() * b.sum()))
    lo, hi = np.quantile(drawn, [0.025, 0.975]) if drawn else (float("nan"), float("nan"))
    return float(wins.mean()), float(lo), float(hi)


def folds(own: pd.DataFrame, theirs: pd.DataFrame, *, same: bool) -> dict[int, pd.Index]:
    """Training bursts for each judged burst: no neighbour in time and, in the same folder, no burst of its brand."""
    kept: dict[int, pd.Index] = {}
    for burst in own.index:
        row = own.loc[burst]
        far = (theirs.start > row.end + NEAR_H) | (theirs.end < row.start - NEAR_H)
        kept[int(burst)] = theirs.index[far & (theirs.brand != row.brand)] if same else theirs.index[far]
    return kept


def judge(told: pd.DataFrame, taught: pd.DataFrame, data: Bursts, train: Bursts, *, same: bool) -> pd.DataFrame:
    """Call age, threshold and probability scale of each burst, from its training bursts."""
    rows = []
    for burst, others in folds(data.known, train.known, same=same).items():
        try:
            line, slope, offset = calibrate(taught[taught.burst.isin(others)], train.known.label.loc[others])
        except NotEnoughData as fault:
            say(f"burst {burst}: {fault}; not called")
            line, slope, offset = float("inf"), 0.0, 0.0
        age = called(told[told.burst == burst], line)
        rows.append((burst, float(age.iloc[0]) if len(age) else np.nan, line, slope, offset))
    return pd.DataFrame(rows, columns=["burst", "age", "line", "slope", "offset"]).set_index("burst")


def figures_of(told: pd.DataFrame, calls: pd.DataFrame, known: pd.DataFrame) -> Figures:
    """All figures of one way to score."""
    figures: Figures = {}
    for age in AGES:
        then = at(told, age)
        kinds = known.loc[then.index]
        middle, lo, hi = auc(then.score.to_numpy(), kinds.label.to_numpy(), kinds.brand)
        figures |= {f"auc@{age}": middle, f"auc@{age}.lo": lo, f"auc@{age}.hi": hi, f"n@{age}": float(len(then))}
    crises = known[known.label == 1]
    lead = crises.peak - crises.start - calls.age[crises.index] / 3600
    figures["lead_hours"] = float(np.median(lead.fillna(-np.inf))) if len(lead) else float("nan")
    figures["called"] = float(lead.notna().mean())
    figures["called_by_peak"] = float((lead >= 0).mean())
    figures["false_calls"] = float(calls.age[known.index[known.label == 0]].notna().mean())
    return figures


def reader_for(data: Bursts, train: Bursts, *, brands: bool) -> Reader:
    """Taught on the training folder without headlines of labelled bursts; unless `brands`, of any brand."""
    ours = train.headlines.title.isin(data.listings.title) | train.headlines.title.isin(train.listings.title)
    if not brands:
        ours |= train.headlines.branded
    say(f"teaching on {int((~ours).sum())} headlines; {int(ours.sum())} left out")
    return teach(train.headlines[~ours])


Way = Callable[[pd.DataFrame], pd.DataFrame]
Lines = list[tuple[object, ...]]
HEADER = ("set", "burst", "brand", "start_h", "age", "label", "prediction", "probability", "score", "headlines")


def run(data: Bursts, train: Bursts) -> tuple[Figures, dict[str, Figures], Lines]:
    """Judge one folder after training on another or on its other brands."""
    same = data.folder.resolve() == train.folder.resolve()
    unaware = reader_for(data, train, brands=False)
    reader = unaware if same else reader_for(data, train, brands=True)
    ways: dict[str, tuple[Way, Way]] = {
        "onset": (partial(course, reader=reader), partial(course, reader=unaware)),
        "with_history": (
            partial(course, reader=reader, earlier=data.earlier),
            partial(course, reader=unaware, earlier=train.earlier),
        ),
        "volume": (volume, volume),
        "titles": (number, number),
        "words": (counted, counted),
    }
    results: dict[str, Figures] = {}
    lines: Lines = []
    for name, (way, before) in ways.items():
        told = way(data.listings)
        taught = told if same else before(train.listings)
        calls = judge(told, taught, data, train, same=same)
        results[name] = figures_of(told, calls, data.known)
        if name == MAIN:
            lines = _predictions(data.folder.name, told, calls, data.known)
    own = results.pop(MAIN)
    n_crisis = int((data.known.label == 1).sum())
    return own | {"n_crisis": float(n_crisis), "n_harmless": float(len(data.known) - n_crisis)}, results, lines


def ship(train: Bursts, path: Path) -> None:
    """Train on a whole folder and write the model file that the product reads."""
    reader = reader_for(train, train, brands=False)
    kinds = train.known.label.value_counts()
    card = {
        "trained_on": train.folder.name,
        "headlines": len(train.headlines),
        "crises": int(kinds.get(1, 0)),
        "harmless": int(kinds.get(0, 0)),
    }
    save(fit(reader, course(train.listings, reader), train.known.label, card=card), path)
    say(f"model in {path}")


def _predictions(name: str, told: pd.DataFrame, calls: pd.DataFrame, known: pd.DataFrame) -> Lines:
    """Every burst at every age."""
    lines: Lines = []
    for age in AGES:
        both = at(told, age).join(calls[["line", "slope", "offset"]]).join(known)
        p = 1 / (1 + np.exp(-(both.slope * both.score + both.offset)))
        lines += zip(
            *[[name] * len(both), both.index, both.brand, both.start, [age] * len(both), both.label],
            *[(both.score > both.line).astype(int), p.round(5), both.score.round(5), both.n],
            strict=True,
        )
    return lines


def main() -> None:
    """Train, judge, compare."""
    options = parser("onset", __doc__ or "")
    options.add_argument("--train", type=Path, help="folder to train on; without it brands of --data are left out")
    options.add_argument("--save", type=Path, help="also write a model file, trained on the first training folder")
    chosen = options.parse_args()
    sets = list(found(chosen.data))
    if not sets:
        raise SystemExit(f"no folder of bursts in {chosen.data}: give --data DIR")
    where = chosen.train or chosen.data
    trains = sets if where.resolve() == chosen.data.resolve() else list(found(where))
    if not trains:
        raise SystemExit(f"no folder of bursts in {where}: give --train DIR")
    if chosen.save:
        ship(trains[0], chosen.save)
    figures: Figures = {}
    peers: dict[str, Figures] = {}
    lines: Lines = []
    for data in sets:
        train = next((t for t in trains if t.folder.resolve() == data.folder.resolve()), trains[0])
        own, others, told = run(data, train)
        lines += told
        before = "" if len(sets) == 1 else f"{data.folder.name}."
        figures |= {before + key: value for key, value in own.items()}
        for name, found_here in others.items():
            peers.setdefault(name, {}).update({before + key: value for key, value in found_here.items()})
    write_predictions(chosen.out, HEADER, lines)
    finish("onset", figures, peers)


if __name__ == "__main__":
    main()
