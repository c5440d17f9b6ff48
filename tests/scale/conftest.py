"""A bucket of one's own on a server on loopback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, str(HERE / "s3_server.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    server.communicate()  # its input ends, and so does it


@pytest.fixture
def s3_lake(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Address of an empty lake, with credentials in the environment."""
    bucket = f"lake-{uuid4().hex[:12]}"
    variables = {
        "AWS_ENDPOINT_URL": s3_endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert httpx.put(f"{s3_endpoint}/{bucket}").status_code == 200
    assert "AWS_PROFILE" not in os.environ
    return f"s3://{bucket}/crisis"
