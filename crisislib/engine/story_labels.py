"""Stories that analysts have called rumours or not, and the rumour models that are learnt from them.

A model is fitted from the labels whenever it is needed (seconds for some hundred stories): the labels are what is
stored, and no model file can fall behind them.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib import spread
from crisislib.core.errors import InputError, NotEnoughData
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch
from crisislib.engine.home import Home

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crisislib.spread.rumour.model import RumourModel

LABEL = "rumour"
CLASSES = ("rumour", "other")
"""What a story can be called."""
TRAIN_SHARE = 0.7
"""Share of the labelled stories, the oldest, that the report card learns from; the newest hold it to account."""

QUEUED = N_("{n} stories to label in {path}: write rumour or other into the column `label`, then give it back")
TAKEN = N_("{n} stories labelled; crisis teach --rumours says how well they teach, from sixty stories on")
CARD = N_(
    "Learnt from {n} labelled stories ({rumours} rumours). On the {held} newest, which the model of this card had not "
    "seen, it is right on {right} %; always saying the commoner kind, on {commoner} %; "
    "the shipped weights, on {shipped} %."
)


def story_queue(home: Home, watch: Watch, path: Path, *, n: int = 100) -> str:
    """Write the largest stories that nobody has labelled as a CSV with an empty column `label`."""
    stories = home.lake.read("CASCADES", watch=watch.watch).sort_values(["n", "root_id"], ascending=[False, True])
    stories = stories[~stories["root_id"].isin(labelled(home, watch).index)]
    posts = home.lake.sql("POSTS", watch=watch.watch).project("post_id, text").to_arrow_table().to_pandas()
    frame = stories.merge(posts, left_on="root_id", right_on="post_id").head(n)
    frame = frame.assign(label="", posts=frame["n"])[["post_id", "label", "posts", "text"]]
    # A leading apostrophe keeps a spreadsheet from running a text as a formula.
    risky = frame["text"].fillna("").str.match(r"^[=+\-@\t\r]")
    frame["text"] = frame["text"].where(~risky, "'" + frame["text"].fillna(""))
    frame.to_csv(path, index=False, encoding="utf-8-sig")
    return tr(QUEUED, watch.language, n=len(frame), path=path)


def take_stories(home: Home, watch: Watch, path: Path, *, by: str, now: datetime) -> str:
    """Take an analyst's labels of stories from a CSV with `post_id` and `label`; empty ones are passed over.

    Raises
    ------
    InputError
        A column is missing, a label is none of the classes, or a post is not in the lake; nothing was taken.
    """
    frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig").fillna("")
    if missing := [c for c in ("post_id", "label") if c not in frame]:
        raise InputError(f"columns {missing} are missing", where=str(path), do="give back the file of crisis label")
    given = frame.assign(label=frame["label"].str.strip().str.lower())
    given = given[given["label"] != ""]
    if len(wrong := given[~given["label"].isin(CLASSES)]):
        row = wrong.iloc[0]
        raise InputError(f"{row['label']!r} is no label", where=str(row["post_id"]), do=f"write {' or '.join(CLASSES)}")
    posts = home.lake.sql("POSTS", watch=watch.watch).project("post_id, created_at").to_arrow_table().to_pandas()
    when = posts.drop_duplicates("post_id").set_index("post_id")["created_at"]
    if len(unknown := given[~given["post_id"].isin(when.index)]):
        raise InputError(f"post {unknown['post_id'].iloc[0]!r} is not in the lake", do="do not edit the ids")
    rows = pd.DataFrame(
        {
            "watch": watch.watch, "post_id": given["post_id"], "label": LABEL, "model": "analyst", "at": now,
            "created_at": given["post_id"].map(when), "value": given["label"], "p": 1.0,
            "score": (given["label"] == "rumour").astype(float), "evidence": json.dumps({"by": by}, ensure_ascii=False),
        }
    )  # fmt: skip
    return tr(TAKEN, watch.language, n=home.lake.append("LABELS", rows))


def labelled(home: Home, watch: Watch) -> pd.Series:
    """1 for a rumour, 0 for another story, by root post; of several labels the newest."""
    rows = home.lake.sql("LABELS", watch=watch.watch).filter(f"label = '{LABEL}' AND model = 'analyst'")
    frame = rows.project("post_id, score").to_arrow_table().to_pandas()
    found: pd.Series = frame.set_index("post_id")["score"].astype(int)
    return found


def rumour_models(home: Home, watch: Watch, *, now: datetime) -> Mapping[float, RumourModel] | None:
    """The models learnt from the watch's own labelled stories; None where there are too few: the shipped one speaks."""
    labels = labelled(home, watch)
    if labels.empty:
        return None
    try:
        return spread.learn_rumours(*_tables(home, watch), labels, watch=watch, now=now)
    except NotEnoughData:
        return None


def rumour_card(home: Home, watch: Watch, *, now: datetime) -> Finding:
    """What the labelled stories teach, measured on the newest of them.

    Raises
    ------
    NotEnoughData
        Fewer than sixty labelled stories, or fewer than ten of a kind, in the older part.
    """
    tables, labels = _tables(home, watch), labelled(home, watch)
    known = spread.rumour_score(*tables, watch=watch, now=now).table.set_index("root_id")
    labels = labels[labels.index.isin(known.index)]
    order = known.loc[labels.index, "age_h"].sort_values(ascending=False).index
    older, newer = np.split(order.to_numpy(), [int(TRAIN_SHARE * len(order))])
    models = spread.learn_rumours(*tables, labels.loc[older], watch=watch, now=now)
    truth = labels.loc[newer].to_numpy()
    taught = spread.rumour_score(*tables, watch=watch, now=now, models=models).table.set_index("root_id")
    right, shipped = (
        np.mean((frame.loc[newer, "rumour_p"].fillna(0.5).to_numpy() >= 0.5) == truth) for frame in (taught, known)
    )
    facts: dict[str, object] = {
        "n": len(labels), "rumours": int(labels.sum()), "held": len(newer), "right": f"{right:.0%}".rstrip("%"),
        "commoner": f"{max(truth.mean(), 1 - truth.mean()):.0%}".rstrip("%"), "shipped": f"{shipped:.0%}".rstrip("%"),
    }  # fmt: skip
    return Finding("rumour.card", CARD, facts, pd.DataFrame([facts]), tuple(newer), len(labels))


def _tables(home: Home, watch: Watch) -> tuple[pa.Table, pa.Table, pa.Table]:
    posts, edges = (home.lake.arrow(name, watch=watch.watch) for name in ("POSTS", "EDGES"))
    return posts, edges, home.lake.arrow("ACCOUNTS")
