"""Spread for other tools: GEXF and GraphML for Gephi, CSV that a spreadsheet cannot be tricked by, CooRTweet's columns.

Everything is returned as text; who calls writes the file. Names are masked, account ids replaced by pseudonyms,
texts left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import networkx as nx
import pandas as pd

from crisislib.core.csv_text import safe_csv
from crisislib.core.errors import InputError, NotEnoughData
from crisislib.core.i18n import N_
from crisislib.core.ids import pseudonym
from crisislib.spread.cascades.story_tree import nodes
from crisislib.spread.coordination.shares import objects
from crisislib.spread.key_spreaders import masked_names
from crisislib.spread.post_arrays import Frame

MOST = 50_000
"""Nodes that a graph file may have: beyond, no layout program is of use."""

_BAD = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""
_WRITTEN_AT = re.compile(r' lastmodifieddate="[^"]*"')
"""The day on which networkx writes a file; without it the same tables give the same file."""


def masked_nodes(posts: Frame, edges: Frame, accounts: Frame, root_id: str | None = None) -> pd.DataFrame:
    """The posts of :func:`crisislib.spread.cascades.story_tree.nodes` as they may leave the workbench.

    Parameters
    ----------
    posts, edges, accounts : POSTS, EDGES, ACCOUNTS
    root_id : str, optional
        Root of the one story that is wanted; all when left out.

    Returns
    -------
    pandas.DataFrame
        `post_id`, `parent_id` (empty at a root), `root_id`, `layer`, `at` (ISO 8601, UTC), `platform`, `account`
        (pseudonym), `name` (masked), `placeholder` (named, but not in the data), `descendants`, `kind`,
        `method`, `confidence`, `lag_s` (empty at a root).
    """
    frame, names = nodes(posts, edges, root_id), masked_names(accounts)
    account = frame.pop("account_id")
    frame["at"] = frame["at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    for column in ("at", "parent_id", "platform"):
        frame[column] = frame[column].fillna("")
    frame.insert(6, "account", [pseudonym(a) if isinstance(a, str) and a else "" for a in account])
    frame.insert(7, "name", [names.get(a, "") for a in account])
    frame.insert(8, "placeholder", ~frame.pop("held"))
    return frame


def graph(posts: Frame, edges: Frame, accounts: Frame, *, root_id: str | None = None) -> nx.DiGraph:
    """The stories, or one of them, as a directed graph from parent to child.

    Parameters
    ----------
    posts, edges, accounts : POSTS, EDGES, ACCOUNTS
    root_id : str, optional
        Root of the one story that is wanted; all when left out.

    Returns
    -------
    networkx.DiGraph
        Nodes are post ids with the columns of :func:`masked_nodes` that speak of the post, edges have the others.

    Raises
    ------
    NotEnoughData
        When there is no such story, or more nodes than a graph file can be used with.
    """
    table = masked_nodes(posts, edges, accounts, root_id)
    if len(table) > MOST:
        raise NotEnoughData(
            N_("{n} {n:post is|posts are} too many for a graph file"),
            do=N_("export one story at a time (--root), {most} {most:post|posts} at most, or csv, which has no limit"),
            facts={"n": len(table), "most": MOST},
        )
    for column in table.columns[table.dtypes.map(pd.api.types.is_string_dtype)]:
        table[column] = [_BAD.sub("", value) if isinstance(value, str) else value for value in table[column]]
    built = nx.DiGraph()
    own = ["layer", "at", "platform", "account", "name", "placeholder", "descendants"]
    built.add_nodes_from(zip(table["post_id"], table[own].to_dict("records"), strict=True))
    below = table[table["parent_id"] != ""]
    edge = below[["kind", "method", "confidence", "lag_s"]].to_dict("records")
    known = [{str(k): v for k, v in one.items() if pd.notna(v)} for one in edge]
    built.add_edges_from(zip(below["parent_id"], below["post_id"], known, strict=True))
    return built


def gexf(posts: Frame, edges: Frame, accounts: Frame, *, root_id: str | None = None) -> str:
    """The graph as GEXF, Gephi's own format.

    Parameters and errors as for :func:`graph`.

    Returns
    -------
    str
        The whole file, without the day on which it was written, so that equal graphs give equal files.
    """
    return _WRITTEN_AT.sub("", "\n".join(nx.generate_gexf(graph(posts, edges, accounts, root_id=root_id))))


def graphml(posts: Frame, edges: Frame, accounts: Frame, *, root_id: str | None = None) -> str:
    """The graph as GraphML.

    Parameters and errors as for :func:`graph`.

    Returns
    -------
    str
        The whole file.
    """
    return "\n".join(nx.generate_graphml(graph(posts, edges, accounts, root_id=root_id)))


def csv(posts: Frame, edges: Frame, accounts: Frame, *, root_id: str | None = None) -> str:
    """The table of :func:`masked_nodes` as CSV.

    Parameters
    ----------
    posts, edges, accounts : POSTS, EDGES, ACCOUNTS
    root_id : str, optional
        Root of the one story that is wanted; all when left out.

    Returns
    -------
    str
        The whole file with a header; cells that a spreadsheet would run as a formula are quoted.

    Raises
    ------
    NotEnoughData
        There is no such story.
    """
    return safe_csv(masked_nodes(posts, edges, accounts, root_id))


def coortweet(posts: Frame, edges: Frame, accounts: Frame, *, root_id: str | None = None) -> str:
    """Who shared which link, hashtag, image, text or post when, as CSV with CooRTweet's four columns.

    Parameters
    ----------
    posts, edges, accounts : POSTS, EDGES, ACCOUNTS
    root_id : str, optional
        Root of the one story whose shares are wanted; all when left out.

    Returns
    -------
    str
        The whole file with a header.

    Raises
    ------
    NotEnoughData
        No post of a known account shares anything.

    Notes
    -----
    `object_id`, `account_id` (pseudonym), `content_id`, `timestamp_share` (unix seconds); Righetti & Balluff (2025).
    Of a story, only the shares of its posts.
    """
    shared = objects(posts)
    if root_id is not None:
        shared = shared[shared["post_id"].isin(nodes(posts, edges, root_id)["post_id"])]
    if not len(shared):
        raise NotEnoughData(
            N_("no post shares anything by a known account"), where=root_id or "", do=N_("import more posts")
        )
    frame = pd.DataFrame(
        {
            "object_id": shared["kind"] + ":" + shared["object"],
            "account_id": shared["account_id"].map(pseudonym),
            "content_id": shared["post_id"],
            "timestamp_share": shared["at"].astype("int64"),
        }
    )
    return safe_csv(frame)


EXPORTS: dict[str, Callable[..., str]] = {"gexf": gexf, "graphml": graphml, "csv": csv, "coortweet": coortweet}
"""Format -> from POSTS, EDGES, ACCOUNTS and `root_id` to the text of a file."""


def export_graph(form: str, posts: Frame, edges: Frame, accounts: Frame, *, root_id: str | None = None) -> str:
    """Who passed on what from whom, as a file for another tool.

    Parameters
    ----------
    form : str
        One of :data:`EXPORTS`.
    posts, edges, accounts : POSTS, EDGES, ACCOUNTS
    root_id : str, optional
        Root of the one story that is wanted.

    Returns
    -------
    str
        The whole file.

    Raises
    ------
    InputError
        There is no such format.
    NotEnoughData
        There is no such story, or it is too large for the format.
    """
    if form not in EXPORTS:
        raise InputError(
            N_("there is no format {form!r}"),
            where="format",
            do=N_("use one of {exports}"),
            facts={"form": form, "exports": ", ".join(EXPORTS)},
        )
    return EXPORTS[form](posts, edges, accounts, root_id=root_id)
