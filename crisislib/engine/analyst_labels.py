"""The analysts' labels: which posts to label, taking labels, teaching from them. One piece behind CLI and pages."""

from __future__ import annotations

import getpass
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zlib import crc32

import pandas as pd

from crisislib import nlp
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch
from crisislib.engine.enrich import models_of
from crisislib.engine.home import Home
from crisislib.engine.label_counts import CLASSES, analysts_labels
from crisislib.engine.progress import Progress, silent
from crisislib.engine.queue_files import read_queue, write_queue

QUEUE = ["post_id", "label", "text", "why"]
"""What the analyst is shown: not the model's guess, which would lead the hand."""
AGAIN = 0.1
"""Share of a queue that only others have labelled, where there is such: agreement is measured on it."""
QUEUED = N_(
    "{n} {n:post|posts} to label in {path}: write negative, neutral or positive into the column "
    "`label`, then read the file back with --take"
)
TAKEN = N_("{n} {n:label|labels} saved; crisis teach can use them once there are 50")
TAUGHT = N_("model trained, version {version}; macro-F1 on held-out labels {f1}")


def me() -> str:
    """The name under which the labels of this login are stored; `?` where the machine does not say."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user database
        return "?"


def to_label(home: Home, watch: Watch, *, n: int = 100, by: str = "", seed: int | None = None) -> pd.DataFrame:
    """The posts worth labelling next, without the model's guess.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    n : int, default 100
        Posts at most.
    by : str, default ""
        Who will label; decides the order, so that people who work at once get different posts.
    seed : int or None, default None
        Seed of the choice and of the order; made of `by` when left out.

    Returns
    -------
    pandas.DataFrame, shape (≤ n, 5)
        `post_id`, `text`, `why` (chosen), `platform`, `created_at`; shuffled.
    """
    rows = home.lake.sql("POSTS", watch=watch.watch)
    posts = rows.project("post_id, text, platform, created_at, collected_at").to_arrow_table().to_pandas()
    labels = home.lake.sql("LABELS", watch=watch.watch).filter("label = 'sentiment'").to_arrow_table()
    start = crc32(by.encode()) if seed is None else seed
    chosen = nlp.queue(posts, labels, n=n, seed=start, by=by, again=round(n * AGAIN))
    # Shuffled: posts of one kind in a row would lead the hand as a guess does.
    chosen = chosen.sample(frac=1, random_state=start % 2**32)[["post_id", "text", "why"]]
    return chosen.merge(posts[["post_id", "platform", "created_at"]].drop_duplicates("post_id"), on="post_id")


def add_labels(home: Home, watch: Watch, rows: pd.DataFrame, *, by: str, now: datetime) -> int:
    """Store sentiment labels of an analyst in one commit.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    rows : pandas.DataFrame
        `post_id`, `label` (a class, in any case of letters) and maybe `why`.
    by : str
        Name or initials of who gives them.
    now : datetime
        Wall clock; of one post the newest label counts.

    Returns
    -------
    int
        Labels that were new.
    """
    given = rows.assign(label=rows["label"].str.strip().str.lower())
    _check(given, CLASSES)
    negative = (given["label"] == "negative").astype(float)
    return home.lake.append("LABELS", analyst_rows(home, watch, given, "sentiment", negative, by=by, now=now))


def _check(given: pd.DataFrame, classes: Sequence[str]) -> None:
    """Every label is one of the classes, or the first other one is named."""
    wrong = given[~given["label"].isin(classes)]
    if len(wrong):
        row = wrong.iloc[0]
        raise InputError(
            N_("{label} is no label"),
            where=str(row["post_id"]),
            do=N_("write {classes}"),
            facts={"label": repr(row["label"]), "classes": ", ".join(classes)},
        )


def analyst_rows(
    home: Home, watch: Watch, given: pd.DataFrame, label: str, score: pd.Series, *, by: str, now: datetime
) -> pd.DataFrame:
    """LABELS rows of an analyst.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    given : pandas.DataFrame
        `post_id`, `label` (the value) and maybe `why`.
    label : str
        Name of the label, such as `sentiment`.
    score : pandas.Series of float, length of given
        Score of each row, 0-1.
    by : str
        Name or initials of who gives them.
    now : datetime
        Wall clock.

    Returns
    -------
    pandas.DataFrame
        One row a row of `given`, with `model` analyst and `p` 1.
    """
    if not by.strip():
        raise InputError(N_("labels need the name of who gives them"), where="by", do=N_("write a name or initials"))
    quoted = ", ".join("'" + p.replace("'", "''") + "'" for p in given["post_id"]) or "NULL"
    stored = home.lake.sql("POSTS", watch=watch.watch).filter(f"post_id IN ({quoted})").project("post_id, created_at")
    when = stored.to_arrow_table().to_pandas().set_index("post_id")["created_at"]
    unknown = given[~given["post_id"].isin(when.index)]
    if len(unknown):
        raise InputError(
            N_("post {post} is not stored"),
            where="post_id",
            do=N_("do not edit the ids"),
            facts={"post": repr(unknown["post_id"].iloc[0])},
        )
    why = given["why"].fillna("") if "why" in given else pd.Series("", index=given.index)
    evidence = [json.dumps({"by": by.strip(), "why": str(w)}, ensure_ascii=False) for w in why]
    return pd.DataFrame(
        {
            "watch": watch.watch, "post_id": given["post_id"], "label": label, "model": "analyst", "at": now,
            "created_at": given["post_id"].map(when), "value": given["label"], "p": 1.0, "score": score,
            "evidence": evidence,
        }
    )  # fmt: skip


def teach(home: Home, watch: Watch, *, seed: int = 0, progress: Progress = silent) -> tuple[str, nlp.Lesson]:
    """Adapt the sentiment model to a watch from its analysts' labels; the next run labels anew with it.

    Parameters
    ----------
    home : Home
        The workbench; the model is stored among its artefacts.
    watch : Watch
        The watch; its language is used.
    seed : int, default 0
        Seed of the folds.
    progress : Progress
        Gets the progress, in three steps.

    Returns
    -------
    tuple of str and Lesson
        What was made, as a sentence, and the model with its report card.

    Raises
    ------
    NotEnoughData
        Too few labels, or too few of a class.
    """
    progress("teach", 0, 3)
    versions = home.lake.versions()
    labels = analysts_labels(home, watch, versions)
    posts = (
        home.lake.sql("POSTS", watch=watch.watch).project("post_id, text, created_at, collected_at").to_arrow_table()
    )
    progress("teach", 1, 3)
    made = nlp.teach(
        posts, labels, watch, models=models_of(home, watch), labels_version=versions.get("LABELS", -1), seed=seed
    )
    progress("teach", 3, 3)
    return tr(TAUGHT, watch.language, version=made.version, f1=f"{made.card.macro_f1:.2f}"), made


def label_queue(home: Home, watch: Watch, path: Path, *, n: int = 100, by: str = "", seed: int | None = None) -> str:
    """Write the posts worth labelling next as a CSV with an empty column `label`.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch; its language is used.
    path : Path
        The CSV; replaced where it exists.
    n : int, default 100
        Posts at most.
    by : str, default ""
        As for :func:`to_label`.
    seed : int or None, default None
        As for :func:`to_label`.

    Returns
    -------
    str
        How many were written, as a sentence.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    frame = to_label(home, watch, n=n, by=by, seed=seed).assign(label="").reindex(columns=QUEUE)
    write_queue(frame, path)
    return tr(QUEUED, watch.language, n=len(frame), path=path)


def take_labels(home: Home, watch: Watch, path: Path, *, now: datetime, by: str = "") -> str:
    """Store an analyst's labels out of a CSV with `post_id` and `label`; empty ones are passed over.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch; its language is used.
    path : Path
        The CSV that :func:`label_queue` wrote, filled in.
    now : datetime
        Wall clock.
    by : str, default ""
        Who gave them; the user of this machine when empty.

    Returns
    -------
    str
        How many were new, as a sentence.
    """
    taken = add_labels(home, watch, read_queue(path), by=by or me(), now=now)
    return tr(TAKEN, watch.language, n=taken)
