"""Texts of the data sets in a folder: by eval.json where there is one, else by what columns look like."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.harness import say


@dataclass(frozen=True)
class TextSet:
    """One data set: its name, kind and language by eval.json (else empty), texts, and classes (else null)."""

    name: str
    kind: str
    lang: str
    texts: pd.Series[Any]
    classes: pd.Series[Any]


def labelled(data: Path) -> Iterator[TextSet]:
    """Sets with an eval.json, at or below a folder; rows whose label is not a class are left out."""
    for folder in [data, *sorted(p for p in data.iterdir() if p.is_dir())]:
        if not (folder / "eval.json").is_file():
            continue
        about = json.loads((folder / "eval.json").read_text(encoding="utf-8"))
        rows = pd.concat([pd.read_csv(folder / name, dtype=str) for name in about["score"]], ignore_index=True)
        rows = rows.dropna(subset=[about["text"]])
        classes = rows[about["label"]].map(about["classes"])
        yield TextSet(
            folder.name,
            about["kind"],
            about["lang"],
            rows[about["text"]][classes.notna()].reset_index(drop=True),
            classes.dropna().reset_index(drop=True),
        )


def _text_column(rows: pd.DataFrame) -> str | None:
    """The column whose cells are long and mostly distinct."""
    head = rows.head(2000)
    sizes = {c: head[c].dropna().str.len().median() for c in head.columns if head[c].nunique() > 0.5 * len(head)}
    long = {c: size for c, size in sizes.items() if size >= 25}
    return max(long, key=lambda c: long[c]) if long else None


def every_text(data: Path, *, most: int = 20_000) -> dict[str, list[str]]:
    """Texts of every set in a folder, labelled or not: set name to at most `most` texts."""
    found: dict[str, list[str]] = {}
    for folder in [data, *sorted(p for p in data.iterdir() if p.is_dir())]:
        texts: list[str] = []
        about = folder / "eval.json"
        told = json.loads(about.read_text(encoding="utf-8")) if about.is_file() else None
        names = told["score"] if told else [p.name for p in sorted(folder.glob("*.csv*"))]
        for name in names:
            try:
                rows = pd.read_csv(folder / name, dtype=str, nrows=most)
            except (pd.errors.ParserError, UnicodeDecodeError) as fault:
                say(f"{folder.name}/{name} is left out: {fault}")
                continue
            column = told["text"] if told else _text_column(rows)
            if column is not None:
                texts += rows[column].dropna().tolist()
        if texts:
            found[folder.name] = texts[:most]
    return found
