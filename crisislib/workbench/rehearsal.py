"""From export files to a brief, step by step, on a simulated incident in a folder of its own: the tutorial's pieces."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import pandas as pd

from crisislib import engine, services
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch
from crisislib.simulation import simulate
from crisislib.simulation.made_exports import write_exports
from crisislib.workbench.display import Fragment, table
from crisislib.workbench.page_frame import page_style
from crisislib.workbench.workbench import Workbench

POSTS = 2_000
"""Posts of the incident: enough for claims, groups and a forecast, and imported and run within a minute."""
AFTER = timedelta(hours=8)
"""How long after the statement it is run: its effect shows, and the plan is not done yet."""
FILES = N_("{n} export files of simulated listening tools and crawlers lie in {folder}.")
FILE, SIZE = N_("File"), N_("kB")


class Rehearsal:
    """A simulated incident that is imported and run, one step a cell.

    Parameters
    ----------
    language : {"zh", "en"}
        Of the posts, of the watch and of what is shown.
    folder : str
        Where everything goes; a temporary folder when empty.
    seed : int
        The same seed gives the same incident.
    """

    def __init__(self, language: str = "en", *, folder: str = "", seed: int = 0) -> None:
        root = Path(folder) if folder else Path(tempfile.mkdtemp(prefix="crisis-tutorial-"))
        self.language = language
        self.home = engine.Home.at(root)
        drill = simulate(seed, POSTS, watch="tutorial", language=language)
        self.watch: Watch = drill.watch
        self.exports = [file for file in write_exports(drill, root / "exports") if file.suffix == ".csv"]
        self._responses, stated = drill.responses, drill.truth.statement_at
        self._until = None if stated is None else stated + AFTER

    def files(self) -> Fragment:
        """The export files, as listening tools and crawlers write them."""
        rows = pd.DataFrame(
            {"file": [f.name for f in self.exports], "kb": [f.stat().st_size // 1000 for f in self.exports]}
        )
        words = tr(FILES, self.language, n=len(rows), folder=str(self.exports[0].parent))
        heads = {"file": tr(FILE, self.language), "kb": tr(SIZE, self.language)}
        return Fragment(f"{page_style()}<p>{escape(words)}</p>{table(rows, heads)}", words)

    def load(self) -> Fragment:
        """Import the files: layouts are recognised, posts go into the lake, and every rejected row keeps its reason."""
        lines = []
        for file in self.exports:
            mapping = services.demonstration_options(file.name)
            imported = engine.import_files(self.home, self.watch, [file], mapping=mapping, now=datetime.now(UTC))
            lines += [one.sentence() for one in imported]
        self.home.lake.append("RESPONSES", self._responses)
        return Fragment("".join(_as_list(one) for one in lines), "\n".join(lines))

    def run(self) -> Fragment:
        """Label, trace, measure, decide, assess and plan: what `crisis run` does, without its report."""
        result = services.run(
            self.home, self.watch, until=self._until, now=datetime.now(UTC), report=False, notify=False
        )
        words = result.headline()
        findings = [one.render(self.language) for one in result.leading(3)]
        listed = "".join(f"<li>{escape(line)}</li>" for line in findings)
        return Fragment(f"<p><b>{escape(words)}</b></p><ol>{listed}</ol>", "\n".join([words, *findings]))

    def workbench(self) -> Workbench:
        """The workbench over what was run, read as at the end of the posts."""
        newest = self.home.lake.sql("RUNS", watch=self.watch.watch).aggregate("max(judged_until)").fetchall()[0][0]
        return Workbench.of(self.home, self.watch, now=newest, until=newest, language=self.language)


def _as_list(sentence: str) -> str:
    """What was imported from a file: the first line, and the others below it."""
    first, *rest = (escape(line.strip()) for line in sentence.splitlines() if line.strip())
    more = "".join(f"<li>{line}</li>" for line in rest)
    return f"<p><b>{first}</b></p>" + (f"<ul>{more}</ul>" if more else "")
