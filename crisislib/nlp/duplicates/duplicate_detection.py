"""POSTS to narrative labels, batch by batch: a new post joins a narrative or begins one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.nlp.duplicates import stored_sketches as memory
from crisislib.nlp.duplicates.candidate_pairs import Links, jaccard, links, part
from crisislib.nlp.duplicates.forms import TEXTS, is_form
from crisislib.nlp.duplicates.minhash import GRAM
from crisislib.nlp.duplicates.normal_form import normalise, text_keys
from crisislib.nlp.duplicates.sketches import join, sketch
from crisislib.nlp.duplicates.stored_sketches import State

LABEL = "narrative"
FORM = "form"
"""Label of a post that was filled into a form or template; its value is the form's id."""
MODEL = "narratives@2"
MIN_CHARS = 6
"""Characters left after normalising below which a text says too little to be called a copy."""


def narratives(
    posts: pa.Table | pd.DataFrame,
    watch: Watch,
    *,
    now: datetime,
    state: Path,
) -> pa.Table:
    """Label each post with the narrative that it is a copy or a version of.

    Parameters
    ----------
    posts : pyarrow.Table or pandas.DataFrame
        POSTS; posts that are known already are labelled again as they are.
    watch : Watch
        Whose memory it is.
    now : datetime.datetime
        Written as the time of the labels.
    state : pathlib.Path
        Folder of the watch's memory; made when absent.

    Returns
    -------
    pyarrow.Table
        LABELS `narrative`: value the narrative's id, score the similarity to the text that it began
        with (0-1), evidence `{"text": key of the normalised text}`. A post that stands alone is a
        narrative of one. When a new post shows that two narratives are one, the posts of the younger
        are given again under the older id; otherwise ids never change. Posts with fewer than
        MIN_CHARS characters of their own get no label.

        Posts that were filled into one form or template are no copies: each different text is a narrative of its
        own, and a second row, `form`, says which form it is (:func:`crisislib.nlp.duplicates.forms.is_form`). When a
        narrative turns out to be a form, its posts are given again.

    Raises
    ------
    ModelError
        The folder was written for another watch or by another version.

    Notes
    -----
    Exact copies are collapsed by a key of the normalised text; distinct texts are joined where their
    5-gram sets overlap (MinHash bands, then an exact check) or one is a cut copy of the other
    (winnowed fingerprints, then containment in its head or tail); narratives are the connected
    components. The same posts give the same narratives however they are cut into batches, up to
    buckets of more than 24 texts. A run that is repeated after a crash gives all its labels again.
    """
    stored = memory.load(state, watch.watch)
    batch = _batch(posts)
    if batch.empty:
        return empty("LABELS")
    known = len(stored.texts)
    state_now = _add_texts(stored, batch)
    moved = _join(state_now, known)
    if _among(batch["post_id"], stored.posts["post_id"]).any():
        # The last run's labels may have been lost after its memory was kept: what moved then is reported again.
        moved[:known] |= stored.texts["moved"].to_numpy(bool)
    rows = pd.Index(state_now.texts["key"]).get_indexer(pd.Index(batch["key"]))
    batch_posts = pd.DataFrame({"post_id": batch["post_id"], "text": rows, "at": batch["at"]})
    older = state_now.posts[~_among(state_now.posts["post_id"], batch_posts["post_id"])]
    state_now.posts = pd.concat([older, batch_posts], ignore_index=True)
    moved |= _find_forms(state_now, rows)
    state_now.texts["moved"] = moved
    again = older[moved[older["text"].to_numpy(np.int64)]]
    labels = _labels(state_now, pd.concat([batch_posts, again], ignore_index=True), watch.watch, now)
    memory.save(state_now, state, watch.watch)
    return labels


def _among(ids: pd.Series[str], known: pd.Series[str]) -> np.ndarray:
    """Which ids are known; through Arrow, which does not make a Python string of each."""
    table = pc.is_in(pa.array(ids, pa.string()), value_set=pa.array(known, pa.string()))
    return np.asarray(table.to_numpy(zero_copy_only=False))


def _batch(posts: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """Newest observation of each post that says enough: post_id, at, key, normal."""
    table = conform(posts, "POSTS")
    table = table.filter(pc.fill_null(pc.not_equal(table["kind"], "topic"), True))
    normal = normalise(table["text"])
    frame = table.select(["post_id", "collected_at"]).to_pandas()
    frame["at"] = table["created_at"].to_pandas()
    frame["key"], frame["normal"] = text_keys(normal), normal.to_pandas()
    frame = frame.sort_values("collected_at", kind="stable").drop_duplicates("post_id", keep="last")
    frame = frame[frame["normal"].str.len() >= MIN_CHARS].drop(columns="collected_at")
    tidy: pd.DataFrame = frame.reset_index(drop=True)
    return tidy


def _add_texts(stored: State, batch: pd.DataFrame) -> State:
    """The memory with the batch's new texts and their sketches; narratives still to be found."""
    by_text = batch.groupby("key", sort=False).agg(at=("at", "min"), normal=("normal", "first"))
    place = pd.Index(by_text.index).get_indexer(pd.Index(stored.texts["key"]))
    again = place >= 0
    texts = stored.texts.copy()
    # An earlier post of a known text moves its first time; a time that is not known moves nothing.
    times = pd.DataFrame({"old": texts["at"].array[again], "new": by_text["at"].array[place[again]]})
    texts.loc[again, "at"] = times.min(axis=1).array
    new = by_text[~by_text.index.isin(texts["key"])].reset_index()
    fits = (new["normal"].str.len() >= GRAM).to_numpy()
    rows = np.where(fits, len(stored.sketches) + np.cumsum(fits) - 1, -1)
    added = sketch(pa.array(new["normal"][fits], pa.string()))
    fresh = pd.DataFrame({"key": new["key"], "narrative": "", "at": new["at"], "row": rows, "moved": False})
    state_now = fresh if texts.empty else pd.concat([texts, fresh], ignore_index=True)
    return State(state_now, join([stored.sketches, added]), stored.posts, stored.founders)


def _find_forms(state: State, rows: np.ndarray) -> np.ndarray:
    """Mark the narratives of some texts that turn out to be forms; tells which texts belong to one that is new."""
    narrative = state.texts["narrative"].to_numpy(object)
    form = state.founders.set_index("narrative")["form"]
    open_ = pd.unique(narrative[rows])
    open_ = open_[~form.loc[open_].to_numpy(bool)]
    of = pd.Index(open_).get_indexer(pd.Index(narrative))
    large = np.flatnonzero(np.bincount(of[of >= 0], minlength=len(open_)) >= TEXTS)
    of_post = of[state.posts["text"].to_numpy(np.int64)]
    posts = np.bincount(of_post[of_post >= 0], minlength=len(open_))
    changed = np.zeros(len(narrative), bool)
    row, first = state.texts["row"].to_numpy(np.int64), state.texts["at"]
    for number in large.tolist():
        mine = np.flatnonzero((of == number) & (row >= 0))
        mine = mine[np.argsort(first.iloc[mine].to_numpy(), kind="stable")]
        if is_form(state.sketches, row[mine], int(posts[number])):
            state.founders.loc[state.founders["narrative"] == open_[number], "form"] = True
            changed[of == number] = True
    return changed


def _components(state: State, known: int) -> np.ndarray:
    """Component number of each text: linked texts, and texts that were one narrative before."""
    texts = state.texts
    of_row = np.flatnonzero(texts["row"].to_numpy() >= 0)
    first_new = int((texts["row"].to_numpy()[:known] >= 0).sum())
    began = state.founders.set_index("narrative")["text"]
    before = began.loc[texts["narrative"][:known]].to_numpy(np.int64)
    row = texts["row"].to_numpy(np.int64)
    sketched = (row[:known] >= 0) & (row[before] >= 0)
    linked = links(state.sketches, first_new, Links(row[:known][sketched], row[before][sketched]))
    left = np.concatenate([of_row[linked.left], np.arange(known)])
    right = np.concatenate([of_row[linked.right], before])
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(len(texts), len(texts)))
    return np.asarray(connected_components(graph, directed=False)[1])


def _join(state: State, known: int) -> np.ndarray:
    """Give every text its narrative; tells which texts have changed theirs."""
    texts, founders = state.texts, state.founders
    component = _components(state, known)
    rank = pd.Index(founders["narrative"]).get_indexer(pd.Index(texts["narrative"])).astype(np.int64)
    rank[rank < 0] = np.iinfo(np.int64).max
    oldest = np.full(component.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(oldest, component, rank)
    # A component without a narrative begins one, with its earliest text.
    open_ = np.flatnonzero(oldest[component] == np.iinfo(np.int64).max)
    early = texts.iloc[open_].assign(component=component[open_], text=open_).sort_values(["at", "key"])
    early = early.drop_duplicates("component")
    ids = _ids(early["key"].to_numpy(np.uint64))
    oldest[early["component"].to_numpy()] = len(founders) + np.arange(len(early))
    begun = pd.DataFrame({"narrative": ids, "text": early["text"].to_numpy(np.int64), "form": False})
    state.founders = pd.concat([founders, begun], ignore_index=True) if len(founders) else begun
    now_in = state.founders["narrative"].to_numpy(object)[oldest[component]]
    moved = np.zeros(len(texts), bool)
    moved[:known] = texts["narrative"].to_numpy(object)[:known] != now_in[:known]
    state.texts = texts.assign(narrative=pd.Series(now_in, dtype="str"))
    return moved


def _ids(keys: np.ndarray) -> np.ndarray:
    """`n` and the hexadecimal key of the text that a narrative began with."""
    hexadecimal = keys.astype(">u8").tobytes().hex().encode()
    return np.char.add("n", np.frombuffer(hexadecimal, "S16").astype("U16")).astype(object)


def _labels(state: State, batch_posts: pd.DataFrame, watch: str, now: datetime) -> pa.Table:
    """LABELS of some posts; the score is the likeness to the text that the narrative began with."""
    used, where = np.unique(batch_posts["text"].to_numpy(np.int64), return_inverse=True)
    texts = state.texts.iloc[used]
    first = state.founders.set_index("narrative")["text"].loc[texts["narrative"]].to_numpy(np.int64)
    score = np.ones(len(used))
    other = first != used
    rows = state.texts["row"].to_numpy(np.int64)
    mine, began = rows[used[other]], rows[first[other]]
    score[other] = np.maximum(jaccard(state.sketches, mine, began), part(state.sketches, mine, began))
    n = len(batch_posts)
    evidence = pc.binary_join_element_wise('{"text": "', pa.array(texts["key"]).cast(pa.string()), '"}', "")
    shared = texts["narrative"].to_numpy(object)
    form = state.founders.set_index("narrative")["form"].loc[texts["narrative"]].to_numpy(bool)
    own = np.where(form, _ids(texts["key"].to_numpy(np.uint64)), shared)
    one = pa.table(
        {
            "watch": pa.repeat(watch, n),
            "post_id": pa.array(batch_posts["post_id"], pa.string()),
            "label": pa.repeat(LABEL, n),
            "model": pa.repeat(MODEL, n),
            "at": pa.repeat(pa.scalar(now, pa.timestamp("us", "UTC")), n),
            "created_at": pa.array(batch_posts["at"], pa.timestamp("us", "UTC")),
            "value": pa.array(own[where], pa.string()),
            "score": pa.array(np.where(form, 1.0, score)[where]),
            "evidence": evidence.take(pa.array(where)),
        }
    )
    filled = one.filter(pa.array(form[where]))
    which = pa.array(shared[where][form[where]], pa.string())
    filled = filled.set_column(2, "label", pa.repeat(FORM, filled.num_rows)).set_column(6, "value", which)
    return conform(pa.concat_tables([one, filled]), "LABELS")
