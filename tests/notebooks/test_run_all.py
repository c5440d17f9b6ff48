"""Run All of every notebook, in a real kernel, as JupyterLab starts it: in the notebook's folder, or at the root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from crisislib.services import create_workspace
from tests.support.filled import demonstrate, fill, write_watch

SHIPPED = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.stem for path in SHIPPED.glob("*.ipynb"))
PLACES = ("notebooks", ".")
"""Where a kernel starts: JupyterLab starts it in the notebook's folder, other tools at the root."""
LONELY = {k: v for k, v in os.environ.items() if not k.startswith("CRISIS_")} | {
    "LANG": "en_US.UTF-8", "LC_ALL": "en_US.UTF-8", "OMP_NUM_THREADS": "1",
    "PYTHONPATH": str(SHIPPED.parent),
}  # fmt: skip


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder with a demonstration and nothing in its own lake."""
    root = tmp_path_factory.mktemp("notebooks") / "room"
    create_workspace(root)
    demonstrate(root)
    return root


@pytest.fixture(scope="module")
def kernel():
    """One warm kernel for all: most of a notebook's time is its imports."""
    manager, client = start_new_kernel(env=LONELY)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run_all(kernel, notebook: Path, folder: Path) -> str:
    """Run every cell as it stands; what it showed, as text."""
    manager, client = kernel
    client.execute_interactive(f"%reset -f\nimport os\nos.chdir({str(folder)!r})", timeout=60, output_hook=lambda _: None)
    book = nbformat.read(notebook, 4)
    runner = NotebookClient(book, km=manager, timeout=300)
    runner.kc = client
    runner.execute(reset_kc=False)
    shown = [o for cell in book.cells for o in cell.get("outputs", [])]
    assert not [o for o in shown if o.output_type == "error"]
    return "\n".join(o.data.get("text/html", "") for o in shown if "data" in o)


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES)
def test_the_brief_opens_on_the_demonstration_wherever_the_kernel_starts(room: Path, kernel, place: str) -> None:
    said = run_all(kernel, room / "notebooks" / "brief.ipynb", room / place)
    assert "This is the demonstration" in said and "Example brand demo" in said
    assert "300 posts from 1 source," in said, "on the window where the data are, not months later"
    assert "2026-03-08 20:00" in said, "read at the moment at which its clock stands"


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", NAMES)
def test_run_all(room: Path, kernel, name: str, place: str) -> None:
    said = run_all(kernel, room / "notebooks" / f"{name}.ipynb", room / place)
    assert "This is the demonstration" in said and "There is no data" not in said


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_jupyters_own_way(room: Path, name: str, tmp_path: Path) -> None:
    """A kernel of its own, in the notebook's folder."""
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "--output-dir", str(tmp_path)]
    ran = subprocess.run(
        [*command, str(room / "notebooks" / f"{name}.ipynb")], cwd=room.parent, env=LONELY, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert "This is the demonstration" in (tmp_path / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_shipped_notebooks_find_the_checkout(kernel, tmp_path: Path) -> None:
    """Opened where they lie in a clone, with a clone's sample watches and an empty lake."""
    clone = tmp_path / "clone"
    shutil.copytree(SHIPPED, clone / "notebooks")
    shutil.copytree(SHIPPED.parent / "data" / "watches", clone / "data" / "watches")
    said = run_all(kernel, clone / "notebooks" / "brief.ipynb", clone / "notebooks")
    assert "There is no data" in said, "without a demonstration it opens all the same, and says so"
    demonstrate(clone)
    assert "This is the demonstration" in run_all(kernel, clone / "notebooks" / "brief.ipynb", clone / "notebooks")


@pytest.mark.slow
def test_own_posts_are_shown_as_soon_as_there_are_any(kernel, tmp_path: Path) -> None:
    create_workspace(tmp_path)
    demonstrate(tmp_path)
    write_watch(tmp_path / "watches", "acme", "zh")
    fill(tmp_path / "data" / "lake", watch="acme", n=120)
    said = run_all(kernel, tmp_path / "notebooks" / "collection.ipynb", tmp_path / "notebooks")
    assert "示例品牌 acme" in said and "120" in said and "demonstration" not in said
