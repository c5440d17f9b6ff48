"""The charts library of report pages: made once beside the notebook, kept with the lake; here where that fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crisislib.report import chart_library as made


@pytest.mark.long
def test_it_is_made_beside_the_notebook_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "_bundle", lambda: pytest.fail("made in this process"))
    made.prepare_chart_library(tmp_path)
    script = made.chart_library(tmp_path)
    assert "vegaEmbed" in script
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("made twice"))
    made.prepare_chart_library(tmp_path)
    assert made.chart_library(tmp_path) == script
    assert [p.name for p in (tmp_path / "pages").iterdir()] == [made.chart_library_file(tmp_path).name]


def test_a_process_that_fails_costs_the_page_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "_bundle", lambda: "// charts")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    made.prepare_chart_library(tmp_path)
    assert made.chart_library(tmp_path) == "// charts"
