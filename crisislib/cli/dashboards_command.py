"""crisis dashboards: who gets in, as what, and the server that this process becomes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from crisislib import services
from crisislib.cli.common import LakeDir, WatchDir, escape, home, out
from crisislib.cli.typed_command import place_of
from crisislib.core.errors import InputError
from crisislib.core.i18n import LANGUAGES, N_
from crisislib.services.dashboards_access import Access, access_for

if TYPE_CHECKING:
    from crisislib.engine import Home

WHO = "Logging in"
"""Under which `crisis dashboards --help` lists the options on who gets in."""


def dashboards(
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8866,
    host: Annotated[str, typer.Option(help="Address to listen on; others can reach it only if you change this.")] = (
        "127.0.0.1"
    ),
    pool: Annotated[int, typer.Option(help="Kernels kept warm for each Voila notebook.")] = 0,
    labels: Annotated[
        bool, typer.Option("--labels", help="Serve the labelling page too; analysts and responders can write labels.")
    ] = False,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="Host name by which others may ask for it; repeat for more.")
    ] = None,
    token: Annotated[
        list[str] | None,
        typer.Option(
            envvar="CRISIS_TOKEN",
            rich_help_panel=WHO,
            help="ROLE=TOKEN or ROLE:PERSON=TOKEN with ROLE viewer, analyst or responder; repeat for more. One for "
            "each role is made up when others can reach the server and none is given.",
        ),
    ] = None,
    no_login: Annotated[
        bool,
        typer.Option(
            "--no-login", rich_help_panel=WHO, help="No token: everybody who reaches it may read, nobody write."
        ),
    ] = False,
    proxy_user: Annotated[
        str,
        typer.Option(
            rich_help_panel=WHO, help="Header in which a proxy in front says who the reader is: Remote-User …"
        ),
    ] = "",
    proxy_groups: Annotated[
        str,
        typer.Option(rich_help_panel=WHO, help="Header with the reader's groups; analyst and responder are roles."),
    ] = "",
    proxy_address: Annotated[
        list[str] | None,
        typer.Option(rich_help_panel=WHO, help="Address of that proxy, where it is not this machine."),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Voila notebooks that may be open at once, some 200 MB each.")] = 20,
    language: Annotated[
        str, typer.Option(help="zh or en for every page; else the watch's, in the demonstration the reader's.")
    ] = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Serve the dashboards over the lake: situation, incident, spread, response, posts.

    Viewers read. Analysts and responders also settle steps of the plan and correct incidents; responders approve
    statements. On this machine alone you need no token and may do everything. All readers share one process;
    /voila/tree lists the notebooks, each of which takes a kernel.

    While your own lake holds no posts they show the demonstration (crisis demo) and say so. With --labels the queue
    of posts to label is served as well: for analysts, not for stakeholders.
    """
    if language and language not in LANGUAGES:
        raise InputError(
            N_("{language} is no language of ours"),
            where="--language",
            do=N_("write zh or en"),
            facts={"language": repr(language)},
        )
    if proxy_groups and not proxy_user:
        raise InputError(N_("groups of whom?"), where="--proxy-groups", do=N_("give --proxy-user HEADER too"))
    place = home(lake, watches, None)
    refuse_taken(host, port)
    if proxy_user:
        access = Access(
            user_header=proxy_user, role_header=proxy_groups, proxies=[*Access.proxies, *(proxy_address or ())]
        )
    else:
        access = access_for(host, tokens=token or (), names=name or (), no_login=no_login)
    command = services.voila_command(
        place, host=host, port=port, pool=pool, labels=labels, names=[host, *(name or ())], most=most
    )
    env = services.voila_environment(place, labels=labels, language=language, access=access)
    print_data_source(place)
    for one in access.tokens:
        out.print(escape(f"{one.name or one.role}: http://{host}:{port}/?token={one.token}"))
    become(command, env, f"dashboards on http://{host}:{port}/ — Ctrl-C stops")


def refuse_taken(host: str, port: int) -> None:
    """An error where something listens there already."""
    if services.taken(host, port):
        raise InputError(
            N_("port {port} of {host} is taken"),
            where="--port",
            do=N_("stop what runs there, or give --port {free}"),
            facts={"port": str(port), "host": host, "free": str(port + 1)},
        )


def print_data_source(place: Home) -> None:
    """Whose data the pages open on."""
    shown = place.shown()
    if shown.simulated:
        out.print(f"your own lake holds no posts yet: the demonstration in {escape(place_of(shown.root))} is shown")
    elif not shown.filled():
        where = shown.lake.address or place_of(shown.lake_root)
        out.print(f"the lake {escape(where)} holds no posts yet: crisis demo or crisis import FILE")


def become(command: list[str], env: dict[str, str], words: str) -> None:
    """Say it, and turn into the server."""
    out.print(escape(words))
    sys.stdout.flush()
    os.execve(command[0], command, env)
