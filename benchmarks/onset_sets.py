"""Bursts of brands on a hot list, found by layout: what was listed of each, hour by hour."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.harness import folders, say

EPOCH = pd.Timestamp("2024-01-01")
"""Hour 0 of `h`, on the list's clock."""
LAYOUT = ("brand_clusters.csv*", "brand_regex.json", "topics.csv*", "panel_*.csv*")


@dataclass(frozen=True)
class Bursts:
    """One folder.

    Attributes
    ----------
    folder : Path
    known : pandas.DataFrame
        Index burst; columns brand, names (as its title pattern writes them), start, end, peak (hours of the
        list's clock), label (1 or 0).
    listings : pandas.DataFrame
        Columns burst, title, age (seconds since the first listing), hot; promoted rows left out.
    headlines : pandas.DataFrame
        Columns title, summary, branded (names a brand of the folder): everything that the list showed.
    """

    folder: Path
    known: pd.DataFrame
    listings: pd.DataFrame
    headlines: pd.DataFrame


def found(data: Path) -> Iterator[Bursts]:
    """Every folder of the layout at or below `data`."""
    for folder in folders(data, *LAYOUT):
        say(f"reading {folder.name}")
        yield read(folder)


def read(folder: Path) -> Bursts:
    """One folder; bursts that are not labelled 1 or 0 are left out."""
    clusters = pd.read_csv(_one(folder, "brand_clusters.csv*"))
    topics = pd.read_csv(_one(folder, "topics.csv*"), usecols=["tid", "title"]).dropna()
    if (folder / "descriptions.csv.gz").exists() or (folder / "descriptions.csv").exists():
        told = pd.read_csv(_one(folder, "descriptions.csv*")).drop_duplicates("tid")
        topics = topics.merge(told, on="tid", how="left")
    else:
        topics["description"] = None
    panel = pd.concat([pd.read_csv(p, usecols=["h", "tid", "hot", "ads"]) for p in sorted(folder.glob("panel_*.csv*"))])
    panel = panel[panel.ads == 0]
    patterns = json.loads((folder / "brand_regex.json").read_text(encoding="utf-8"))
    known, listings = [], []
    labelled = clusters[pd.to_numeric(clusters.label, errors="coerce").isin([0, 1])]
    for burst, row in zip(labelled.index, labelled.itertuples(), strict=True):
        if row.brand not in patterns:
            say(f"{folder.name}: no title pattern for the brand of row {burst}; left out")
            continue
        start, end, peak = (_hour(str(t)) for t in (row.start, row.end, row.peak_hour))
        own = topics[topics.title.str.contains(re.compile(patterns[row.brand]))]
        about = panel[(panel.h >= start) & (panel.h <= end)].merge(own[["tid", "title"]], on="tid")
        if about.empty:
            say(f"{folder.name}: nothing listed in row {burst}; left out")
            continue
        known.append((burst, row.brand, patterns[row.brand].split("|"), start, end, peak, int(float(str(row.label)))))
        listings.append(about.assign(burst=burst, age=(about.h - start) * 3600)[["burst", "title", "age", "hot"]])
    names = ["burst", "brand", "names", "start", "end", "peak", "label"]
    anyone = re.compile("|".join(patterns.values()))
    topics = topics.assign(branded=topics.title.str.contains(anyone) if patterns else False)
    return Bursts(
        folder,
        pd.DataFrame(known, columns=names).set_index("burst"),
        pd.concat(listings, ignore_index=True) if listings else pd.DataFrame(columns=["burst", "title", "age", "hot"]),
        topics.rename(columns={"description": "summary"})[["title", "summary", "branded"]].reset_index(drop=True),
    )


def _one(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[0]


def _hour(moment: str) -> int:
    return int((pd.Timestamp(moment) - EPOCH).total_seconds() // 3600)
