"""Labelled text sets by their `eval.json`: what is scored, which column is the text, which classes there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

SENTIMENTS = ("negative", "neutral", "positive")
EMOTIONS = {"happy": 2, "joy": 2, "love": 2, "neutral": 1, "angry": 0, "anger": 0, "sad": 0, "sadness": 0, "fear": 0}
"""Classes of emotion that have a side; others (surprise) have none and their rows are left out."""
_EMOTICON = re.compile(r"\[[^\[\]\s]{1,8}\]")
LEAKS = 0.8
"""Where so many of the texts carry a bracketed emoticon, the set was chosen by emoticon and they tell its labels."""


@dataclass(frozen=True)
class Labelled:
    """Rows of one set.

    Attributes
    ----------
    name : str
        Folder name.
    kind, lang : str
        As `eval.json` says.
    ids : list of str
        File and row number.
    texts : list of str
        Texts; bracketed emoticons taken out where they give the label away.
    y : numpy.ndarray of int64
        0 negative, 1 neutral, 2 positive.
    """

    name: str
    kind: str
    lang: str
    ids: list[str]
    texts: list[str]
    y: npt.NDArray[np.int64]
    times: pd.Series | None = None

    @property
    def classes(self) -> list[int]:
        """The classes that occur."""
        return [int(c) for c in np.unique(self.y)]


def side_of(name: str) -> int | None:
    """Class of a label's name."""
    return SENTIMENTS.index(name) if name in SENTIMENTS else EMOTIONS.get(name)


def folders(data: Path) -> Iterator[tuple[Path, dict[str, object]]]:
    """Folders with an `eval.json`, and what it says."""
    for path in [data / "eval.json", *sorted(data.glob("*/eval.json"))]:
        if path.is_file():
            yield path.parent, json.loads(path.read_text(encoding="utf-8"))


def read(folder: Path, about: dict[str, object], part: str) -> Labelled | None:
    """The `score` or `train` part of a set; None where there is none, or its classes have no side."""
    sides = {str(k): side_of(str(v)) for k, v in about["classes"].items()}  # type: ignore[attr-defined]
    files = [folder / str(name) for name in about.get(part, [])]  # type: ignore[attr-defined]
    if not files or sum(side is not None for side in sides.values()) < 2:
        return None
    frames = []
    for file in files:
        frame = pd.read_csv(file, dtype="str", keep_default_na=False, na_values=[""])
        frames.append(frame.assign(_id=[f"{file.name}:{i}" for i in range(len(frame))]))
    rows = pd.concat(frames, ignore_index=True)
    text, label = str(about["text"]), str(about["label"])
    side = rows[label].map(lambda v: sides.get(str(v), sides.get(re.sub(r"\.0$", "", str(v)))))
    keep = side.notna() & rows[text].notna()
    rows, side = rows[keep], side[keep].astype("int64")
    texts = rows[text].tolist()
    if np.mean([bool(_EMOTICON.search(t)) for t in texts]) >= LEAKS:
        texts = [_EMOTICON.sub(" ", t) for t in texts]
    return Labelled(
        folder.name, str(about["kind"]), str(about["lang"]), rows["_id"].tolist(), texts, side.to_numpy(), _times(rows)
    )


def sets(data: Path, part: str = "score") -> dict[str, Labelled]:
    """Every set below a folder whose classes are sides of feeling; by name."""
    found = {}
    for folder, about in folders(data):
        held = read(folder, about, part) if about.get("kind") in ("sentiment", "emotion", "stance") else None
        if held is not None and len(held.y):
            found[held.name] = held
    return found


def _times(rows: pd.DataFrame) -> pd.Series | None:
    """The column that reads as times, if there is one."""
    for column in rows.columns:
        if re.search(r"created|date|time", str(column), re.IGNORECASE) and not re.search("zone", str(column)):
            parsed = pd.to_datetime(rows[column], errors="coerce", utc=True, format="mixed")
            if parsed.notna().mean() > 0.95:
                return parsed.reset_index(drop=True)
    return None
