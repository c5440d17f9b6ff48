"""Crisis or harmless? Brand bursts on a hot list, judged 0, 1 and 3 hours after the first listing.

The figures are the product's: its shipped model and its door, `crisislib.warn.onset.onset`, over POSTS of a list as
the import of such a list makes them (one post of kind topic for each topic and hour), with the names that a watch would
give for the brand. Nothing listed or collected after the moment of judgement is looked at, and never a summary, whose
time is unknown. The shipped model was trained on weibo_hotsearch without a headline that names a brand of it or belongs
to a labelled burst; its threshold and probability were set on that folder's labelled bursts, so on that folder
`called`, `false_calls` and `lead_hours` flatter. `lobo.*` does not: reader, features and weights are taught without a
headline of any brand of the folder, the threshold is set on the bursts of other brands, none within seven days.

Keys: `auc@<seconds>` with `.lo` and `.hi` (95 %, bootstrap of brands) and `.without_a_brand` (the lowest where all
bursts of one brand are left out), `n@<seconds>` bursts judged, `lead_hours` (median over all crises of heat peak minus
call; a crisis that is never called counts as the worst), `called` (share of crises called), `called_by_peak`,
`false_calls` (share of harmless bursts ever called), `n_crisis`, `n_harmless`; `lobo.` before each: leave one brand
out (taught on `--train`, or the folder itself). Peers: `leave_one_brand_out` (the same), `burst_alone` (its shape: heat
of the newest hour against the first), `volume` (heat of the hours so far), `titles` (their number), `words` (the
reader's teaching words counted).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.harness import Figures, finish, parser, say, write_predictions
from benchmarks.onset_sets import EPOCH, Bursts, found
from crisislib.core.errors import NotEnoughData
from crisislib.warn.onset import OnsetModel, load, onset
from tools.training.onset_model import at, calibrate
from tools.training.onset_reader import lean, teach

AGES = (0, 3600, 10_800)
NEAR_H = 7 * 24
DRAWS = 2_000
SEED = 0


def posts_of(listings: pd.DataFrame) -> pd.DataFrame:
    """Listings of one burst as POSTS."""
    when = pd.Timestamp(EPOCH, tz="UTC") + pd.to_timedelta(listings.age, unit="s")
    ids = [f"weibo:{i}" for i in range(len(listings))]
    return pd.DataFrame(
        {"post_id": ids, "kind": "topic", "text": listings.title, "created_at": when, "collected_at": when}
    )


def asked(listings: pd.DataFrame, names: pd.Series, model: OnsetModel) -> pd.DataFrame:
    """What the product's door says of each burst, headline by headline: columns burst, age, score, p, n.

    One question at a burst's end tells its whole course; what was said at an age hangs on nothing listed later.
    """
    parts = [pd.DataFrame(columns=["burst", "age", "score", "p", "n"])]
    for key, rows in listings.groupby("burst"):
        burst = int(str(key))
        posts = posts_of(rows.reset_index(drop=True))
        told = onset(posts, now=posts.created_at.max().to_pydatetime(), model=model, names=names[burst])
        if told.silent:
            say(f"burst {burst}: no headline that can be read")
            continue
        first = posts.set_index("post_id").created_at[told.post_ids[0]]
        begin = (first - pd.Timestamp(EPOCH, tz="UTC")).total_seconds()
        parts.append(told.table.assign(burst=burst, age=told.table.age + begin)[["burst", "age", "score", "p", "n"]])
    return pd.concat(parts[1:] or parts, ignore_index=True)


def shape(listings: pd.DataFrame) -> pd.DataFrame:
    """Heat of the newest hour against the first."""
    hours = listings.groupby(["burst", "age"])[["hot"]].sum().reset_index()
    first = hours.groupby("burst").hot.transform("first")
    return _told(hours.assign(n=1, score=np.log1p(hours.hot) - np.log1p(first)))


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


def plain_auc(score: npt.NDArray[np.float64], label: npt.NDArray[np.int64]) -> float:
    """Area under the ROC curve; NaN where a kind is missing."""
    gap = score[label == 1][:, None] - score[label == 0][None, :]
    return float(((gap > 0) + 0.5 * (gap == 0)).mean()) if gap.size else float("nan")


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


def calls_of(told: pd.DataFrame, line: Callable[[int], float], known: pd.DataFrame) -> pd.DataFrame:
    """When each burst is first above its threshold: index burst, columns age (NaN where never) and line."""
    lines = pd.Series({burst: line(int(burst)) for burst in known.index})
    over = told[told.score > told.burst.map(lines)]
    return pd.DataFrame({"age": over.groupby("burst").age.min().reindex(known.index), "line": lines})


def thresholds(told: pd.DataFrame, taught: pd.DataFrame, data: Bursts, train: Bursts, *, same: bool) -> pd.DataFrame:
    """Calls with a threshold from each burst's training bursts."""
    lines: dict[int, float] = {}
    for burst, others in folds(data.known, train.known, same=same).items():
        try:
            lines[burst] = calibrate(taught[taught.burst.isin(others)], train.known.label.loc[others])[0]
        except NotEnoughData as fault:
            say(f"burst {burst}: {fault}; not called")
            lines[burst] = float("inf")
    return calls_of(told, lines.__getitem__, data.known)


def figures_of(told: pd.DataFrame, calls: pd.DataFrame, known: pd.DataFrame) -> Figures:
    """All figures of one way to score."""
    figures: Figures = {}
    for age in AGES:
        then = at(told, age)
        kinds = known.loc[then.index]
        middle, lo, hi = auc(then.score.to_numpy(), kinds.label.to_numpy(), kinds.brand)
        figures |= {f"auc@{age}": middle, f"auc@{age}.lo": lo, f"auc@{age}.hi": hi, f"n@{age}": float(len(then))}
        figures[f"auc@{age}.without_a_brand"] = min(
            plain_auc(then.score[kinds.brand != brand].to_numpy(), kinds.label[kinds.brand != brand].to_numpy())
            for brand in kinds.brand.unique()
        )
    crises = known[known.label == 1]
    lead = crises.peak - crises.start - calls.age[crises.index] / 3600
    figures["lead_hours"] = float(np.median(lead.fillna(-np.inf))) if len(lead) else float("nan")
    figures["called"] = float(lead.notna().mean())
    figures["called_by_peak"] = float((lead >= 0).mean())
    figures["false_calls"] = float(calls.age[known.index[known.label == 0]].notna().mean())
    return figures


def without_brands(data: Bursts, train: Bursts, shipped: OnsetModel, *, same: bool) -> OnsetModel:
    """Taught on the training folder without headlines of labelled bursts, on the same folder without any brand's."""
    ours = train.headlines.title.isin(pd.concat([data.listings.title, train.listings.title]))
    if same:
        ours |= train.headlines.branded
    say(f"teaching on {int((~ours).sum())} headlines; {int(ours.sum())} left out")
    return replace(shipped, reader=teach(train.headlines[~ours]))


Lines = list[tuple[object, ...]]
HEADER = ("set", "burst", "brand", "start_h", "age", "label", "prediction", "probability", "score", "headlines")


def run(data: Bursts, train: Bursts, model: OnsetModel) -> tuple[Figures, dict[str, Figures], Lines]:
    """Judge one folder with the product's model; beside it, the peers trained on a folder or its other brands."""
    same = data.folder.resolve() == train.folder.resolve()
    other = without_brands(data, train, model, same=same)
    told = asked(data.listings, data.known.names, model)
    calls = calls_of(told, lambda _: model.threshold, data.known)
    results: dict[str, Figures] = {}
    taught: dict[str, Callable[[Bursts], pd.DataFrame]] = {
        "leave_one_brand_out": lambda bursts: asked(bursts.listings, bursts.known.names, other),
        "burst_alone": lambda bursts: shape(bursts.listings),
        "volume": lambda bursts: volume(bursts.listings),
        "titles": lambda bursts: number(bursts.listings),
        "words": lambda bursts: counted(bursts.listings),
    }
    for name, way in taught.items():
        theirs = way(data)
        known = theirs if same else way(train)
        results[name] = figures_of(theirs, thresholds(theirs, known, data, train, same=same), data.known)
    n_crisis = int((data.known.label == 1).sum())
    figures = figures_of(told, calls, data.known)
    figures |= {"n_crisis": float(n_crisis), "n_harmless": float(len(data.known) - n_crisis)}
    figures |= {f"lobo.{key}": value for key, value in results["leave_one_brand_out"].items()}
    return figures, results, _predictions(data.folder.name, told, calls, data.known)


def _predictions(name: str, told: pd.DataFrame, calls: pd.DataFrame, known: pd.DataFrame) -> Lines:
    """Every burst at every age."""
    lines: Lines = []
    for age in AGES:
        both = at(told, age).join(calls[["line"]]).join(known)
        lines += zip(
            *[[name] * len(both), both.index, both.brand, both.start, [age] * len(both), both.label],
            *[(both.score > both.line).astype(int), both.p.round(5), both.score.round(5), both.n],
            strict=True,
        )
    return lines


def main() -> None:
    """Ask, train the peers, compare."""
    options = parser("onset", __doc__ or "")
    options.add_argument("--train", type=Path, help="folder to train peers on; without it, brands of --data but one")
    options.add_argument("--model", type=Path, help="another model file than the shipped one")
    chosen = options.parse_args()
    sets = list(found(chosen.data))
    if not sets:
        raise SystemExit(f"no folder of bursts in {chosen.data}: give --data DIR")
    where = chosen.train or chosen.data
    trains = sets if where.resolve() == chosen.data.resolve() else list(found(where))
    if not trains:
        raise SystemExit(f"no folder of bursts in {where}: give --train DIR")
    model = load(chosen.model)
    figures: Figures = {}
    peers: dict[str, Figures] = {}
    lines: Lines = []
    for data in sets:
        train = next((t for t in trains if t.folder.resolve() == data.folder.resolve()), trains[0])
        own, others, told = run(data, train, model)
        lines += told
        before = "" if len(sets) == 1 else f"{data.folder.name}."
        figures |= {before + key: value for key, value in own.items()}
        for name, found_here in others.items():
            peers.setdefault(name, {}).update({before + key: value for key, value in found_here.items()})
    write_predictions(chosen.out, HEADER, lines)
    finish("onset", figures, peers)


if __name__ == "__main__":
    main()
