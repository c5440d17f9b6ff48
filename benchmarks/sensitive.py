"""Sensitive subjects against what labels there are: `python -m benchmarks.sensitive --data DIR`.

There is no public set of posts labelled with our subjects. Measured instead, wherever a table has the columns:

- `<set>.casualties_macro_f1`: crisis tweets of information type "Affected individuals" (deaths, injuries, missing)
  against the subject casualties. Rows without an information type are left out. Peer: always no.
- `<set>.crisis_auc` with `.crisis_auc_lo` and `.crisis_auc_hi`: bursts labelled crisis or harmless by one reader,
  ranked by the summed grades of the subjects in their titles. Peer: by peak heat.
- `posts_per_s`: subjects of the general list, folding included.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.harness import Figures, finish, parser, say, write_predictions
from benchmarks.word_labels import auc, auc_interval, labels_of, macro_f1, tables


def main() -> None:
    """Measure what can be measured."""
    given = parser("sensitive", __doc__ or "").parse_args()
    figures: Figures = {}
    never: Figures = {}
    heat: Figures = {}
    rows: list[tuple[object, ...]] = []
    labels_of(["预热 warm up"], "sensitive")
    for name, held in tables(given.data, "Information Type", "Tweet Text"):
        held = held[~held["Information Type"].str.lower().isin(["", "not labeled", "not applicable"])]
        truth = (held["Information Type"].str.lower() == "affected individuals").to_numpy()
        start = time.perf_counter()
        found = labels_of(held["Tweet Text"].tolist(), "sensitive")
        figures["posts_per_s"] = len(held) / (time.perf_counter() - start)
        said = np.zeros(len(held), dtype=bool)
        said[found.row[found.label == "sensitive.casualties"]] = True
        figures[f"{name}.casualties_macro_f1"] = macro_f1(truth, said)
        never[f"{name}.casualties_macro_f1"] = macro_f1(truth, np.zeros(len(truth), dtype=bool))
        rows += [(f"{name}/{i}", int(s), "") for i, s in zip(held.index, said, strict=True)]
        say(f"{name}: {len(held)} typed posts, {truth.sum()} about affected people")
    for name, held in tables(given.data, "label", "top_titles", "peak_hot"):
        held = held[held.label.isin(["0", "1"])]
        truth = (held.label == "1").to_numpy()
        found = labels_of(held.top_titles.tolist(), "sensitive")
        score = np.bincount(found.row, weights=found.score, minlength=len(held))
        figures[f"{name}.crisis_auc"] = auc(score, truth)
        lo, hi = auc_interval(score, truth)
        figures |= {f"{name}.crisis_auc_lo": lo, f"{name}.crisis_auc_hi": hi}
        heat[f"{name}.crisis_auc"] = auc(held.peak_hot.astype(float).to_numpy(), truth)
        rows += [(f"{name}/{i}", s, "") for i, s in zip(held.index, score, strict=True)]
        say(f"{name}: {len(held)} labelled bursts ({truth.sum()} crises): few, one reader, titles only")
    write_predictions(given.out, ["id", "prediction", "probability"], rows)
    finish("sensitive", figures, {peer: found for peer, found in {"never": never, "heat": heat}.items() if found})


if __name__ == "__main__":
    main()
