"""Stories that analysts label as rumours or not: which to label, taking labels, teaching the rumour score from them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pandas as pd

from crisislib import spread
from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch
from crisislib.engine.analyst_labels import analyst_rows, me
from crisislib.engine.home import Home
from crisislib.engine.progress import Progress, silent
from crisislib.engine.queue_files import read_queue, write_queue
from crisislib.engine.trace import accounts_of, rumour_models

LABEL = "rumour"
RUMOUR, OTHER = "rumour", "other"
SHOWN = ["post_id", "label", "text", "n", "started_at", "last_at"]
"""What the analyst is shown: the story's first post and its size, not the score, which would lead the hand."""
QUEUED = N_(
    "{n} {n:story|stories} to label in {path}: write rumour or other into the column `label`, then "
    "read the file back with --take --stories"
)
TAKEN = N_(
    "{n} {n:story|stories} saved; crisis teach --rumours can use them once about ninety that spread are labelled"
)
NO_STORIES = N_("No story has spread yet: nothing to label. crisis run finds the stories of a watch.")
TAUGHT = N_("the rumour score is taught, version {version}")
NOT_TAUGHT = N_("the rumour score stays as shipped")


def stories_to_label(home: Home, watch: Watch, *, n: int, by: str) -> pd.DataFrame:
    """Stories worth labelling next: by turns the largest and the most recent that this analyst has not labelled.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    n : int
        Stories at most.
    by : str
        Who will label; empty leaves out every story that anybody has labelled.

    Returns
    -------
    pandas.DataFrame
        `post_id` of the first post, its `text`, `n` posts, `started_at`, `last_at`.
    """
    rows = home.lake.read("CASCADES", watch=watch.watch)[["root_id", "n", "started_at", "last_at"]]
    posts = home.lake.sql("POSTS", watch=watch.watch).filter("trim(coalesce(text, '')) <> ''")
    texts = posts.project("post_id, text").to_arrow_table().to_pandas()
    stories = rows.rename(columns={"root_id": "post_id"}).merge(texts, on="post_id")
    given = _given(home, watch)
    mine = given[given["by"] == by] if by else given
    stories = stories[~stories["post_id"].isin(mine["post_id"])]
    largest = stories.sort_values(["n", "post_id"], ascending=[False, True])
    newest = stories.sort_values(["last_at", "post_id"], ascending=[False, True])
    turns = [post for pair in zip(largest["post_id"], newest["post_id"], strict=True) for post in pair]
    chosen = list(dict.fromkeys(turns))[:n]
    ordered: pd.DataFrame = stories.set_index("post_id").reindex(chosen).reset_index()
    return ordered


def story_queue(home: Home, watch: Watch, path: Path, *, n: int = 100, by: str = "") -> str:
    """Write the stories worth labelling next as a CSV with an empty column `label`.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch; its language is used.
    path : Path
        The CSV; replaced where it exists.
    n : int, default 100
        Stories at most.
    by : str, default ""
        Who will label; the user of this machine when empty.

    Returns
    -------
    str
        How many were written, as a sentence; nothing is written where there are none.
    """
    frame = stories_to_label(home, watch, n=n, by=by or me())
    if frame.empty:
        return tr(NO_STORIES, watch.language)
    write_queue(frame.assign(label="").reindex(columns=SHOWN), path)
    return tr(QUEUED, watch.language, n=len(frame), path=path)


def take_stories(home: Home, watch: Watch, path: Path, *, now: datetime, by: str = "") -> str:
    """Take labels of stories from a CSV with `post_id` (of the first post) and `label`; empty ones are passed over.

    They are stored as LABELS `rumour` of the model `analyst` on the first post, with who gave them; the newest counts.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch; its language is used.
    path : Path
        The CSV that :func:`story_queue` wrote, filled in.
    now : datetime
        Wall clock.
    by : str, default ""
        Who gave them; the user of this machine when empty.

    Returns
    -------
    str
        How many were new, as a sentence.

    Raises
    ------
    InputError
        A column is missing, a label is neither rumour nor other, or a post is not stored; nothing was taken.
    """
    rows = read_queue(path)
    given = rows.assign(label=rows["label"].str.strip().str.lower())
    wrong = given[~given["label"].isin((RUMOUR, OTHER))]
    if len(wrong):
        row = wrong.iloc[0]
        raise InputError(
            N_("{label} is no label"),
            where=str(row["post_id"]),
            do=N_("write {rumour} or {other}"),
            facts={"label": repr(row["label"]), "rumour": RUMOUR, "other": OTHER},
        )
    score = (given["label"] == RUMOUR).astype(float)
    taken = home.lake.append("LABELS", analyst_rows(home, watch, given, LABEL, score, by=by or me(), now=now))
    return tr(TAKEN, watch.language, n=taken)


def _given(home: Home, watch: Watch) -> pd.DataFrame:
    """Labels of stories, every one that was given, with `by`."""
    rows = home.lake.sql("LABELS", watch=watch.watch, present=False)
    result = rows.filter(f"label = '{LABEL}' AND model = 'analyst'").to_arrow_table().to_pandas()
    by = [json.loads(e).get("by", "") if isinstance(e, str) else "" for e in result["evidence"]]
    named: pd.DataFrame = result.assign(by=by).sort_values("at", kind="stable")
    return named


def teach_rumours(
    home: Home, watch: Watch, *, now: datetime, seed: int = 0, progress: Progress = silent
) -> tuple[str, list[Finding]]:
    """Teach the rumour score from the stories that analysts have labelled; the next run scores with it.

    Parameters
    ----------
    home : Home
        The workbench; the model is stored among its artefacts.
    watch : Watch
        The watch; its language is used.
    now : datetime
        Wall clock.
    seed : int, default 0
        Seed of the folds.
    progress : Progress
        Gets the progress, in two steps.

    Returns
    -------
    tuple of str and list of Finding
        What was done, and the report card on stories held back.

    Raises
    ------
    NotEnoughData
        Too few labelled stories that spread.
    """
    progress("teach", 0, 2)
    labels = _given(home, watch).drop_duplicates("post_id", keep="last").set_index("post_id")["value"]
    posts, edges = (home.lake.arrow(name, watch=watch.watch) for name in ("POSTS", "EDGES"))
    accounts = accounts_of(home.lake, posts)
    progress("teach", 1, 2)
    lesson = spread.learn_rumours(
        posts, edges, accounts, (labels == RUMOUR).astype(int), watch=watch, now=now,
        models=rumour_models(home, watch), seed=seed,
    )  # fmt: skip
    progress("teach", 2, 2)
    sentence = tr(TAUGHT, watch.language, version=lesson.version) if lesson.version else tr(NOT_TAUGHT, watch.language)
    return sentence, lesson.findings()
