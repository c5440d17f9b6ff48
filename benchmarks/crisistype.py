"""Crisis types and kinds of complaint against what labels there are: `python -m benchmarks.crisistype --data DIR`.

There is no public set of posts labelled with our crisis types. Measured instead, wherever a table has the columns:

- `<set>.complaint_macro_f1`: kind of complaint against `negativereason` (reasons that name no kind are left out; a
  post without any kind from us counts as a miss). Peer: always the commonest kind.
- `<set>.crisis_macro_f1`: bursts labelled crisis (1) or harmless (0) by one reader, against whether a type holds in
  their titles. Peer: bursts hotter than the median are crises.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.harness import Figures, finish, parser, say, write_predictions
from benchmarks.word_labels import labels_of, macro_f1, tables

REASONS = (
    ("customer service", "service_attitude"),
    ("attendant", "service_attitude"),
    ("late", "delivery_and_delay"),
    ("cancel", "delivery_and_delay"),
    ("lost", "delivery_and_delay"),
    ("longline", "delivery_and_delay"),
    ("booking", "booking_and_system"),
    ("damaged", "quality"),
    ("bad ", "quality"),
)
"""What a reason's wording means in our kinds."""


def kind_of(reason: str) -> str:
    """Our kind for a written reason, or nothing."""
    return next((kind for words, kind in REASONS if words in reason.lower()), "")


def main() -> None:
    """Measure what can be measured."""
    given = parser("crisistype", __doc__ or "").parse_args()
    figures: Figures = {}
    common: Figures = {}
    heat: Figures = {}
    rows: list[tuple[object, ...]] = []
    for name, held in tables(given.data, "negativereason", "text"):
        truth = held.negativereason.map(kind_of).to_numpy(dtype=object)
        keep = truth != ""
        texts, truth = held.text[keep].tolist(), truth[keep]
        said = np.full(len(texts), "", dtype=object)
        found = labels_of(texts, "complaint")
        said[found.row] = found.value
        figures[f"{name}.complaint_macro_f1"] = macro_f1(truth, said)
        common[f"{name}.complaint_macro_f1"] = macro_f1(truth, np.full(len(truth), pd.Series(truth).mode()[0]))
        rows += [(f"{name}/{i}", s, "") for i, s in zip(np.flatnonzero(keep), said, strict=True)]
        say(f"{name}: {len(truth)} complaints with a reason, {(said != '').mean():.0%} given a kind")
    for name, held in tables(given.data, "label", "top_titles", "peak_hot"):
        held = held[held.label.isin(["0", "1"])]
        truth = (held.label == "1").to_numpy()
        found = labels_of(held.top_titles.tolist(), "crisis_type")
        said = np.zeros(len(held), dtype=bool)
        said[found.row] = True
        figures[f"{name}.crisis_macro_f1"] = macro_f1(truth, said)
        hot = held.peak_hot.astype(float).to_numpy()
        heat[f"{name}.crisis_macro_f1"] = macro_f1(truth, hot > np.median(hot))
        kinds = pd.Series("", index=range(len(held)))
        kinds[found.row] = found.value.to_numpy()
        rows += [(f"{name}/{i}", kind, "") for i, kind in zip(held.index, kinds, strict=True)]
        say(f"{name}: {len(held)} labelled bursts ({truth.sum()} crises): few, one reader, titles only")
    write_predictions(given.out, ["id", "prediction", "probability"], rows)
    peers = {"commonest": common, "heat": heat}
    finish("crisistype", figures, {peer: found for peer, found in peers.items() if found})


if __name__ == "__main__":
    main()
