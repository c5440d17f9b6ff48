"""The spread page: the tree of a story, where it began, how it crossed, who carried it, who acts together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import altair as alt
import pandas as pd

from crisislib.charts import tree
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.ids import mask_name
from crisislib.design import Figure, LevelBadge, Tile, Utterance
from crisislib.workbench import cascade_frames
from crisislib.workbench.evidence_table import short
from crisislib.workbench.pages.chart_svg import FULL, drawings
from crisislib.workbench.pages.incident_model import badge, chosen_incident
from crisislib.workbench.pages.incident_parts import sayings
from crisislib.workbench.pages.incident_tiles import NOT_ASSESSED
from crisislib.workbench.pages.incident_tiles import tiles as incident_tiles
from crisislib.workbench.pages.incident_time import choice_of, whole_span
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading
from crisislib.workbench.pages.story_posts import group_members, story_nodes

HEADLINE, NO_STORY = (
    N_("{n} {n:post|posts} in the largest story, {depth} {depth:step|steps} deep"),
    N_("No story has spread yet"),
)
POSTS, ACCOUNTS, DEPTH, HALF, GROWTH = (
    N_("Posts in this story"),
    N_("{n} {n:account|accounts}"),
    N_("Steps from the first post"),
    N_("Half of it within"),
    N_("Growth now"),
)
BRANCH, PACE, PER_SPAN = (
    N_("{n} in its widest layer"),
    N_("of the first post"),
    N_("new posts for each in the span before"),
)
TREE, TREE_NOTE = (
    N_("How it spread"),
    N_(
        "Each dot is a post, to the right of the one that it was passed on from; its size says how many came through "
        "it. “+number” gathers small branches. Links between posts are evidence with a confidence, not certainty."
    ),
)
NO_ORIGIN = N_("No story has an origin yet.")
CROSSING = N_("{src} → {dst}")
STORY = N_("{n} {n:post|posts}: {text}")
OFFERED, LISTED = 12, 8
"""Stories that can be chosen, and lines of each table: what a reader looks through."""


@dataclass(frozen=True)
class SpreadPage:
    """What the spread page shows.

    Attributes
    ----------
    level : LevelBadge
        Of the watch.
    headline, sub : str
        How large and how deep; what the run says of the origin.
    tiles : sequence of Tile
        Of the chosen story, and the forecast of the incident.
    stories : sequence of (str, str, bool)
        Words, address, and whether it is the one drawn.
    tree : Figure
        The story.
    no_origin : str
        Why it is not known where it began.
    origins, crossings, carriers, groups : sequence of sequence
        Rows of tables: where it began, from platform to platform, who carried it, who acts together.
    against : sequence of Utterance
        What is said, rumour and rebuttal beside each other.
    sentences : sequence of str
        What the run found.
    """

    level: LevelBadge
    headline: str
    sub: str
    tiles: Sequence[Tile]
    stories: Sequence[tuple[str, str, bool]]
    tree: Figure
    no_origin: str
    origins: Sequence[Sequence[object]]
    crossings: Sequence[Sequence[object]]
    carriers: Sequence[Sequence[object]]
    groups: Sequence[Sequence[object]]
    against: Sequence[Utterance]
    sentences: Sequence[str]


def spread_page(reading: Reading) -> SpreadPage:
    """The model of the spread page.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    SpreadPage
    """
    row = chosen_incident(reading)
    named = "" if row is None else str(row["incident_id"])
    stories = _stories(reading, row)
    root = reading.address.root if reading.address.root in set(stories["root_id"]) else ""
    chosen = stories[stories["root_id"] == root] if root else stories
    story = chosen.iloc[0] if len(chosen) else None
    nodes = pd.DataFrame() if story is None else story_nodes(reading, row, str(story["root_id"]))
    shown = "" if story is None else str(story["root_id"])
    origin = reading.finding("spread.origin", named)
    choice = choice_of(reading, row)
    return SpreadPage(
        level=badge(reading, row),
        headline=_headline(reading, story),
        sub="" if origin is None else origin.render(reading.language),
        tiles=_tiles(reading, story, row),
        stories=_offered(reading, stories, shown),
        tree=_tree(reading, nodes),
        no_origin=reading.words(NO_ORIGIN if reading.findings("spread.", named) or not named else NOT_ASSESSED),
        origins=_origins(reading, named),
        crossings=_crossings(reading, nodes, shown),
        carriers=_carriers(reading, nodes, shown),
        groups=_groups(reading, choice),
        against=sayings(reading, named, choice),
        sentences=[f.render(reading.language) for f in _sentences(reading, named)],
    )


def _stories(reading: Reading, row: pd.Series | None) -> pd.DataFrame:
    """Cascades as they were last seen that still spread since the incident began, the largest first."""
    rows = reading.snapshot.table("CASCADES")
    rows = rows[rows["started_at"] <= pd.Timestamp(reading.now)]
    if row is not None:
        since, until = whole_span(reading, row)
        rows = rows[(rows["last_at"] >= since) & (rows["started_at"] <= until)]
    return rows.sort_values(["n", "root_id"], ascending=[False, True]).reset_index(drop=True)


def _headline(reading: Reading, story: pd.Series | None) -> str:
    if story is None:
        return reading.words(NO_STORY)
    return reading.words(HEADLINE, n=f"{int(story['n']):,}", depth=int(story["depth"]))


def _tiles(reading: Reading, story: pd.Series | None, row: pd.Series | None) -> list[Tile]:
    whole = incident_tiles(reading, row, {"n": 0, "labelled": 0, "negative": 0})
    if story is None:
        return [whole[2], whole[3], whole[4]]
    growth = story["r_number"]
    return [
        Tile(
            reading.words(POSTS),
            f"{int(story['n']):,}",
            reading.words(ACCOUNTS, n=f"{int(story['n_accounts']):,}"),
            "",
            reading.address.to("posts", root=story["root_id"]),
        ),
        Tile(reading.words(DEPTH), str(int(story["depth"])), reading.words(BRANCH, n=f"{int(story['breadth']):,}")),
        Tile(reading.words(HALF), reading.span(float(story["half_s"])), reading.words(PACE)),
        Tile(reading.words(GROWTH), "–" if pd.isna(growth) else f"{growth:.1f} ×", reading.words(PER_SPAN)),
        whole[3],
        whole[4],
    ]


def _offered(reading: Reading, stories: pd.DataFrame, shown: str) -> list[tuple[str, str, bool]]:
    top = stories.head(OFFERED)
    texts = reading.snapshot.texts(list(top["root_id"]), None, None).set_index("post_id")["text"]
    made = []
    for r in top.to_dict("records"):
        words = reading.words(STORY, n=f"{int(r['n']):,}", text=short(texts.get(r["root_id"], "…"), 40))
        made.append((words, reading.address.to(root=r["root_id"]), r["root_id"] == shown))
    return made


def _tree(reading: Reading, nodes: pd.DataFrame) -> Figure:
    def draw(width: int) -> alt.Chart:
        made = tree(nodes=nodes, language=reading.language, zone=reading.zone.key, most=110 if width > 400 else 45)
        sized: alt.Chart = made.properties(width=width)
        return sized

    wide, narrow = drawings(draw, screen=reading.screen, wide=FULL)
    return Figure(reading.words(TREE), wide, narrow, reading.words(TREE), reading.words(TREE_NOTE))


def _origins(reading: Reading, named: str) -> list[list[object]]:
    found = reading.finding("spread.origin", named)
    if found is None or found.table.empty:
        return []
    rows = found.table.head(LISTED).sort_values("at", kind="stable")
    texts = reading.snapshot.texts(list(rows["post_id"]), None, None).set_index("post_id")
    made: list[list[object]] = []
    for r in rows.to_dict("records"):
        post = texts.loc[r["post_id"]] if r["post_id"] in texts.index else None
        words = short("" if post is None else post["text"], 80)
        made.append([reading.time(r["at"]), reading.platform(r["platform"]), words or "–"])
    return made


def _crossings(reading: Reading, nodes: pd.DataFrame, root: str) -> list[list[object]]:
    rows = cascade_frames.bridges(nodes)
    made: list[list[object]] = []
    for r in rows[rows["source"].notna()].head(LISTED).to_dict("records"):
        way = reading.words(CROSSING, src=reading.platform(r["source"]), dst=reading.platform(r["platform"]))
        href = reading.address.to("posts", root=root, platform=r["platform"])
        made.append([way, f"+{reading.span(3600 * r['lag_h'])}", {"text": f"{int(r['n']):,}", "href": href}])
    return made


def _carriers(reading: Reading, nodes: pd.DataFrame, root: str) -> list[list[object]]:
    """Accounts with what came through them, each post once, as the list of posts behind the number has them."""
    made: list[list[object]] = []
    for r in cascade_frames.key_spreaders(nodes).head(LISTED).to_dict("records"):
        account = str(r["account_id"])
        if not r["n_through"]:
            continue
        who = {
            "text": r["name"] or mask_name(account.split(":")[-1]),
            "href": reading.address.to("posts", account=account),
        }
        below = {"text": f"{r['n_through']:,}", "href": reading.address.to("posts", root=root, through=account)}
        made.append([who, reading.platform(r["platform"]), below])
    return made


def _groups(reading: Reading, choice: Choice) -> list[list[object]]:
    """Groups of accounts that act together: evidence, no verdict."""
    made: list[list[object]] = []
    for name, mine in list(group_members(reading).groupby("group_id", sort=False))[:LISTED]:
        count = reading.snapshot.posts.count(replace(choice, accounts=tuple(mine["account_id"])))
        posts = {"text": f"{count:,}", "href": reading.address.to("posts", group=name, root="")}
        span = (mine["last_at"].max() - mine["first_at"].min()).total_seconds()
        within = reading.span(float(mine["window_s"].iloc[0]))
        made.append([str(len(made) + 1), f"{len(mine):,}", posts, within, reading.span(span)])
    return made


def _sentences(reading: Reading, named: str) -> list[Finding]:
    keys = (
        "spread.reproduction",
        "spread.crossing",
        "rumour.score",
        "forecast.size",
        "forecast.peak",
        "forecast.correction",
    )
    found = (reading.finding(key, named) for key in keys)
    return [one for one in found if one is not None]
