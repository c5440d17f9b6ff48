"""The installed wheel: built, put elsewhere; all that a folder of one's own says to type works from there."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.typing import SERVERS, environment, next_lines, serving, type_in

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the wheel of this tree is installed into."""
    pytest.importorskip("hatchling", reason="the build back end is not installed")
    place = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(place / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (place / "dist").glob("*.whl")
    install = [*pip, "install", "--no-deps", "--no-index", "--target", str(place / "site"), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    return place / "site"


def test_a_newcomer_with_nothing_but_the_wheel(installed: Path, tmp_path: Path) -> None:
    env = environment(PYTHONPATH=str(installed))
    crisis = shlex.quote(str(installed / "bin" / "crisis"))
    where = type_in(tmp_path, f"{sys.executable} -c 'import crisislib; print(crisislib.__file__)'", env)
    assert where.startswith(str(installed)), "not the checkout's copy"
    told = type_in(tmp_path, f"{crisis} init 'my room'", env)
    lines = next_lines(told)
    assert lines[0] == "cd 'my room'"
    room = tmp_path / "my room"
    assert (room / "notebooks" / "brief.ipynb").is_file()
    for line in lines[1:]:
        if line.split()[-1] in SERVERS:
            with serving(room, line, env):
                continue
        said = type_in(room, f"{line} --posts 600" if line.endswith(" demo") else line, env)
        if line.endswith(" demo"):
            assert str(room / "reports") not in said and "reports/demo/" in said
            for following in next_lines(said):
                if following.split()[-1] not in SERVERS:
                    type_in(room, following, env)


def test_without_a_folder_of_ones_own_it_works_where_it_is_typed(installed: Path, tmp_path: Path) -> None:
    env = environment(PYTHONPATH=str(installed))
    crisis = shlex.quote(str(installed / "bin" / "crisis"))
    assert "shipped layouts" in type_in(tmp_path, f"{crisis} check", env)
    refused = subprocess.run(["bash", "-c", f"{crisis} lab"], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert refused.returncode == 2 and "crisis init" in refused.stderr
