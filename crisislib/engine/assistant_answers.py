"""What an assistant may ask of a workbench: read-only answers as plain values, each with the posts that bear it out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from duckdb import ColumnExpression, ConstantExpression

from crisislib.core.evidence import posts_of as posts_behind
from crisislib.core.ids import mask_mentions
from crisislib.core.phrase import render
from crisislib.core.watch import Watch
from crisislib.engine.findings import newest_rows, revived
from crisislib.engine.home import Home
from crisislib.engine.incident_records import incident_of
from crisislib.engine.plan_in_words import plan_table
from crisislib.engine.rendering import incident_title
from crisislib.engine.runs import watch_status

FAMILIES = ("warn.", "brief.", "spread.", "rumour.", "risk.", "respond.")
"""Beginnings of the keys of findings that one run stores together."""
MOST_POSTS = 50
"""Posts of one answer: more does not fit what a model reads, and the rest can be asked for by id."""
Answer = dict[str, Any]


def level_of(home: Home, watch: Watch, *, now: datetime, language: str) -> Answer:
    """The level of a watch, until when it was decided, and the reason with its posts.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    now : datetime
        Moment of the reading; an old decision is unknown.
    language : str
        `zh` or `en`.

    Returns
    -------
    dict
        watch, title, level, decided_until, index, incident_id, why, post_ids.
    """
    status = watch_status(home.lake, watch, now=now)
    why = findings_of(home, watch, "warn.", now=now, language=language)
    return {
        "watch": watch.watch, "title": watch.name(), "level": status.level,
        "decided_until": None if status.judged_until is None else status.judged_until.isoformat(),
        "index": None if pd.isna(status.index) else round(status.index, 1), "incident_id": status.incident_id,
        "why": [one["text"] for one in why], "post_ids": list(dict.fromkeys(p for one in why for p in one["post_ids"])),
    }  # fmt: skip


def findings_of(home: Home, watch: Watch, family: str, *, now: datetime, language: str) -> list[Answer]:
    """The newest findings of one or every family, in words, with what limits them and their posts.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    family : str
        Beginning of the keys, such as `warn.` or `brief.claim`; every family when empty.
    now : datetime
        Nothing decided later is read.
    language : str
        `zh` or `en`.

    Returns
    -------
    list of dict
        key, text, limits, incident_id, decided_at, post_ids.
    """
    answers = []
    for one in [family] if family else FAMILIES:
        for row in newest_rows(home.lake, watch.watch, [one], now=now).to_dict("records"):
            found = revived(row)
            if not found.silent:
                answers.append(
                    {
                        "key": found.key, "text": found.render(language), "incident_id": row["incident_id"] or "",
                        "limits": [str(render(limit, language)) for limit in found.limits],
                        "decided_at": row["at"].isoformat(), "post_ids": list(found.post_ids),
                    }
                )  # fmt: skip
    return answers


def posts_of(home: Home, watch: Watch, post_ids: Sequence[str]) -> list[Answer]:
    """Posts by their ids, as they stand; people whom they mention are masked, and their authors are not named.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    post_ids : sequence of str
        Which; the first :data:`MOST_POSTS`.

    Returns
    -------
    list of dict
        post_id, platform, created_at, text, url, likes, reposts, replies; without those that are not stored.
    """
    wanted = list(dict.fromkeys(post_ids))[:MOST_POSTS]
    rows = home.lake.sql("POSTS", watch=watch.watch)
    found = rows.filter(ColumnExpression("post_id").isin(*(ConstantExpression(one) for one in wanted)))
    return [
        {
            "post_id": row["post_id"], "platform": row["platform"], "created_at": row["created_at"].isoformat(),
            "text": mask_mentions(row["text"] or row["title"] or "", watch.brand.names), "url": row["url"],
            "likes": row["n_likes"], "reposts": row["n_reposts"], "replies": row["n_replies"],
        }
        for row in (found.to_arrow_table().to_pylist() if wanted else ())
    ]  # fmt: skip


def plan_of(home: Home, watch: Watch, *, now: datetime, language: str, incident_id: str = "") -> Answer:
    """The plan of an incident: open and settled steps with owner and due time, and the posts behind the incident.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    now : datetime
        What is due before is late.
    language : str
        `zh` or `en`.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    dict
        incident_id, title, steps, post_ids.

    Raises
    ------
    CrisisError
        There is no such incident.
    """
    row = incident_of(home, watch, incident_id)
    steps = plan_table(home, watch, row, language=language, now=now, every=True)
    return {
        "incident_id": row["incident_id"], "title": str(render(incident_title(row, watch), language)),
        "steps": [
            {"id": one["id"], "step": one["step"], "owner": one["owner"], "state": one["state"],
             "due_at": one["due_at"].isoformat(), "why": one["reason"]}
            for one in steps.to_dict("records")
        ],
        "post_ids": posts_behind(row["evidence"]),
    }  # fmt: skip
