"""An import that is killed anywhere and started again gives the lake of one that was not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crisislib.lake import Lake

WATCH = "watch: acme\ntitle: {en: Acme}\nbrand: {names: [Acme]}\n"
ROWS = 60_000
"""Enough that reading and writing take longer than the start of the program."""
KILLS = 6
"""Imports that are killed: at the start, while reading, between the tables, and after them."""


def lake_rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """What the lake holds, without the times of writing."""
    lake = Lake(folder)
    posts, accounts, batches = (lake.read(name) for name in ("POSTS", "ACCOUNTS", "BATCHES"))
    return {
        "POSTS": sorted(zip(posts["post_id"], posts["text"], posts["batch_id"], strict=True)),
        "ACCOUNTS": sorted(zip(accounts["account_id"], accounts["batch_id"], strict=True)),
        "BATCHES": sorted(zip(batches["batch_id"], batches["n_kept"], batches["ok"], strict=True)),
    }


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_killed_anywhere_the_same_lake(tmp_path: Path) -> None:
    (tmp_path / "watches").mkdir()
    (tmp_path / "watches" / "acme.yml").write_text(WATCH, encoding="utf-8")
    export = tmp_path / "posts.csv"
    lines = (
        f"{i},2026-01-{1 + i % 28:02d} 10:00:00,user{i % 900},the cup number {i} broke,{i % 7}\n" for i in range(60_000)
    )
    export.write_text("id,created_at,author,text,likes\n" + "".join(lines), encoding="utf-8")

    def command(lake: str) -> list[str]:
        options = ["--watch", "acme", "--watches", str(tmp_path / "watches"), "--lake", str(tmp_path / lake)]
        return [sys.executable, "-m", "crisislib.cli", "import", str(export), *options]

    start = time.monotonic()
    subprocess.run(command("whole"), check=True, capture_output=True, env=os.environ)
    whole = time.monotonic() - start
    chance = random.Random(7)
    for turn in range(KILLS):
        with subprocess.Popen(command("killed"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(whole * (turn + chance.random()) / KILLS)
            process.kill()
    done = subprocess.run(command("killed"), check=True, capture_output=True, text=True, env=os.environ)
    assert "posts" in done.stdout
    assert lake_rows(tmp_path / "killed") == lake_rows(tmp_path / "whole")
