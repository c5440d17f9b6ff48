"""The workbench of a drill: its folders and watch, the file that its posts come through, and its clock."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from crisislib.core.ids import short_hash
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Channel, Respond, SourceUse
from crisislib.engine.home import Home
from crisislib.engine.home_folders import MARKER
from crisislib.services.watch_files import write_watch
from crisislib.simulation import DrillStream


def drill_workbench(folder: Path, stream: DrillStream, channel: str, owners: dict[str, str]) -> tuple[Home, Watch]:
    """Folders, watch file and an empty stream; a lake for each run, so that an earlier drill stays as it was.

    Parameters
    ----------
    folder : Path
        Becomes the workbench.
    stream : DrillStream
        The incident, and its brand.
    channel : str
        An Apprise address that messages go to; none when empty.
    owners : dict of str to str
        Role -> person.

    Returns
    -------
    tuple of Home and Watch
        The workbench, and the watch that is written in it.
    """
    key = short_hash(stream.pack.kind, str(stream.seed), datetime.now(UTC).isoformat(), length=6)
    name = f"{stream.pack.kind}-{stream.start:%Y%m%d}-{key}"
    home = replace(Home.at(folder), lake_root=folder / name, watches=folder / "watches", reports=folder / "reports")
    file = stream_file(home)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Without a command the crawler source only watches what is written: here, by the drill.
    options: dict[str, str | int | float | bool | list[str]] = {
        "output": str(file),
        "layout": "generic",
        "settle_s": 0.0,
    }
    brand = stream.brand
    respond = Respond(**{**brand.respond.model_dump(), "owners": {**brand.respond.owners, **owners}})
    changes = {
        "drill": True, "sources": [SourceUse(source="crawler", name="drill", every_minutes=1, options=options)],
        "notify": [Channel(name="drill", url=channel, from_level="blue")] if channel else [], "respond": respond,
    }  # fmt: skip
    watch = brand.model_copy(update=changes)
    write_watch(watch, home.watches)
    return home, watch


def stream_file(home: Home) -> Path:
    """The file that the monitor reads the drill's posts from.

    Parameters
    ----------
    home : Home
        The workbench of the drill.
    """
    return home.lake_root.parent / f"{home.lake_root.name}-stream" / "posts.csv"


def set_clock(home: Home, at: datetime) -> None:
    """Move the clock of everything that looks at the drill's folder, in one step.

    Parameters
    ----------
    home : Home
        The workbench of the drill.
    at : datetime
        The drill's clock.
    """
    lines = {"lake": home.lake_root.name, "watches": home.watches.name, "reports": home.reports.name}
    folders = [f"{key} = {json.dumps(value)}" for key, value in lines.items()]
    text = "\n".join(["[folders]", *folders, "", "[demonstration]", f"at = {at.isoformat()}", ""])
    file = home.lake_root.parent / MARKER
    part = file.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def append_posts(file: Path, posts: pd.DataFrame) -> None:
    """Add posts to the file that the monitor reads, as a crawler would.

    Parameters
    ----------
    file : Path
        See :func:`stream_file`.
    posts : pandas.DataFrame
        What has come; an empty frame makes the file where it is not there.
    """
    if posts.empty and file.exists():
        return
    platform = posts["platform"].astype(str)
    rows = pd.DataFrame({
        "platform": platform, "type": posts["kind"], "id": _native(posts["post_id"]),
        "user_id": _native(posts["account_id"]), "user_name": posts["name"], "followers": posts["followers"],
        "verified": posts["verified"], "created_at": posts["created_at"].map(lambda t: t.isoformat()),
        "text": posts["text"], "url": posts["url"], "likes": posts["likes"], "reposts": posts["reposts"],
        "comments": posts["comments"], "parent_id": _native(posts["parent_id"]), "root_id": _native(posts["root_id"]),
    })  # fmt: skip
    rows.to_csv(file, mode="a", header=not file.exists(), index=False, encoding="utf-8")


def _native(ids: pd.Series) -> pd.Series:
    """Ids as the platform itself writes them; the layout puts the platform before them again."""
    return ids.astype("string").str.split(":", n=1).str[-1]
