"""A bucket of one's own on a server on loopback."""

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest

from benchmarks.s3_server import bucket, s3_server


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    pytest.importorskip("moto.server", reason="moto is not installed: no S3-speaking server to test with")
    with s3_server() as address:
        yield address


@pytest.fixture
def s3_lake(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Address of an empty lake, with credentials in the environment."""
    name = f"lake-{uuid4().hex[:12]}"
    for variable, value in bucket(s3_endpoint, name).items():
        monkeypatch.setenv(variable, value)
    assert "AWS_PROFILE" not in os.environ
    return f"s3://{name}/crisis"
