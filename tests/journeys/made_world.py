"""A workbench in which seven exports were imported and run by the command line, for journeys to begin from."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.engine.home import Home
from crisislib.services.demonstration import demonstration_options, write_watch
from crisislib.simulation import Drill, simulate, write_exports
from crisislib.workbench.pages.address import Address
from crisislib.workbench.pages.page_views import Pages, View

POSTS = 1500
"""Enough for a level, an incident, stories and groups; a run takes a quarter of a minute."""


@dataclass(frozen=True)
class World:
    """A workbench with a crisis in it.

    Attributes
    ----------
    root : Path
        Its folder.
    drill : Drill
        What truly happened.
    files : list of Path
        The exports.
    said : str
        What the run printed.
    """

    root: Path
    drill: Drill
    files: list[Path]
    said: str

    @property
    def home(self) -> Home:
        """The workbench, half an hour after the last post."""
        last = self.drill.posts["created_at"].to_pandas().max()
        return replace(Home.at(self.root), moment=(last + timedelta(minutes=30)).to_pydatetime())

    def table(self, name: str) -> pd.DataFrame:
        """A table of the watch as it stands."""
        return self.home.lake.read(name, watch="tea")


@contextmanager
def standing_in(folder: Path) -> Iterator[None]:
    """Typed in a folder, with no other workbench named."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CRISIS_HOME", "CRISIS_LAKE", "CRISIS_WATCHES", "CRISIS_REPORTS"):
            patch.delenv(name, raising=False)
        patch.chdir(folder)
        yield


def tried(folder: Path, *words: str) -> Result:
    """A command, typed in a folder."""
    with standing_in(folder):
        return CliRunner().invoke(app, [*words])


def typed(folder: Path, *words: str) -> str:
    """What a command prints that must work."""
    done = tried(folder, *words)
    assert done.exit_code == 0, f"{words}: {done.output[-2000:]} {done.exception!r}"
    return done.output


def made(root: Path, *, seed: int = 3, language: str = "en", posts: int = POSTS) -> World:
    """The folder, laid out, filled and run."""
    (root / "data" / "watches").mkdir(parents=True)
    (root / "crisis.toml").touch()
    drill = simulate(seed, posts, kind="product_harm", watch="tea", language=language)
    write_watch(drill.watch, root / "data" / "watches")
    files = [file for file in write_exports(drill, root / "exports") if file.suffix == ".csv"]
    for file in files:
        import_again(root, file, "tea")
    return World(root, drill, files, typed(root, "run", "--watch", "tea", "--no-report", "--no-notify"))


def import_again(root: Path, file: Path, watch: str) -> str:
    """Import one export as a user would; what is printed."""
    options = [
        word for key, value in (demonstration_options(file.name) or {}).items() for word in ("-m", f"{key}={value}")
    ]
    return typed(root, "import", str(file), "--watch", watch, *options)


class Reader:
    """Somebody at the pages, who follows links."""

    def __init__(self, home: Home) -> None:
        self._home, self._seen = home, dict[str, View]()
        self.pages = Pages(lambda: self._home)

    def open(self, link: str) -> View:
        """The page behind an address, once."""
        if link not in self._seen:
            parts = urlsplit(link)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._seen[link] = self.pages.view(Address.parse(parts.path.strip("/"), query))
        return self._seen[link]

    def links(self, link: str) -> list[tuple[str, str]]:
        """Address and words of every link of a page that leads to another page."""
        found = re.findall(r'<a[^>]*href="(/[^"]*)"[^>]*>(.*?)</a>', self.open(link).html, re.DOTALL)
        return [(html.unescape(where), visible(words)) for where, words in found]


def visible(text: str) -> str:
    """What a reader sees of some HTML, drawings left out."""
    bare = re.sub(r"<(svg|style|script)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def first_number(text: str) -> int:
    """The first whole number of some words."""
    found = re.search(r"\d[\d,]*", text)
    assert found, text
    return int(found[0].replace(",", ""))


def local(moment: datetime, world: World) -> str:
    """An instant as a user types it in the watch's zone."""
    return f"{moment.astimezone(world.home.watch('tea').zone):%Y-%m-%dT%H:%M}"
