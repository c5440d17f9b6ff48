"""The same results on Spark: labels and the reading of signals run on a Spark Connect server (Sail, without Java)."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import narwhals as nw
import pyarrow as pa
import pytest

from benchmarks.lake_differences import differences
from crisislib import services
from crisislib.core.errors import HomeError
from crisislib.engine import Home
from crisislib.engine.backend import open_backend
from crisislib.engine.text_labelling import packed, unpacked
from crisislib.lake import Lake
from tests.lake.helpers import T0, posts
from tests.support.filled import DEMO_NOW

NOW = DEMO_NOW


@pytest.fixture(scope="module")
def sail() -> Iterator[str]:
    spark = pytest.importorskip("pysail.spark", reason="pysail is not installed: no Spark Connect server to test with")
    pytest.importorskip("pyspark.sql.connect", reason="the client of Spark is not installed (crisislib[spark])")
    server = spark.SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    yield f"sc://127.0.0.1:{server.listening_address[1]}"
    logging.getLogger("pyspark").setLevel(logging.CRITICAL)
    server.stop()


@pytest.fixture
def spark(sail: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SPARK_REMOTE", sail)
    return sail


pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::ResourceWarning")


def test_tables_are_read_alike(tmp_path: Path, spark: str) -> None:
    lake, engine = Lake(tmp_path / "lake"), Home.here(root=tmp_path).backend
    assert engine.name == "spark"
    assert engine.scan(lake, "POSTS").collect("pyarrow").shape[0] == 0
    for likes in (1, 2):
        lake.append("POSTS", posts(50, likes=likes, seen=likes))
    since = (T0 + timedelta(hours=5)).to_pydatetime()
    for choice in ({}, {"present": False}, {"watch": "w", "since": since}, {"watch": "none"}):
        day = nw.col("created_at").dt.truncate("1d")
        rows = [
            one.group_by(day).agg(n=nw.len(), likes=nw.col("n_likes").sum()).sort("created_at").collect("pyarrow")
            for one in (engine.scan(lake, "POSTS", **choice), lake.scan("POSTS", **choice))
        ]
        assert rows[0].to_native().to_pylist() == rows[1].to_native().to_pylist(), choice


def test_a_function_runs_there_on_batches(tmp_path: Path, spark: str) -> None:
    rows = pa.table({"n": pa.array(range(50_000), pa.int64())})

    def doubled(part: pa.Table) -> pa.Table:
        return pa.table({"n": pa.compute.multiply(part["n"], 2)})

    got = Home.here(root=tmp_path).backend.map_batches(rows, doubled, rows.schema)
    assert sorted(got["n"].to_pylist()) == list(range(0, 100_000, 2))


@pytest.mark.slow
def test_the_demonstration_is_equal_in_every_table(tmp_path: Path, sail: str, monkeypatch: pytest.MonkeyPatch) -> None:
    services.demo(tmp_path / "local", posts=2000, now=NOW)
    monkeypatch.setenv("SPARK_REMOTE", sail)
    services.demo(tmp_path / "spark", posts=2000, now=NOW)
    assert Home.at(tmp_path / "spark").backend.name == "spark"  # else this machine is compared with itself
    assert not differences(*(Home.at(tmp_path / name).lake for name in ("local", "spark")))


# -- without a server ------------------------------------------------------------------------------


def test_the_engine_is_a_line_in_the_marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    marker = tmp_path / "crisis.toml"
    marker.write_text("", encoding="utf-8")
    assert Home.at(tmp_path).engine_name == "local" and Home.at(tmp_path).backend.name == "local"
    marker.write_text('engine = "spark"\n', encoding="utf-8")
    assert Home.at(tmp_path).engine_name == "spark"
    with pytest.raises(HomeError) as told:
        _ = Home.at(tmp_path).backend
    assert "crisislib[spark]" in told.value.do or "SPARK_REMOTE" in told.value.do
    marker.write_text('engine = "hadoop"\n', encoding="utf-8")
    with pytest.raises(HomeError, match="hadoop"):
        Home.at(tmp_path)


def test_a_missing_client_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql.connect", None)
    monkeypatch.setitem(__import__("sys").modules, "pyspark", None)
    with pytest.raises(HomeError, match="not installed") as told:
        open_backend("spark")
    assert "crisislib[spark]" in told.value.do


def test_taught_models_go_along(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.safetensors").write_bytes(b"weights")
    there = unpacked(packed(tmp_path / "text"))
    assert packed(there) == packed(tmp_path / "text") and unpacked(packed(there)) == there
    assert unpacked({}).is_dir() and not packed(unpacked({}))
