"""What is true of a simulated incident: its moments, posts and versions, and what the brand did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.tables import conform
from crisislib.simulation import population
from crisislib.simulation.population import Cast
from crisislib.simulation.scenario_definition import Scenario


@dataclass(frozen=True)
class Truth:
    """What really happened; nothing of it is in the posts' own columns.

    Attributes
    ----------
    kind : str
        Kind of crisis; `none` for the calm twin.
    onset, holding_at, statement_at : datetime or None
        First post, holding statement, full statement.
    root_id, influencer_id, statement_id : str
        Their posts; empty for the calm twin.
    coordinated : tuple of str
        Accounts that post together within seconds.
    narratives : pandas.DataFrame
        narrative, gist_zh, gist_en, from (first moment it can appear), n (posts that tell it themselves).
    posts : pandas.DataFrame
        One row per post: post_id, parent_id, root_id (true ones), lang, topic, sentiment, narrative,
        action, question, role, crisis.
    promo : tuple of datetime
        Begin and end of the harmless burst in ordinary weeks.
    """

    kind: str
    onset: datetime | None
    holding_at: datetime | None
    statement_at: datetime | None
    root_id: str
    influencer_id: str
    statement_id: str
    coordinated: tuple[str, ...]
    narratives: pd.DataFrame
    posts: pd.DataFrame
    promo: tuple[datetime, datetime]


def truth_of(
    parts: list[pd.DataFrame], pack: Scenario | None, start: datetime, promo_h: float, casts: dict[str, Cast], size: int
) -> Truth:
    """What is true of a simulation.

    Parameters
    ----------
    parts : list of pandas.DataFrame
        The ordinary posts; then, with a crisis, its posts.
    pack : Scenario or None
        The scenario; None without a crisis.
    start : datetime
        First instant.
    promo_h : float
        Begin of the brand's campaign, hours after `start`.
    casts : dict
        Platform -> who speaks there.
    size : int
        Accounts per platform in the coordinated group.

    Returns
    -------
    Truth
        Moments, posts, versions and group.
    """
    posts = pd.concat([_true_rows(part) for part in parts], ignore_index=True)
    promo = (start + timedelta(hours=promo_h), start + timedelta(hours=promo_h + 12))
    story = pd.DataFrame(columns=["narrative", "gist_zh", "gist_en", "from", "n"])
    if pack is None:
        return Truth("none", None, None, None, "", "", "", (), story, posts, promo)
    frame = parts[-1].set_index("role")
    home = "weibo" if pack.root.lang == "zh" else "x"

    def moment(hours: float) -> datetime:
        return start + timedelta(microseconds=int(hours * 3600e6))

    def of(role: str, column: str) -> object:
        rows = frame.loc[[role]]
        return (rows[rows["platform"] == home] if role in ("holding", "statement") else rows).iloc[0][column]

    group = tuple(
        f"{name}:{native}"
        for name in ("weibo", "x")
        for native in population.natives(casts[name].n_public + 1 + np.arange(size, dtype=np.int64))
    )
    onset_h = float(of("root", "hours"))  # type: ignore[arg-type]
    told = parts[-1].loc[parts[-1]["parent"] < 0, "narrative"].value_counts()
    story = pd.DataFrame(
        [
            (v.id, v.gist["zh"], v.gist["en"], moment(onset_h + v.from_hours), int(told.get(v.id, 0)))
            for v in pack.variants
        ],
        columns=story.columns,
    )
    roles = set(frame.index)
    times = [
        moment(float(of(role, "hours"))) if role in roles else None  # type: ignore[arg-type]
        for role in ("root", "holding", "statement")
    ]
    ids = [str(of(role, "post_id")) if role in roles else "" for role in ("root", "influencer", "statement")]
    return Truth(pack.kind, *times, *ids, group, story, posts, promo)  # type: ignore[arg-type, call-arg]


def _true_rows(part: pd.DataFrame) -> pd.DataFrame:
    ids = part["post_id"].to_numpy(dtype=object)
    parent = part["parent"].to_numpy()
    columns = ["post_id", "lang", "topic", "sentiment", "narrative", "action", "question", "role", "crisis"]
    above = pd.Series(ids[np.maximum(parent, 0)], index=part.index, dtype=object).where(parent >= 0, None)
    return part[columns].assign(parent_id=above, root_id=ids[part["root"].to_numpy()])


def logged_responses(truth: Truth, pack: Scenario, watch: str) -> pa.Table:
    """What the brand did, as it would stand in the response log.

    Parameters
    ----------
    truth : Truth
        With the moments of the answers.
    pack : Scenario
        With their words.
    watch : str
        Name of the watch.

    Returns
    -------
    pyarrow.Table
        RESPONSES.
    """
    lang = pack.root.lang
    home = "weibo" if lang == "zh" else "x"
    rows = [
        ("holding", truth.holding_at, "instructing", pack.holding[lang]),
        (
            "statement",
            truth.statement_at,
            "rebuild.apology" if pack.known_true else "deny.denial",
            pack.statement[lang],
        ),
    ]
    frame = pd.DataFrame(rows, columns=["kind", "at", "strategy", "text"])
    said_by = {"by": "drill", "channel": home, "watch": watch, "incident_id": None, "logged_at": frame["at"]}
    return conform(frame.assign(response_id=[f"{watch}-{kind}" for kind in frame["kind"]], **said_by), "RESPONSES")
