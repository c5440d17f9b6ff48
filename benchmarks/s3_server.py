"""An S3-speaking server in a process of its own: within this one, its threads and ours would wait for each other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


@contextmanager
def s3_server() -> Iterator[str]:
    """Start it; its address, until the context ends."""
    server = subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    assert server.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.communicate()  # its input ends, and so does it


def bucket(address: str, name: str) -> dict[str, str]:
    """Make a bucket; the variables of the environment with which a lake in it is opened."""
    httpx.put(f"{address}/{name}").raise_for_status()
    return {"AWS_ENDPOINT_URL": address, **CREDENTIALS}


def main() -> None:
    """Serve on a free port, which is printed, until the input ends."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    sys.stdout.write(f"{server.get_host_and_port()[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
