"""The command that takes posts which others send."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Annotated

import typer

from crisislib.cli.common import LakeDir, WatchDir, WatchName, escape, home, out
from crisislib.cli.error_language import watch_in
from crisislib.cli.run import pairs


def listen(
    watch: WatchName,
    port: Annotated[int, typer.Option(help="Port to take posts on; 0 for any free one.")] = 9388,
    host: Annotated[str, typer.Option(help="Address to listen on; others can reach it only if you change this.")] = (
        "127.0.0.1"
    ),
    secret: Annotated[
        str, typer.Option(help="Name of the environment variable or keyring entry that holds the shared secret.")
    ] = "CRISIS_LISTEN_SECRET",
    map_: Annotated[
        list[str] | None, typer.Option("--map", "-m", help="Where keys are not understood: text=Body created=When …")
    ] = None,
    hooks: Annotated[
        bool,
        typer.Option("--hooks", help="Also take X-Hub-Signature, as Meltwater's hooks send it; it names no time."),
    ] = False,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Take posts that others send: a signed webhook, into the lake within seconds.

    A sender POSTs JSON: an object, a list, {"posts": […]}, or an object a line, with keys as exports have them (text,
    created_at, id, author, url, likes …). X-Crisis-Timestamp is the time in seconds; X-Crisis-Signature is sha256= and
    the HMAC-SHA256 of timestamp, a full stop, and body. 202 means that the posts are safe on disk; the same request
    twice adds nothing; 401 names a wrong signature or clock, 422 keys that are not understood. GET /health says how
    many came. Put TLS before it where others can reach it.
    """
    from crisislib.core.credentials import filled
    from crisislib.core.errors import InputError
    from crisislib.services.listening import Inbound, serve
    from crisislib.services.listening.signatures import checked_secret

    place = home(lake, watches, None, watch)
    shared = checked_secret(filled(f"${{{secret}}}", where="crisis listen", error=InputError))
    inbound = Inbound(place, watch_in(place, watch), shared, pairs(map_ or [], "--map"), hooks)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    serve(inbound, host=host, port=port, ready=lambda at: _print_address(host, at, watch), stop=stop)


def _print_address(host: str, port: int, watch: str) -> None:
    out.print(escape(f"posts for {watch} are taken on http://{host}:{port}/ — Ctrl-C stops"))


commands: dict[str, Callable[..., None]] = {"listen": listen}
