"""Adding things by the docs alone: a template, a check that says what is missing, and the thing works."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

import crisislib
from crisislib.charts.warning import signal_panel
from crisislib.cli.app import app
from crisislib.collect import SOURCES
from crisislib.core import i18n
from crisislib.core.errors import HomeError, InputError
from crisislib.core.i18n import tr
from crisislib.engine import user_code
from crisislib.engine.home import Home
from crisislib.engine.incident_corrections import known_kind
from crisislib.engine.rendering import signal_words
from crisislib.services.demonstration import _mark
from crisislib.services.templates import TEMPLATES, write_template
from crisislib.signals import INDICATORS
from crisislib.warn import DIMENSIONS
from crisislib.warn.dimension_labels import SIGNALS
from crisislib.workbench import Workbench, page_frame

REGISTRIES = (SOURCES, INDICATORS, DIMENSIONS, SIGNALS, i18n._own, user_code._loaded)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A marked workbench; what its files enter is gone afterwards."""
    before = [dict(registry) for registry in REGISTRIES]
    (tmp_path / "crisis.toml").touch()
    (tmp_path / "data" / "inbox").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    for name in ("CRISIS_HOME", "CRISIS_LAKE", "CRISIS_WATCHES"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    for registry, old in zip(REGISTRIES, before, strict=True):
        registry.clear()  # type: ignore[attr-defined]
        registry.update(old)  # type: ignore[attr-defined]


def typed(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_is_whole_as_it_is_written(kind: str, room: Path) -> None:
    code, said = typed("new", kind, "mine")
    assert code == 0 and "check mine" in said
    code, said = typed("check", "mine")
    assert code == 0 and said.startswith(f"ok  {kind}  {next(room.rglob('mine.*')).relative_to(room)}\n")
    with pytest.raises(InputError, match="already"):
        write_template(Home.here(), kind, "mine")


def test_names_and_kinds_that_will_not_do(room: Path, tmp_path: Path) -> None:
    home = Home.here()
    for kind, name in (("dashboard", "a"), ("watch", "../a"), ("indicator", "a-b"), ("layout", "A")):
        with pytest.raises(InputError):
            write_template(home, kind, name)
    with pytest.raises(HomeError, match="no workbench"):
        write_template(Home.at(tmp_path / "elsewhere"), "indicator", "mine")


FAULTS = {
    "indicator": [
        ('dimension="spread"', 'dimension="sprd"', "no dimension 'sprd'"),
        ('kind="count"', 'kind="sum"', "kind is 'sum'"),
        ('name="mine"', 'name="volume"', "name is 'volume'"),
        ('title_zh="mine"', 'title_zh=""', "title is missing"),
        ("INDICATOR =", "OTHER =", "defines no INDICATOR"),
        ('nw.col("kind")', 'nw.col("knd")', "it fails"),
        ("value=nw.len(), ", "", "lacks value"),
        ("import narwhals", "import narwals", "does not run"),
    ],
    "source": [('name="mine"', 'name="rss"', "no source named mine"), ("SOURCE =", "OTHER =", "defines no SOURCE")],
    "playbook": [("owner: store_manager", "owner: nobody", "not one of the roles")],
    "layout": [("  created: Posted\n", "", "columns: created is missing")],
    "watch": [("timezone: UTC", "timezone: Mars", "unknown time zone")],
}


@pytest.mark.parametrize(("kind", "old", "new", "said"), [(k, *one) for k, some in FAULTS.items() for one in some])
def test_the_check_says_what_is_wrong(kind: str, old: str, new: str, said: str, room: Path) -> None:
    path = write_template(Home.here(), kind, "mine")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    code, printed = typed("check", "mine")
    assert code == 1 and said in printed.replace("\n", " ")


@pytest.mark.long
def test_an_own_indicator_reaches_a_dimension_the_index_and_both_languages(room: Path) -> None:
    drill = crisislib.simulate(posts=1500, seed=1)
    before = crisislib.decide(crisislib.compute_signals(drill.posts, drill.watch), drill.watch)
    path = write_template(Home.here(), "indicator", "answers")
    text = path.read_text(encoding="utf-8").replace('title="answers"', 'title="Answers"')
    text = text.replace('title_zh="answers"', 'title_zh="回复数"').replace('"spread"', '"coordination"')
    path.write_text(text, encoding="utf-8")
    Home.here()
    assert DIMENSIONS["coordination"][-1] == "answers" and "answers" not in DIMENSIONS["spread"]
    series = crisislib.compute_signals(drill.posts, drill.watch)
    after = crisislib.decide(series, drill.watch)
    assert series.loc[series["signal"] == "answers", "surprise"].max() > 1
    assert before.history["coordination"].isna().all() and after.history["coordination"].max() > 0
    assert not before.history["index"].equals(after.history["index"])
    assert signal_words(["answers"], "zh")[0] == {"answers": "回复数"}
    assert signal_words(["answers"], "en")[0] == {"answers": "Answers"}
    Home.here()
    assert DIMENSIONS["coordination"].count("answers") == 1


def test_an_indicator_that_fails_costs_itself_only(room: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_template(Home.here(), "indicator", "broken")
    path.write_text(path.read_text(encoding="utf-8").replace('nw.col("kind")', 'nw.col("knd")'), encoding="utf-8")
    (path.parent / "worse.py").write_text("raise SystemError('no')", encoding="utf-8")
    drill = crisislib.simulate(posts=600, seed=1)
    Home.here()
    series = crisislib.compute_signals(drill.posts, drill.watch)
    assert series.loc[series["signal"] == "broken", "value"].isna().all()
    assert series.loc[series["signal"] == "volume", "value"].sum() > 0
    assert "worse.py" in caplog.text and "broken" in caplog.text


def test_an_own_source_is_listed_and_may_be_named(room: Path) -> None:
    write_template(Home.here(), "source", "ours")
    assert "ours" in typed("sources")[1]
    watch = write_template(Home.here(), "watch", "tea")
    named = watch.read_text(encoding="utf-8").replace(
        "sources:\n", 'sources:\n  - {source: ours, options: {url: "https://example.org/posts.json"}}\n'
    )
    watch.write_text(named, encoding="utf-8")
    assert typed("check", "tea")[0] == 0


def test_a_folder_without_a_marker_runs_nothing(room: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "indicators").mkdir(parents=True)
    (other / "indicators" / "evil.py").write_text("raise SystemExit(1)", encoding="utf-8")
    Home.at(other)


def test_an_export_is_read_by_a_layout_of_ones_own(room: Path) -> None:
    path = write_template(Home.here(), "layout", "mine")
    header = yaml.safe_load(path.read_text(encoding="utf-8"))["fingerprint"][0]
    file = room / "export.csv"
    file.write_text(f"{','.join(header)}\n1,2026-01-31 10:00,The tea is off\n", encoding="utf-8")
    export = crisislib.read_export(file, layouts=path.parent)
    assert export.layout == "mine" and export.posts["text"].tolist() == ["The tea is off"]


def test_a_kind_that_only_a_playbook_of_ones_own_names_can_be_opened_and_is_shown_by_its_title(room: Path) -> None:
    path = write_template(Home.here(), "playbook", "brawl")
    text = path.read_text(encoding="utf-8").replace(
        "kinds: [other]", "kinds: [store_brawl]\nkind_titles: {store_brawl: {en: Brawl in a store, zh: 门店冲突}}"
    )
    path.write_text(text, encoding="utf-8")
    write_template(Home.here(), "watch", "tea")
    code, said = typed("incident", "open", "--watch", "tea", "--why", "a call", "--kind", "store_brawl")
    assert code == 0, said
    assert "Brawl in a store" in said and tr("store_brawl", "zh") == "门店冲突"
    assert "tell_stores" in typed("task", "list", "--watch", "tea")[1]
    with pytest.raises(InputError, match="'brawl_in_store' is not known") as fault:
        known_kind(Home.here(), "brawl_in_store")
    assert "store_brawl" in fault.value.do


def test_a_page_of_ones_own_has_a_title_of_its_own_and_draws_the_own_indicator(room: Path) -> None:
    write_template(Home.here(), "watch", "tea")
    context = Workbench.open("tea").context
    assert "Questions &amp; answers" in page_frame.heading(context, "Questions & answers").html
    assert "What they ask" in page_frame.section(context, "What they ask").html
    at = pd.date_range("2026-03-01", periods=2, freq="h", tz="UTC")
    rows = pd.DataFrame({"signal": ["a", "a", "b", "b", "mine", "mine"], "at": [*at, *at, *at], "value": 1.0,
                         "surprise": [3.0, 3, 2, 2, 0, 0], "step_s": 3600, "expected": 1.0,
                         "lo": 0.0, "hi": 2.0})  # fmt: skip
    drawn = signal_panel(signals=rows, most=1, always=["mine"]).to_json()
    assert "mine" in drawn and '"b"' not in drawn


def test_the_demonstration_uses_what_was_added_around_it(room: Path) -> None:
    write_template(Home.here(), "notebook", "page-of-mine")
    folder = room / "data" / "demo"
    folder.mkdir()
    _mark(folder, Home.at(folder), datetime(2026, 3, 1, tzinfo=UTC))
    home = Home.at(folder)
    assert home.simulated and home.notebooks[0] == room / "notebooks" and home.indicators == room / "indicators"
