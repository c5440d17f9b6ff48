"""The newcomer's first five minutes: the demonstration, then every line that it says to type next."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.typing import SERVERS, TOKEN, environment, next_lines, serving, type_in
from tests.support.browser import chromium, seen

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
CRISIS = f"{sys.executable} -m crisislib.cli"
ENV = environment(PYTHONPATH=str(ROOT))
PATIENCE_MS = 120_000
PAGES = ("situation", "incident", "spread", "response")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one's own, as `crisis init` leaves it."""
    folder = tmp_path_factory.mktemp("newcomer")
    type_in(folder, f"{CRISIS} init room", ENV)
    return folder / "room"


@pytest.fixture(scope="module")
def told(room: Path) -> str:
    """What a small demonstration prints."""
    return type_in(room, f"{CRISIS} demo --posts 600", ENV)


def test_it_leaves_the_own_lake_alone_and_says_five_lines(room: Path, told: str) -> None:
    lines = next_lines(told)
    assert len(lines) == 5 and [line.split()[3] for line in lines] == [
        "dashboards",
        "lab",
        "report",
        "refutation",
        "init",
    ]
    assert not (room / "data" / "lake").exists() and (room / "data" / "demo" / "crisis.toml").is_file()
    assert "Go on with" in told, "in the language of the machine"


def test_every_line_works_when_it_is_typed(room: Path, told: str) -> None:
    for line in next_lines(told):
        if line.split()[-1] in SERVERS:
            continue  # looked at below
        said = type_in(room, line, ENV)
        if " report " in line:
            page = (room / said.strip()).read_text(encoding="utf-8")
            assert "This is the demonstration" in page and "Traceback" not in page


def test_lab_opens_the_notebooks(room: Path, told: str) -> None:
    line = next(line for line in next_lines(told) if line.endswith(" lab"))
    with serving(room, line, ENV) as address:
        found = httpx.get(f"{address}/api/contents/notebooks?token={TOKEN}", timeout=60, trust_env=False)
        assert {one["name"] for one in found.json()["content"]} >= {"brief.ipynb", "risk.ipynb"}


@pytest.fixture(scope="module")
def address(room: Path, told: str) -> Iterator[str]:
    line = next(line for line in next_lines(told) if line.endswith(" dashboards"))
    with serving(room, line, ENV) as where:
        yield where


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_every_dashboard_opens_on_it_in_english(address: str, name: str, width: int) -> None:
    with chromium() as browser:
        view = seen(browser, width=width)
        view.page.set_default_timeout(PATIENCE_MS)
        view.page.goto(f"{address}/voila/render/{name}.ipynb", wait_until="commit")
        view.page.wait_for_selector(".vega-embed canvas, .vega-embed svg")
        text = view.page.locator("body").inner_text()
        assert "This is the demonstration" in text and "Luvaya" in text and "could not be drawn" not in text
        assert view.errors == [] and view.outside == []
        assert view.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "no sideways page"
        view.page.close()


def test_a_second_demonstration_in_chinese_is_the_one_that_is_shown(room: Path, told: str) -> None:
    said = type_in(room / "notebooks", f"{CRISIS} demo --posts 600 --language zh", ENV)
    assert "接下来" in said and "与已知真相对照" in said
    assert "-zh" in (room / "data" / "demo" / "crisis.toml").read_text(encoding="utf-8")


def test_then_the_own_data_are_shown(room: Path, told: str) -> None:
    """An export put into the inbox of the example watch: collect, run, report, from a folder below."""
    rows = "\n".join(f"2026-03-0{1 + i % 7} 10:{i % 60:02d},Example is late {i}" for i in range(60))
    (room / "data" / "inbox" / "mine.csv").write_text(f"date,text\n{rows}\n", encoding="utf-8")
    type_in(room, "touch -d '1 minute ago' data/inbox/mine.csv", ENV)
    below = room / "notebooks"
    assert "60 posts added" in type_in(below, f"{CRISIS} collect --watch example", ENV)
    assert "60 posts from" in type_in(below, f"{CRISIS} run --watch example", ENV)
    code = "import crisislib.workbench as w; print(w.Workbench.open().heading('brief'))"
    shown = type_in(below, f"{sys.executable} -c {shlex.quote(code)}", ENV)
    assert "Example" in shown and "demonstration" not in shown
    page = below / type_in(below, f"{CRISIS} report brief --watch demo", ENV).strip()
    assert re.search(r"Luvaya|鹿芽", page.read_text(encoding="utf-8")), (
        "the demonstration stays there for who asks for it"
    )
