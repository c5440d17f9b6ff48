"""A report: whole, offline, honest, repeatable."""

from __future__ import annotations

import json
import os
import re
from types import SimpleNamespace

import nbformat
import pytest

from crisislib import report
from crisislib.core.errors import ReportError
from crisislib.lake import Lake
from crisislib.report.kernels import POOL, Pool, Spare
from tests.support.filled import NOW, posts

pytestmark = pytest.mark.long


def manifest(result) -> dict:
    return json.loads(result.manifest.read_text(encoding="utf-8"))


def test_a_report_leaves_notebook_page_and_manifest(brief):
    assert brief.ok
    assert sorted(p.name for p in brief.folder.iterdir()) == ["brief.eml", "brief.html", "brief.ipynb", "manifest.json"]
    assert re.fullmatch(r"20260308T120000Z(-\d+)?", brief.folder.name)
    assert not list(brief.folder.parent.glob(".report-*"))


def test_the_manifest_says_what_it_was_made_from(brief):
    held = manifest(brief)
    assert held["data"]["POSTS"] == 0 and held["rows"]["POSTS"] == 1200
    assert {s["source"]: s["state"] for s in held["sources"]} == {"newsroom": "ok", "forum feed": "failed"}
    assert held["ok"] and held["error"] == "" and held["seconds"] > 0
    assert held["parameters"] == {"watch": "example"}
    assert "lake" not in json.dumps(held["parameters"])


def test_the_page_fetches_nothing_and_runs_only_its_own_script(brief):
    text = brief.html.read_text(encoding="utf-8")
    assert not re.search(r"""<(script|img|iframe|link)[^>]*\s(src|href)\s*=\s*["']?(https?:)?//""", text)
    assert "Content-Security-Policy" in text and "default-src 'none'" in text and "'sha256-" in text
    assert "unsafe-eval" not in text
    assert text.count("window.vegaEmbed") <= 2 and text.count('class="chart"') >= 3


def test_the_page_is_in_the_language_of_the_watch_with_no_code(brief):
    text = brief.html.read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in text and "紧急简报" in text and "数据健康状况" not in text.split("cw-health")[0]
    assert "Workbench.open" not in text and "bench." not in text


def test_hostile_posts_stay_words(brief):
    text = brief.html.read_text(encoding="utf-8")
    assert "<script>window.hacked" not in text and "onerror=window" not in text.replace(
        "&lt;img src=x onerror=window", ""
    )
    assert 'href="javascript:' not in text
    assert "private name" not in text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"incidnet": "x"}, "incident: str"),
        ({"language": 3}, "language: str"),
    ],
)
def test_a_wrong_parameter_is_an_error_that_names_the_right_ones(make, home, given, said):
    before = sorted((home / "reports").rglob("*"))
    with pytest.raises(ReportError) as fault:
        make(params=given)
    assert said in fault.value.do
    assert sorted((home / "reports").rglob("*")) == before


def test_words_are_read_as_the_declared_type(make, tmp_path):
    allowed = report.declared(report.find("warning"))
    from crisislib.report.parameters import checked

    assert checked({"most": "7"}, allowed, where="x") == {"most": 7}
    with pytest.raises(ReportError, match="is not int"):
        checked({"most": "many"}, allowed, where="x")


def test_an_unknown_notebook_is_an_error_that_names_the_known_ones(make):
    with pytest.raises(ReportError, match="no notebook") as fault:
        make("breif")
    assert "brief" in fault.value.do


def broken(tmp_path, source: str):
    cells = [nbformat.v4.new_code_cell('watch: str = ""', metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(line) for line in ("print('before')", source, "print('after')")]
    path = tmp_path / "broken.ipynb"
    book = nbformat.v4.new_notebook(cells=cells)
    book.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(book, path)
    return path


def test_a_failed_run_keeps_the_notebook_and_says_so(make, home, tmp_path):
    with pytest.raises(ReportError, match="ZeroDivisionError") as fault:
        make(broken(tmp_path, "1 / 0  # <b>"), "broken")
    (folder,) = (home / "reports" / "broken").iterdir()
    assert fault.value.where.startswith(str(folder))
    page = (folder / "broken.html").read_text(encoding="utf-8")
    assert "ZeroDivisionError" in page and "This report failed" in page and "<b>" not in page
    assert "<pre>before" in page and "<pre>after" not in page
    assert json.loads((folder / "manifest.json").read_text())["ok"] is False
    assert any(
        o.output_type == "error" for c in nbformat.read(folder / "broken.ipynb", 4).cells for o in c.get("outputs", [])
    )


def test_a_kernel_that_does_not_answer_is_stopped_and_not_left_behind():
    stopped = []

    class Silent(Spare):
        def stop(self) -> None:
            stopped.append(self.client)

    async def never(timeout: float) -> None:
        raise RuntimeError("no answer")

    pool, client = Pool(), SimpleNamespace(wait_for_ready=never)
    pool._spare = Silent(SimpleNamespace(), client)
    with pytest.raises(RuntimeError, match="no answer"):
        pool.take()
    assert stopped == [client]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no socket files")
def test_without_a_spare_too_a_kernel_listens_on_no_port(make, home, tmp_path, monkeypatch, capfd):
    def none_to_be_had() -> None:
        raise RuntimeError("no answer")

    monkeypatch.setattr(POOL, "take", none_to_be_had)
    lines = "import json, ipykernel; at = ipykernel.get_connection_file()\nprint(json.load(open(at))['transport'], at)"
    result = make(broken(tmp_path, lines), "broken")
    printed = str(nbformat.read(result.folder / "broken.ipynb", 4).cells)
    assert "ipc " in printed and "crisis-kernel-" in printed
    assert "without encryption" not in "".join(capfd.readouterr())


@pytest.mark.slow
def test_the_same_manifest_gives_the_same_numbers(make, home, brief):
    lake = Lake(home / "lake")
    more = posts("example", 60, 9)
    lake.append("POSTS", more.assign(post_id="late:" + more["post_id"], parent_id=None, root_id=None))
    again, fresh = make(as_of=brief.manifest), make()
    first, second, third = (manifest(r) for r in (brief, again, fresh))
    same = ("data", "rows", "findings", "now", "since", "until", "level", "sources")
    assert {k: first[k] for k in same} == {k: second[k] for k in same}
    assert third["rows"]["POSTS"] == 1260

    def shown(result) -> list:
        book = nbformat.read(result.folder / "brief.ipynb", 4)
        return [o.get("data") for c in book.cells[2:] for o in c.get("outputs", [])]

    assert shown(brief) == shown(again)
    assert shown(fresh) != shown(brief)


@pytest.mark.slow
@pytest.mark.parametrize(
    "notebook", ["collection", "topics", "spread", "warning", "risk", "response", "brief", "backtest"]
)
@pytest.mark.parametrize("watch", ["example", "nothing"])
def test_every_notebook_runs_on_data_and_on_none(make, notebook, watch):
    made = make(notebook, watch, params={"language": "en"})
    text = made.html.read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert ("No posts are stored for this window" in text) == (watch == "nothing")


@pytest.mark.slow
def test_the_plain_engine_gives_the_same_page(make, brief):
    plain = make(engine=None, as_of=brief.manifest)
    assert manifest(plain)["findings"] == manifest(brief)["findings"]


def test_now_is_the_moment_of_the_run(brief):
    assert manifest(brief)["made_at"] == NOW.isoformat()
