"""Let an assistant read the workbench: crisis mcp."""

from __future__ import annotations

from collections.abc import Callable

from crisislib.cli.common import LakeDir, WatchDir, home


def mcp(lake: LakeDir = None, watches: WatchDir = None) -> None:
    """Serve the workbench to an assistant over the Model Context Protocol (standard input and output); read-only.

    Questions: watches, level, findings, claims, posts, plan. Every answer carries the ids of its posts;
    people are masked. Needs the extra mcp. The assistant's program starts this command itself:
    give it `crisis --home FOLDER mcp`.
    """
    from crisislib.services.mcp_server import mcp_server

    mcp_server(lambda: home(lake, watches, None)).run("stdio")


commands: dict[str, Callable[..., None]] = {"mcp": mcp}
