"""What is learnt from a watch's own history: the analyst's labels, the outlook, the backtest."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd

from crisislib import signals, text, warn
from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch
from crisislib.pipeline.home import Home
from crisislib.pipeline.progress import Told, of, silent

QUEUE = ["post_id", "label", "text"]
"""What the analyst is shown: not the model's guess, which would lead the hand."""
CLASSES = ("negative", "neutral", "positive")
QUEUED = N_(
    "{n} posts to label in {path}: write negative, neutral or positive into the column `label`, then give it back"
)
TAKEN = N_("{n} labels taken; crisis teach learns from them once there are 50")
TAUGHT = N_("taught as version {version}; held-back macro-F1 {f1}")
TRAINED = N_("outlook trained on {n} watches and the simulator; written to {path}")


def models_of(home: Home, watch: Watch) -> Path:
    """Folder of the text models that the watch's analysts taught."""
    folder = home.lake.artifact(watch.watch, "models", "text")
    folder.mkdir(exist_ok=True)
    return folder


def outlook_path(home: Home) -> Path:
    """Where the outlook that `crisis train` made lies; absent until then."""
    return home.lake.artifact("outlook.npz")


def outlook_model(home: Home) -> warn.Model:
    """The outlook trained here, else the shipped one."""
    own = outlook_path(home)
    return warn.load(own if own.is_file() else None)


def label_queue(home: Home, watch: Watch, path: Path, *, n: int = 100, seed: int = 0) -> str:
    """Write the posts that are worth labelling next as a CSV with an empty column `label`."""
    posts = home.lake.arrow("POSTS", watch=watch.watch)
    labels = home.lake.sql("LABELS", watch=watch.watch).filter("label = 'sentiment'").to_arrow_table()
    chosen = text.queue(posts, labels, n=n, seed=seed)
    frame = chosen.assign(label="").reindex(columns=QUEUE)
    # A leading apostrophe keeps a spreadsheet from running a text as a formula.
    risky = frame["text"].fillna("").str.match(r"^[=+\-@\t\r]")
    frame["text"] = frame["text"].where(~risky, "'" + frame["text"].fillna(""))
    frame.to_csv(path, index=False, encoding="utf-8-sig")
    return tr(QUEUED, watch.language, n=len(frame), path=path)


def take_labels(home: Home, watch: Watch, path: Path, *, now: datetime) -> str:
    """Take an analyst's labels from a CSV with `post_id` and `label`; empty ones are passed over.

    Raises
    ------
    InputError
        A column is missing, a label is none of the classes, or a post is not held; nothing was taken.
    """
    frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig").fillna("")
    missing = [c for c in ("post_id", "label") if c not in frame]
    if missing:
        raise InputError(f"columns {missing} are missing", where=str(path), do="give back the file of crisis label")
    given = frame[frame["label"].str.strip() != ""].assign(label=lambda f: f["label"].str.strip().str.lower())
    wrong = given[~given["label"].isin(CLASSES)]
    if len(wrong):
        row = wrong.iloc[0]
        raise InputError(
            f"{row['label']!r} is no label", where=f"{path}, {row['post_id']}", do=f"write {', '.join(CLASSES)}"
        )
    held = home.lake.read("POSTS", watch=watch.watch).set_index("post_id")["created_at"]
    unknown = given[~given["post_id"].isin(held.index)]
    if len(unknown):
        raise InputError(f"post {unknown['post_id'].iloc[0]!r} is not held", where=str(path), do="do not edit the ids")
    rows = pd.DataFrame(
        {
            "watch": watch.watch, "post_id": given["post_id"], "label": "sentiment", "model": "analyst", "at": now,
            "created_at": given["post_id"].map(held), "value": given["label"], "p": 1.0,
            "score": (given["label"] == "negative").astype(float),
        }
    )  # fmt: skip
    home.lake.append("LABELS", rows)
    return tr(TAKEN, watch.language, n=len(rows))


def teach(home: Home, watch: Watch, *, seed: int = 0) -> tuple[str, text.Lesson]:
    """Adapt the sentiment model to the watch from its analysts' labels; the next run labels anew with it."""
    posts = home.lake.arrow("POSTS", watch=watch.watch)
    rows = home.lake.sql("LABELS", watch=watch.watch, present=False).filter("label = 'sentiment'")
    lesson = text.teach(posts, rows.to_arrow_table(), watch, models=models_of(home, watch), seed=seed)
    said = tr(TAUGHT, watch.language, version=lesson.version, f1=f"{lesson.card.macro_f1:.2f}")
    return said, lesson


def train(home: Home, watches: list[Watch], *, seed: int = 0, told: Told = silent) -> str:
    """Train the outlook on the simulator and on the histories that are held."""
    histories = [home.lake.read("SIGNALS", watch=w.watch) for w in watches]
    held = [h for h in histories if len(h)]
    model = warn.train(held, expect=signals.expect, seed=seed, progress=of(told, "train"))
    path = outlook_path(home)
    warn.save(model, path)
    return tr(TRAINED, watches[0].language if watches else "en", n=len(held), path=path)


def backtest(home: Home, watch: Watch, *, budget: float | None = None) -> tuple[pd.DataFrame, list[Finding]]:
    """Replay a watch's history: every published rule and ours at the same false alarms a week."""
    history = warn.as_seen(home.lake.read("SIGNALS", watch=watch.watch, present=False))
    incidents = home.lake.read("INCIDENTS", watch=watch.watch, present=False)
    found = warn.backtest(
        [history],
        warn.known_events(incidents, until=history["at"].max()),
        budget=budget or watch.levels.alarms_per_week,
        model=outlook_model(home),
        late=True,
    )
    return found.table, found.findings
