"""Labels made anew are stored where they say something else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd

from crisislib.core.tables import conform
from crisislib.engine.label_changes import changed_labels
from crisislib.lake import Lake
from tests.signals.world import HOUR, START, watch


def test_what_was_said_before_is_not_stored_again(tmp_path: Path) -> None:
    lake, name = Lake(tmp_path), watch().watch
    first = pd.DataFrame({
        "watch": name, "post_id": ["x:1", "x:1", "x:2", "x:2"], "label": ["lang", "sentiment"] * 2,
        "model": ["lang@1", "sentiment@5"] * 2, "at": START, "created_at": START, "value": ["en", "negative"] * 2,
        "p": [None, 0.8] * 2, "score": [None, 0.8] * 2, "evidence": "{}",
    })  # fmt: skip
    lake.append("LABELS", first)
    again = conform(first.assign(at=START + HOUR), "LABELS")
    assert changed_labels(lake, watch(), again).num_rows == 0
    taught = first.assign(at=START + timedelta(hours=2), model=["lang@1", "sentiment@5+taught"] * 2)
    made = changed_labels(lake, watch(), conform(taught, "LABELS"))
    assert made["label"].to_pylist() == ["sentiment"] * 2 and made["post_id"].to_pylist() == ["x:1", "x:2"]
    lake.append("LABELS", made)
    # Back to the model before: its labels are no longer what is stored, and are stored again.
    assert changed_labels(lake, watch(), again)["label"].to_pylist() == ["sentiment"] * 2
