"""Layouts of the user's own: tried first, left out with a word where they are wrong, read when they are needed."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crisislib.collect import LAYOUTS, layouts_of, read_export
from crisislib.collect.importing.export_folder import fetch
from crisislib.core.errors import LayoutError
from crisislib.core.watch_sections import SourceUse
from tests.collect.helpers import NOW, watch

OURS = """\
layout: {name}
title: {{en: Ours, zh: 自用}}
about: The export of our own tool.
fingerprint: [[Ref, Posted, Body]]
platform: {{default: ours}}
kind: {{default: post}}
timezone: UTC
columns: {{id: Ref, created: Posted, text: Body}}
"""
EXPORT = "Ref,Posted,Body\n1,2026-01-01 10:00,Acme is late\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "ours.yml").write_text(OURS.format(name="ours"), encoding="utf-8")
    (tmp_path / "export.csv").write_text(EXPORT, encoding="utf-8")
    return tmp_path / "layouts"


def read(folder: Path, **more: object):
    return read_export(folder.parent / "export.csv", watch(), folders=[folder], now=NOW, **more)


def test_an_own_layout_reads_an_own_export(folder: Path) -> None:
    assert read_export(folder.parent / "export.csv", watch(), now=NOW).record["layout"].to_pylist() == ["generic"]
    batch = read(folder)
    assert batch.record["layout"].to_pylist() == ["ours"]
    assert batch.posts["platform"].to_pylist() == ["ours"] and list(batch.warnings) == []


def test_it_comes_before_a_shipped_one_that_fits_too(folder: Path) -> None:
    (folder / "own-qut.yml").write_text(
        OURS.format(name="own-qut").replace("[Ref, Posted, Body]", "[message_id]").replace("id: Ref, created: Posted, "
        "text: Body", "id: message_id, created: timestamp, text: message"), encoding="utf-8"
    )  # fmt: skip
    sample = Path(__file__).parent / "samples" / "qut.csv"
    assert read_export(sample, watch(), now=NOW).record["layout"].to_pylist() == ["qut"]
    assert read_export(sample, watch(), folders=[folder], now=NOW).record["layout"].to_pylist() == ["own-qut"]


def test_one_of_a_shipped_name_stands_in_its_place(folder: Path) -> None:
    (folder / "qut.yml").write_text(OURS.format(name="qut"), encoding="utf-8")
    known = layouts_of([folder])
    assert known["qut"].title["en"] == "Ours" and known.own == {"ours", "qut"} and len(known) == len(LAYOUTS) + 1
    assert known.origin["qut"] == folder / "qut.yml" and LAYOUTS["qut"].title["en"] != "Ours"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("layout: broken\ntitle: {en: x}\nabout: y\nfingerprnt: []\n", "line 4: fingerprnt"),
        (OURS.format(name="other"), "broken"),
        ("{a: [", "YAML"),
        (OURS.format(name="broken").replace("text: Body", "text: {columns: ['/(/']}"), "line 8"),
    ],
)
def test_a_wrong_file_is_left_out_with_a_word_and_hides_no_other(folder: Path, text: str, said: str) -> None:
    (folder / "broken.yml").write_text(text, encoding="utf-8")
    known = layouts_of([folder])
    assert set(known) == {*LAYOUTS, "ours"}
    (fault,) = known.faults
    assert said in fault.what and fault.where == str(folder / "broken.yml") and fault.do
    batch = read(folder)
    assert batch.posts.num_rows == 1 and "broken.yml" in batch.warnings[0] and said in batch.warnings[0]
    with pytest.raises(LayoutError, match="broken"):
        read(folder, layout="broken")


def test_an_inbox_reads_with_own_layouts(folder: Path) -> None:
    options = {"path": str(folder.parent), "layouts": [str(folder)], "settle_s": 0}
    later = datetime.now(UTC) + timedelta(minutes=1)
    batch, _ = fetch(SourceUse(source="folder", options=options), watch(), state={}, now=later)
    assert batch.posts.num_rows == 1


def test_importing_the_room_reads_no_layout() -> None:
    code = "import crisislib.collect as c; assert '_read' not in vars(c.LAYOUTS); assert len(c.LAYOUTS) > 40"
    subprocess.run([sys.executable, "-c", code], check=True)
