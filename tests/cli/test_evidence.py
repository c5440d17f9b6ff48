"""An evidence archive through the command line: what is held and nothing else, the same bytes twice, tampering seen."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.engine import Home
from tests.cli.test_team import refused, told
from tests.support.filled import NOW, fill, write_watch

Crisis = Callable[..., Result]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    fill(tmp_path / "lake")
    write_watch(tmp_path / "watches", language="en")
    monkeypatch.setenv("CRISIS_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("CRISIS_WATCHES", str(tmp_path / "watches"))
    return Home(tmp_path / "lake", tmp_path / "watches", tmp_path / "reports", moment=NOW)


def crisis(*words: str) -> Result:
    return CliRunner().invoke(app, [*words])


def seal(out: Path, *words: str) -> Result:
    return crisis("evidence", "--watch", "example", "--by", "Wu", "--out", str(out), *words)


def test_what_is_sealed_is_what_is_held_with_its_way_here(place: Home, tmp_path: Path) -> None:
    shot = tmp_path / "shot.png"
    shot.write_bytes(b"a picture")
    said = told(seal(tmp_path / "a.zip", "--attach", str(shot)))
    told(seal(tmp_path / "b.zip", "--attach", str(shot), "--by", "Li"))
    data = (tmp_path / "a.zip").read_bytes()
    assert data == (tmp_path / "b.zip").read_bytes(), "the same data give the same bytes"
    assert hashlib.sha256(data).hexdigest() in said
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        posts = [json.loads(line) for line in archive.read("posts.jsonl").decode().splitlines()]
        lines = archive.read("posts.jsonl").decode().splitlines()
        custody = list(csv.DictReader(io.StringIO(archive.read("custody.csv").decode())))
        assert archive.read("attachments/shot.png") == b"a picture"
        for line in archive.read("MANIFEST.sha256").decode().splitlines():
            digest, name = line.split("  ", 1)
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
    held = place.lake.read("POSTS", watch="example", present=False)
    assert posts and {one["post_id"] for one in posts} <= set(held["post_id"])
    assert len(custody) == len(posts)
    for row, line in zip(custody, lines, strict=True):
        assert row["line_sha256"] == hashlib.sha256(line.encode()).hexdigest()
    entries = place.lake.read("LOGBOOK", watch="example")
    assert set(entries["by"]) == {"Wu", "Li"} and set(entries["status"]) == {"sealed"}
    own = entries["entry_id"].iloc[0]
    told(crisis("log", "set", own, "--watch", "example", "--status", "handed_over", "--note", "police, receipt 7"))
    listed = told(crisis("log", "list", "--watch", "example", "--kind", "evidence"))
    assert hashlib.sha256(data).hexdigest() in "".join(listed.split()), "the hash stays where the note has changed"
    row = place.lake.read("LOGBOOK", watch="example").set_index("entry_id").loc[own]
    assert (row["status"], row["note"]) == ("handed_over", "police, receipt 7")


def test_an_archive_that_another_program_has_packed_is_checked_file_by_file(place: Home, tmp_path: Path) -> None:
    told(seal(tmp_path / "a.zip"))
    with zipfile.ZipFile(tmp_path / "a.zip") as sealed, zipfile.ZipFile(tmp_path / "b.zip", "w") as other:
        for name in sealed.namelist():
            data = sealed.read(name) + (b"x" if name == "posts.jsonl" else b"")
            other.writestr(name, data, compress_type=zipfile.ZIP_DEFLATED)
    result = crisis("evidence-check", str(tmp_path / "b.zip"))
    assert result.exit_code == 1 and "packed anew" in result.output and "posts.jsonl: changed" in result.output
    assert "posts.jsonl：已改动" in crisis("evidence-check", str(tmp_path / "b.zip"), "--language", "zh").output


def test_a_story_is_its_root_and_all_that_passed_it_on(place: Home, tmp_path: Path) -> None:
    edges = place.lake.read("EDGES", watch="example")
    root = str(edges["src"].value_counts().index[0])
    told(seal(tmp_path / "s.zip", "--story", root))
    with zipfile.ZipFile(tmp_path / "s.zip") as archive:
        ids = {json.loads(line)["post_id"] for line in archive.read("posts.jsonl").decode().splitlines()}
    assert ids >= {root, *edges.loc[edges["src"] == root, "dst"]}
    refused(seal(tmp_path / "n.zip", "--story", "weibo:not-there"), "no post fits")


@pytest.mark.long
@pytest.mark.parametrize("how", ["changed", "missing", "added"])
def test_tampering_is_seen(place: Home, tmp_path: Path, how: str) -> None:
    told(seal(tmp_path / "a.zip"))
    sealed = (tmp_path / "a.zip").read_bytes()
    digest = hashlib.sha256(sealed).hexdigest()
    shown = told(crisis("evidence-check", str(tmp_path / "a.zip")))
    assert "own list" in shown and digest in shown and "as it was sealed" not in shown
    assert "as it was sealed" in told(crisis("evidence-check", str(tmp_path / "a.zip"), "--sha256", digest))
    other = crisis("evidence-check", str(tmp_path / "a.zip"), "--sha256", "0" * 64)
    assert other.exit_code == 1 and "another one" in other.output
    (tmp_path / "longer.zip").write_bytes(sealed + b"x")
    longer = crisis("evidence-check", str(tmp_path / "longer.zip"))
    assert longer.exit_code == 1 and "bytes added after its end" in longer.output
    with zipfile.ZipFile(tmp_path / "a.zip") as old, zipfile.ZipFile(tmp_path / "t.zip", "w") as new:
        for name in old.namelist():
            if not (how == "missing" and name == "custody.csv"):
                new.writestr(name, old.read(name) + (b" " if how == "changed" and name == "posts.jsonl" else b""))
        if how == "added":
            new.writestr("more.txt", "x")
    result = crisis("evidence-check", str(tmp_path / "t.zip"))
    assert result.exit_code == 1 and how in result.output
    (tmp_path / "no.zip").write_text("x", encoding="utf-8")
    refused(crisis("evidence-check", str(tmp_path / "no.zip")), "no evidence archive")
