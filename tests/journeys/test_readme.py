"""What the READMEs tell a reader to type on their own data, typed line by line."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.journeys.typing import environment, serving, type_in

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
ENV = environment(PYTHONPATH=str(ROOT))


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_on_your_own_data(readme: str, tmp_path: Path) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    block = next(b for b in re.findall(r"```\n(.*?)```", text, re.S) if "crisis import" in b)
    lines = [re.split(r"\s+#", line)[0] for line in block.splitlines() if line.strip()]
    assert [line.split()[1] for line in lines] == ["init", "import", "run", "report", "dashboards"]
    here = tmp_path
    for line in lines:
        first, _, after = line.partition(" && cd ")
        if " import " in line:
            for name in re.findall(r"\S+\.csv", line):
                rows = "\n".join(f"2026-03-0{1 + i % 7} 1{i % 3}:0{i % 9},Example is late {i}" for i in range(20))
                (here / name).write_text(f"date,text\n{rows}\n", encoding="utf-8")
            # The second export stands for any other; one file is enough to read.
            first = re.sub(r"\s\S+\.xlsx", "", first)
        command = f"{sys.executable} -m crisislib.cli {first.removeprefix('crisis ')}"
        if first.endswith("dashboards"):
            with serving(here, command, ENV):
                continue
        type_in(here, command, ENV)
        here = here / after if after else here
    assert list((here / "reports" / "example").glob("*/brief.html"))


def test_every_target_that_is_named_is_there() -> None:
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for readme in ("README.md", "README.zh.md"):
        named = set(re.findall(r"make ([a-z][a-z-]*)", (ROOT / readme).read_text(encoding="utf-8")))
        assert named and named <= made
