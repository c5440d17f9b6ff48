"""A running Voila over a filled lake, as `crisis dashboards` starts it."""

from __future__ import annotations

import socket
import subprocess
import time
from contextlib import closing, contextmanager

import httpx
import pytest

from crisislib.engine import Home
from crisislib.services.dashboards_access import Access
from crisislib.services.dashboards_server import voila_command, voila_environment
from tests.support.browser import chromium
from tests.support.filled import NOW, fill, write_watch

OWN = Access(open_role="responder", open_name="Li")
"""As on one's own machine."""


def free_port() -> int:
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextmanager
def voila(home, *, pool: int = 0, labels: bool = False, most: int = 20, access: Access | None = None):
    """Address of a running Voila; it is stopped at the end."""
    port = free_port()
    place = Home(home / "lake", home / "watches", home / "reports")
    env = {
        **voila_environment(place, labels=labels, access=access or OWN),
        "CRISIS_NOW": NOW.isoformat(),
        "OMP_NUM_THREADS": "1",
    }
    command = voila_command(place, host="127.0.0.1", port=port, pool=pool, labels=labels, most=most)
    log = (home / "voila.log").open("w")
    server = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(240):
            if server.poll() is not None:
                pytest.fail(f"Voila ended: {(home / 'voila.log').read_text()[-2000:]}")
            try:
                httpx.get(address, timeout=2, trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    root = tmp_path_factory.mktemp("dashboards")
    fill(root / "lake")
    write_watch(root / "watches")
    write_watch(root / "watches", "nothing", "en")
    return root


@pytest.fixture(scope="session")
def address(home):
    with voila(home) as where:
        yield where


@pytest.fixture(scope="session")
def browser():
    with chromium() as held:
        yield held
