"""Type what is printed, as a person would: in a shell, in a folder, and look at what a server serves."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

PATIENCE_S = 300
SERVERS = ("dashboards", "lab")
TOKEN = "journey"


def environment(**more: str) -> dict[str, str]:
    """That of a person who has set nothing: English, no folders."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("CRISIS_", "LC_")) and k != "LANGUAGE"}
    return {**bare, "LANG": "en_US.UTF-8", "OMP_NUM_THREADS": "1", "COLUMNS": "200", "JUPYTER_TOKEN": TOKEN, **more}


def type_in(folder: Path, line: str, env: Mapping[str, str]) -> str:
    """What a command prints; it must end well."""
    ran = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=dict(env), capture_output=True, text=True, timeout=2 * PATIENCE_S
    )
    assert ran.returncode == 0, f"$ {line} (ended with {ran.returncode})\n{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}"
    return ran.stdout


def next_lines(told: str) -> list[str]:
    """The commands under `Go on with`."""
    below = told.split("Go on with\n")[1]
    return [re.split(r"\s{3,}", line.strip())[0] for line in below.splitlines() if line.strip()]


def free_port() -> int:
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextmanager
def serving(folder: Path, line: str, env: Mapping[str, str]) -> Iterator[str]:
    """The address of a server that a command starts; it is stopped at the end."""
    port = free_port()
    quiet = " --no-browser" if line.split()[-1] == "lab" else ""
    log = (folder / "server.log").open("w+")
    server = subprocess.Popen(
        ["bash", "-c", f"exec {line} --port {port}{quiet}"],
        cwd=folder, env=dict(env), stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        for _ in range(PATIENCE_S):
            assert server.poll() is None, (folder / "server.log").read_text()[-3000:]
            with closing(socket.socket()) as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(1)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=60)
        log.close()
