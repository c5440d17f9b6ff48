"""Every chart of the registry keeps the same promises."""

from __future__ import annotations

import json

import altair as alt
import pandas as pd
import pytest
import vl_convert

from crisislib.charts import CHARTS
from crisislib.core.i18n import tr
from tests.charts.samples import MORE, SAMPLES, cascade

NAMES = sorted(CHARTS)


def draw(name: str, table: pd.DataFrame, **more: object) -> alt.Chart:
    spec = CHARTS[name]
    return spec.draw(**{spec.table: table, **spec.more, **MORE.get(name, {}), **more})


def empty(name: str) -> pd.DataFrame:
    return SAMPLES[name].iloc[:0]


def texts(svg: str) -> str:
    return " ".join(part.split("<")[0] for part in svg.split(">"))


def test_every_chart_has_a_sample():
    assert set(SAMPLES) == set(CHARTS)


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_has_the_columns_that_the_registry_names(name):
    assert set(CHARTS[name].columns) <= set(SAMPLES[name].columns)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_it_is_valid_and_titled_in_both_languages(name, language):
    spec = draw(name, SAMPLES[name], language=language).to_dict()  # validates against the schema
    title = spec["title"]["text"]
    fixed = [part for part in tr(CHARTS[name].title, language).replace("}", "{").split("{")[::2] if part]
    assert all(part in title for part in fixed)
    assert (language == "zh") == any("\u4e00" <= letter <= "\u9fff" for letter in title)
    assert spec["config"]["font"].endswith("sans-serif")
    assert spec["usermeta"]["embedOptions"]["actions"]["editor"] is False


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_table_gives_a_chart_that_says_so(name):
    spec = json.dumps(draw(name, empty(name), language="en").to_dict())
    assert "There is no data to draw" in spec
    assert "没有可供绘制的数据" in json.dumps(draw(name, empty(name), language="zh").to_dict(), ensure_ascii=False)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_table_without_types_says_so_too(name):
    bare = pd.DataFrame(columns=list(CHARTS[name].columns))
    assert "There is no data to draw" in json.dumps(draw(name, bare).to_dict())


@pytest.mark.parametrize("name", ["topic_bars"])
def test_chinese_words_are_really_drawn(name):
    svg = vl_convert.vegalite_to_svg(draw(name, SAMPLES[name], language="zh").to_dict())
    head = tr(CHARTS[name].title, "zh", signal="声量") if "{" in CHARTS[name].title else tr(CHARTS[name].title, "zh")
    assert head in texts(svg)
    assert "sans-serif" in svg


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_same_tables_give_the_same_picture(name):
    assert draw(name, SAMPLES[name]).to_dict() == draw(name, SAMPLES[name]).to_dict()


def test_a_tree_of_five_thousand_stays_readable():
    spec = draw("tree", cascade(5000, seed=3)).to_dict()
    rows = sum(len(v) for v in spec["datasets"].values())
    assert rows < 900
    assert len(json.dumps(spec)) < 250_000
