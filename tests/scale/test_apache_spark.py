"""The same results on Apache Spark itself: its own server in local mode, which needs Java and the full package."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.lake_differences import differences
from crisislib import services
from crisislib.engine import Home
from tests.support.filled import DEMO_NOW

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::ResourceWarning"),
]
STARTS_WITHIN = 120
"""Seconds: a Java server on a machine at work."""


def submit_program() -> Path:
    """`spark-submit` of the installed package; skipped where there is only the client, or no Java."""
    found = find_spec("pyspark")
    program = Path(found.origin).parent / "bin" / "spark-submit" if found and found.origin else Path()
    if not program.is_file():
        pytest.skip("Apache Spark is not installed: pip install pyspark (the client alone has no server)")
    if shutil.which("java") is None:
        pytest.skip("no Java: apt-get install openjdk-17-jre-headless")
    return program


@pytest.fixture(scope="module")
def apache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server that was started for these tests."""
    program = submit_program()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
    }
    options = [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]
    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    paths = {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": os.pathsep.join(sys.path)}
    folder = tmp_path_factory.mktemp("spark")
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(
            [program, "--class", server, "--master", "local[2]", *options, "spark-internal"],
            env=os.environ | paths, cwd=folder, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait_for(port, running, folder / "log")
            yield f"sc://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(timeout=60)


def _wait_for(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and running.poll() is None:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")


def test_the_demonstration_is_equal_in_every_table(
    tmp_path: Path, apache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    services.demo(tmp_path / "local", posts=2000, now=DEMO_NOW)
    monkeypatch.setenv("SPARK_REMOTE", apache)
    services.demo(tmp_path / "spark", posts=2000, now=DEMO_NOW)
    assert Home.at(tmp_path / "spark").backend.name == "spark"
    assert not differences(*(Home.at(tmp_path / name).lake for name in ("local", "spark")))
