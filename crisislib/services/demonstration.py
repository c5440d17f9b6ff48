"""The demonstration: a simulated incident, left as raw exports and a live feed, run, and compared with the truth."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd

from crisislib.core.durations import duration
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import rank
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Channel, SourceUse
from crisislib.engine.home import Home
from crisislib.engine.home_folders import MARKER, lake_folder
from crisislib.engine.ingest import import_files
from crisislib.engine.live_collection import collect
from crisislib.engine.progress import Progress, silent
from crisislib.engine.result import RunResult
from crisislib.services.batch import run
from crisislib.services.watch_files import write_watch
from crisislib.simulation import Drill, simulate
from crisislib.simulation.made_exports import write_exports

AFTER = timedelta(hours=8)
"""How far past the statement the demonstration goes: its correction has spread, and the plan is not yet done."""
IMPORT_OPTIONS = {
    "brandwatch_reddit.csv": {"timezone": "UTC", "platform": "=reddit"},
    "4cat_forum.csv": {"platform": "=forum"},
}
"""What a user would say of these exports, which do not say it themselves."""


def demonstration_options(name: str) -> dict[str, str]:
    """What a user would say of one of the demonstration's exports, which does not say it itself.

    Parameters
    ----------
    name : str
        Name of the file.

    Returns
    -------
    dict of str to str
        As `crisis import --map` takes it; empty where the file says everything.
    """
    return dict(IMPORT_OPTIONS.get(name, {}))


FIRST = N_("first alert {span} after the rumour's first post (level {level})")
NEVER = N_("no alert: the simulated crisis was missed")
BEFORE = N_(
    "{n} {n:alert|alerts} from yellow on, {blue} blue, in the {days} {days:ordinary day|ordinary days} before it"
)
KIND = N_("kind of crisis: {found}, true: {true}")
GROUP = N_("coordinated accounts: {right} of {true} found, {wrong} {wrong:other|others} named")
EDGES = N_(
    "who passed on what: {share}% of the true sources recovered (n = {n} {n:repost|reposts}, comments and replies)"
)


def demo(
    folder: Path,
    *,
    posts: int = 20_000,
    kind: str = "rumour",
    seed: int = 0,
    language: str = "en",
    lake: Path | None = None,
    reports: Path | None = None,
    now: datetime,
    progress: Progress = silent,
) -> tuple[RunResult, list[str]]:
    """Simulate, export, import, collect, run; the outcome and how it compares with the truth.

    Parameters
    ----------
    folder : Path
        Becomes a workbench of its own, whose clock stands still at the end of the run: exports, watch, and a lake for
        each combination of kind, posts, seed and language, of which the newest is the one that is shown.
    posts : int, default 20_000
        Posts to simulate.
    kind : str, default "rumour"
        Kind of crisis; see :func:`crisislib.simulation.simulate`.
    seed : int, default 0
        Seed of the simulator.
    language : str, default "en"
        `zh` or `en`, of the posts and of the watch.
    lake : Path, optional
        Folder or address of the lake, in place of the one that follows from kind, posts, seed and language.
    reports : Path, optional
        Where the brief goes; below `folder` when left out.
    now : datetime
        Wall clock.
    progress : Progress
        Gets the progress, stage by stage.

    Returns
    -------
    tuple of RunResult and list of str
        What was found, and one line for each comparison with the known truth.
    """
    progress("simulate", 0, 1)
    folder = folder.resolve()
    drill = simulate(seed, posts, kind=kind, watch="demo", language=language)
    name = f"{kind}-{posts}-{seed}-{language}"
    place = lake_folder(folder, lake) if lake else folder / name
    home = replace(Home.at(folder), lake_root=place, watches=folder / "watches", reports=reports or folder / "reports")
    files = write_exports(drill, folder / "exports")
    progress("simulate", 1, 1)
    with _served(folder / "exports") as address:
        feed = SourceUse(source="rss", name="news feed", options={"url": f"{address}/news.xml"})
        inbox = Channel(name="demo inbox", url=address.replace("http:", "json:"), from_level="yellow")
        watch = drill.watch.model_copy(update={"sources": [feed], "notify": [inbox]})
        # Kept without the addresses of this run's own server, which ends with it: who runs it again finds no dead ones.
        write_watch(drill.watch, home.watches)
        exports = [f for f in files if f.suffix == ".csv"]
        for number, file in enumerate(exports):
            progress("import", number, len(exports))
            import_files(home, watch, [file], mapping=demonstration_options(file.name), now=now)
        progress("import", len(exports), len(exports))
        collect(home, watch, now=now, progress=progress)
        home.lake.append("RESPONSES", drill.responses)
        # The clock of the demonstration stops some hours after the statement: late enough to see it bend the curve.
        until = drill.truth.statement_at + AFTER if drill.truth.statement_at else None
        result = run(home, watch, until=until, now=now, progress=progress, notify=True)
    _mark(folder, home, result.at)
    return result, against_truth(home, watch, drill)


def _mark(folder: Path, home: Home, at: datetime) -> None:
    """Make the folder a workbench, in one step: from now on this is the demonstration that is shown."""
    folders = {"watches": home.watches, "reports": home.reports, **_added_around(folder)}
    relative = {key: Path(os.path.relpath(path, folder)).as_posix() for key, path in folders.items()}
    relative["lake"] = home.lake.address or Path(os.path.relpath(home.lake_root, folder)).as_posix()
    lines = [f"{key} = {json.dumps(path)}" for key, path in relative.items()]
    text = "\n".join(["[folders]", *lines, "", "[demonstration]", f"at = {at.isoformat()}", ""])
    part = folder / f"{MARKER}.part"
    part.write_text(text, encoding="utf-8")
    part.replace(folder / MARKER)


def _added_around(folder: Path) -> dict[str, Path]:
    """Folders with what a user added to the workbench around the demonstration, so that it can be tried out there."""
    around = next((p for p in folder.parents if (p / MARKER).is_file()), None)
    if around is None:
        return {}
    own = Home.at(around)
    notebooks = {"notebooks": own.notebooks[0]} if own.notebooks[0] != type(own).notebooks[0] else {}
    playbooks = {"playbooks": own.playbooks[0]} if own.playbooks[0] != type(own).playbooks[0] else {}
    return {**notebooks, **playbooks, "indicators": own.indicators, "sources": own.sources}


class _Quiet(SimpleHTTPRequestHandler):
    """Serves the feed, and takes the notifications into a folder."""

    def do_POST(self) -> None:
        """Keep what was sent, as a war room's channel would."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        inbox = Path(self.directory) / "inbox"
        inbox.mkdir(exist_ok=True)
        (inbox / f"{len(list(inbox.iterdir())):04d}.json").write_bytes(body)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of requests."""


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The folder on a port of this machine, so that the feed is collected as a live one."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def against_truth(home: Home, watch: Watch, drill: Drill) -> list[str]:
    """Compare what a run found with the truth of a simulated incident.

    Parameters
    ----------
    home : Home
        The workbench with the results.
    watch : Watch
        The watch of the simulation; its language is used.
    drill : Drill
        The simulation and its truth.

    Returns
    -------
    list of str
        One line each for the first alert, alerts before the onset, kind, coordinated accounts and parents of posts.
    """
    truth, lake, words = drill.truth, home.lake, watch.language
    alerts = lake.read("ALERTS", watch=watch.watch, present=False).sort_values("made_at")
    raised = alerts[alerts["level"].map(rank) >= rank("yellow")]
    lines = []
    if truth.onset is not None:
        onset = pd.Timestamp(truth.onset)
        after, before = raised[raised["made_at"] >= onset], raised[raised["made_at"] < onset]
        if len(after):
            minutes = round((after["made_at"].iloc[0] - onset).total_seconds() / 60)
            lines.append(tr(FIRST, words, span=duration(60 * minutes).render(words), level=after["level"].iloc[0]))
        else:
            lines.append(tr(NEVER, words))
        blue = int(((alerts["made_at"] < onset) & (alerts["level"] == "blue")).sum())
        start = pd.Timestamp(drill.posts["created_at"][0].as_py())
        days = round((onset - start).total_seconds() / 86_400)
        lines.append(tr(BEFORE, words, n=len(before), blue=blue, days=days))
    incidents = lake.read("INCIDENTS", watch=watch.watch)
    result = ", ".join(sorted(set(incidents["kind"]))) or "–"
    lines.append(tr(KIND, words, found=result, true=truth.kind))
    groups = lake.read("GROUPS", watch=watch.watch)
    named = set(groups.loc[groups["grade"] != "weak", "account_id"])
    true = set(truth.coordinated)
    lines.append(tr(GROUP, words, right=len(named & true), true=len(true), wrong=len(named - true)))
    return [*lines, _parents(home, watch, drill)]


def _parents(home: Home, watch: Watch, drill: Drill) -> str:
    edges = home.lake.read("EDGES", watch=watch.watch)[["src", "dst"]].drop_duplicates("dst")
    known = drill.truth.posts.dropna(subset=["parent_id"])
    known = known[known["parent_id"] != ""]
    joined = known.merge(edges, left_on="post_id", right_on="dst", how="left")
    share = 100 * float((joined["src"] == joined["parent_id"]).mean()) if len(joined) else float("nan")
    return tr(EDGES, watch.language, share=round(share), n=len(known))
