"""What is remembered between batches, on disk: distinct texts with their sketches, and who posted them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crisislib.core.file_generations import replace_generation, stored_generation
from crisislib.core.i18n import N_
from crisislib.nlp.duplicates import normal_form
from crisislib.nlp.duplicates import sketches as sketch
from crisislib.nlp.duplicates.minhash import BANDS, GRAM, ROWS, WINDOW
from crisislib.nlp.duplicates.sketches import Sketches

NAME = "narratives"
FORMAT = f"3/{normal_form.VERSION}/{GRAM}-{BANDS}x{ROWS}-{WINDOW}"


@dataclass
class State:
    """Memory of a watch's narratives.

    Attributes
    ----------
    texts : pandas.DataFrame
        One row for each distinct normalised text: key (uint64), narrative (str), at (first time, UTC),
        row (row in `sketches`, −1 where the text is too short to sketch), moved (whether the last run gave it
        another narrative).
    sketches : Sketches
        Of the texts that are long enough.
    posts : pandas.DataFrame
        One row for each post: post_id, text (row in `texts`), at (created).
    founders : pandas.DataFrame
        One row for each narrative: narrative, text (row in `texts` that it began with), form (whether its texts are
        filled into one form).
    """

    texts: pd.DataFrame
    sketches: Sketches
    posts: pd.DataFrame
    founders: pd.DataFrame


def fresh() -> State:
    """A memory of nothing."""
    time = pd.Series([], dtype="datetime64[us, UTC]")
    return State(
        pd.DataFrame(
            {
                "key": np.zeros(0, np.uint64),
                "narrative": pd.Series([], dtype="str"),
                "at": time,
                "row": np.zeros(0, np.int64),
                "moved": np.zeros(0, bool),
            }
        ),
        sketch.none(),
        pd.DataFrame({"post_id": pd.Series([], dtype="str"), "text": np.zeros(0, np.int64), "at": time}),
        pd.DataFrame(
            {"narrative": pd.Series([], dtype="str"), "text": np.zeros(0, np.int64), "form": np.zeros(0, bool)}
        ),
    )


def load(folder: Path, watch: str) -> State:
    """The stored sketches of a folder; empty ones where nothing is stored yet.

    Parameters
    ----------
    folder : Path
        Folder of the state.
    watch : str
        Name of the watch that it must belong to.

    Returns
    -------
    State

    Raises
    ------
    ModelError
        The folder belongs to another watch or was written by another version of the method.
    """
    home = stored_generation(folder, NAME, watch=watch, form=FORMAT, again=N_("label all posts again"))
    if home is None:
        return fresh()
    with np.load(home / "sketches.npz", allow_pickle=False) as arrays:
        sketches = Sketches(**{f.name: arrays[f.name] for f in fields(Sketches)})
    frames = [pq.read_table(home / f"{name}.parquet").to_pandas() for name in ("texts", "posts", "founders")]
    founders = frames[2] if "form" in frames[2] else frames[2].assign(form=False)  # kept before forms were told apart
    return State(frames[0], sketches, frames[1], founders)


def save(state: State, folder: Path, watch: str) -> None:
    """Store a state; a reader sees the old one or the new one, never half of it.

    Parameters
    ----------
    state : State
    folder : Path
        Made where it is missing.
    watch : str
        Name of the watch.
    """

    def write(home: Path) -> None:
        np.savez(home / "sketches.npz", **{f.name: getattr(state.sketches, f.name) for f in fields(Sketches)})
        for name in ("texts", "posts", "founders"):
            pq.write_table(pa.Table.from_pandas(getattr(state, name), preserve_index=False), home / f"{name}.parquet")

    replace_generation(folder, NAME, write, watch=watch, form=FORMAT)


def forget(folder: Path, watch: str, post_ids: Collection[str]) -> int:
    """Erase posts from a watch's memory, with the sketch of every text that nobody else posted.

    Ids of narratives stay; one that began with an erased text goes on from its earliest text that is left.

    Parameters
    ----------
    folder : pathlib.Path
    watch : str
    post_ids : collection of str
        Posts to erase; unknown ones are ignored.

    Returns
    -------
    int
        Posts erased.
    """
    stored = load(folder, watch)
    gone = stored.posts["post_id"].isin(list(post_ids)).to_numpy()
    if not gone.any():
        return 0
    posts = stored.posts[~gone]
    stays = np.zeros(len(stored.texts), bool)
    stays[posts["text"].to_numpy(np.int64)] = True
    place = np.cumsum(stays) - 1
    rows = stored.texts["row"].to_numpy(np.int64)
    used = rows[stays & (rows >= 0)]
    texts = stored.texts[stays].reset_index(drop=True)
    texts["row"] = np.where(texts["row"] >= 0, np.cumsum(texts["row"] >= 0) - 1, -1)
    early = texts.assign(text=np.arange(len(texts))).sort_values(["at", "key"]).drop_duplicates("narrative")
    first = early.set_index("narrative")["text"]
    founders = stored.founders[stored.founders["narrative"].isin(first.index)].reset_index(drop=True)
    old = founders["text"].to_numpy(np.int64)
    founders["text"] = np.where(stays[old], place[old], first.loc[founders["narrative"]].to_numpy())
    moved = posts.assign(text=place[posts["text"].to_numpy(np.int64)]).reset_index(drop=True)
    save(State(texts, sketch.take(stored.sketches, used), moved, founders), folder, watch)
    return int(gone.sum())


def expire(folder: Path, watch: str, before: datetime, *, dry_run: bool = False) -> int:
    """Erase posts from before an instant, as :func:`forget` does.

    Parameters
    ----------
    folder : Path
        Folder of the state.
    watch : str
        Name of the watch.
    before : datetime
        Posts created earlier are erased.
    dry_run : bool
        Only count them.

    Returns
    -------
    int
        Posts erased, or to be erased.
    """
    stored = load(folder, watch)
    old = stored.posts.loc[stored.posts["at"] < pd.Timestamp(before), "post_id"].tolist()
    return len(old) if dry_run or not old else forget(folder, watch, old)
