"""The library's door: every function on plain frames, held against the truth of a simulated crisis."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crisislib
import crisislib.api
from crisislib.core.errors import TableError, WatchError
from crisislib.core.tables import TABLES
from crisislib.core.watch import Watch
from crisislib.simulation import simulate as whole_simulation
from crisislib.simulation import write_exports

MODULES = [importlib.import_module(f"crisislib.api.{m.name}") for m in pkgutil.iter_modules(crisislib.api.__path__)]
FUNCTIONS = [name for name in crisislib.__all__ if inspect.isfunction(getattr(crisislib, name))]
PLAIN = ["text", "created_at", "account_id", "parent_id"]


@pytest.fixture(scope="module")
def drill() -> crisislib.SimulatedCrisis:
    return crisislib.simulate(posts=3000, seed=1)


@pytest.fixture(scope="module")
def labels(drill: crisislib.SimulatedCrisis) -> pd.DataFrame:
    return crisislib.label(drill.posts, drill.watch)


@pytest.fixture(scope="module")
def series(drill: crisislib.SimulatedCrisis, labels: pd.DataFrame) -> pd.DataFrame:
    return crisislib.compute_signals(drill.posts, drill.watch, labels=labels)


@pytest.mark.long
@pytest.mark.parametrize("module", [crisislib, *MODULES], ids=lambda m: m.__name__)
def test_examples_run(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_typed_and_documented_with_an_example(name: str) -> None:
    function = getattr(crisislib, name)
    text = inspect.getdoc(function) or ""
    signature = inspect.signature(function)
    assert all(p.annotation is not p.empty for p in signature.parameters.values())
    assert signature.return_annotation is not signature.empty
    assert not [p for p in signature.parameters if p not in text], "say what it is"
    assert ">>> " in text and f"crisislib.{name}(" in text


def test_a_watch_from_names_a_mapping_a_file_or_a_watch(tmp_path: Path) -> None:
    watch = crisislib.open_watch("Luvaya", timezone="Asia/Shanghai")
    assert watch == crisislib.open_watch({"names": ["Luvaya"], "timezone": "Asia/Shanghai"})
    assert crisislib.open_watch(watch) is watch
    file = tmp_path / "tea.yml"
    file.write_text("watch: tea\ntitle: {en: Tea}\nbrand: {names: [Luvaya]}\n", encoding="utf-8")
    assert crisislib.open_watch(str(file)).watch == crisislib.open_watch(file).watch == "tea"
    assert crisislib.open_watch(file, language="zh").language == "zh"
    with pytest.raises(WatchError, match="colour"):
        crisislib.open_watch(["Luvaya"], colour="red")
    with pytest.raises(WatchError, match="brand"):
        crisislib.open_watch({"language": "en"})


@pytest.mark.long
@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=3))
def test_any_names_make_a_valid_watch(names: list[str]) -> None:
    watch = crisislib.open_watch(names)
    assert isinstance(watch, Watch) and watch.brand.names == names


def test_an_export_is_read_to_frames(tmp_path: Path) -> None:
    made = whole_simulation(seed=1, posts=700)
    files = write_exports(made, tmp_path)
    read = [crisislib.read_export(path, made.watch) for path in files if path.suffix != ".xml"]
    assert sum(len(one.posts) for one in read) > 500
    assert all(list(one.posts.columns) == TABLES["POSTS"].columns and one.layout for one in read)


def test_labels_find_the_true_sentiment(drill: crisislib.SimulatedCrisis, labels: pd.DataFrame) -> None:
    found = labels[labels["label"] == "sentiment"].set_index("post_id")["value"]
    truth = drill.truth.posts.set_index("post_id")["sentiment"].reindex(found.index)
    negative = truth == "negative"
    assert (found[negative] == "negative").mean() > (found[~negative] == "negative").mean() + 0.3


def test_arrow_in_arrow_out_and_the_same_rows(drill: crisislib.SimulatedCrisis) -> None:
    head = drill.posts.head(300)
    as_pandas = crisislib.label(head, drill.watch)
    as_arrow = crisislib.label(pa.Table.from_pandas(head), drill.watch)
    assert isinstance(as_arrow, pa.Table) and isinstance(as_pandas, pd.DataFrame)
    assert as_arrow.to_pandas().equals(as_pandas)


def test_a_plain_frame_needs_no_more_than_text(drill: crisislib.SimulatedCrisis) -> None:
    plain = drill.posts[["text"]].head(50).assign(mine=1)
    with pytest.warns(UserWarning, match="mine"):
        assert len(crisislib.label(plain, ["Luvaya"], only=["sentiment"])) >= 50
    with pytest.raises(TableError, match="text"):
        crisislib.label(pd.DataFrame({"content": ["x"]}), ["Luvaya"])
    with pytest.raises(TableError, match="created_at"):
        crisislib.label(pd.DataFrame({"text": ["x"], "created_at": ["soon"]}), ["Luvaya"])


@pytest.mark.long
def test_topics_keep_their_ids_with_a_state(drill: crisislib.SimulatedCrisis, tmp_path: Path) -> None:
    first = crisislib.topics(drill.posts, drill.watch, state=tmp_path)
    again = crisislib.topics(drill.posts, drill.watch, state=tmp_path)
    assert set(again.labels["value"]) <= set(first.labels["value"])
    assert first.topics["n"].sum() > 0 and set(first.labels["post_id"]) <= set(drill.posts["post_id"])


def test_narratives_hold_versions_of_one_story(drill: crisislib.SimulatedCrisis) -> None:
    found = crisislib.narratives(drill.posts, drill.watch)
    assert found["value"].nunique() < len(found)


def test_edges_cascades_and_spreaders_find_the_true_tree(drill: crisislib.SimulatedCrisis) -> None:
    links = crisislib.edges(drill.posts, drill.accounts)
    parent = drill.truth.posts.set_index("post_id")["parent_id"].dropna()
    both = links[links["dst"].isin(parent.index)]
    assert (both["src"] == parent.reindex(both["dst"]).to_numpy()).mean() > 0.5
    stories = crisislib.cascades(drill.posts, drill.accounts, links)
    assert stories.equals(crisislib.cascades(drill.posts, drill.accounts))
    assert stories["n"].iloc[0] > 100
    assert crisislib.spreaders(drill.posts, drill.accounts, links, top=3)["descendants"].is_monotonic_decreasing
    assert len(crisislib.cascades(drill.posts[["post_id", *PLAIN]], min_size=3)) > 0


def test_coordination_finds_the_group_that_was_put_in(drill: crisislib.SimulatedCrisis) -> None:
    found = set(crisislib.coordination(drill.posts)["account_id"])
    true = set(drill.truth.coordinated)
    assert len(found & true) > 0.5 * len(true)
    assert len(found & true) > 0.5 * len(found)
    calm = crisislib.simulate(posts=3000, seed=1, crisis=False)
    assert crisislib.coordination(calm.posts).empty


def test_the_crisis_is_seen_and_the_calm_twin_is_not(
    drill: crisislib.SimulatedCrisis, labels: pd.DataFrame, series: pd.DataFrame
) -> None:
    decision = crisislib.decide(series, drill.watch, posts=drill.posts, labels=labels)
    onset = pd.Timestamp(drill.truth.onset)
    after = decision.history[decision.history["at"] >= onset]["index"].max()
    before = decision.history[decision.history["at"] < onset]["index"].max()
    assert after > before and after > 60


def test_effect_estimates_the_responses(drill: crisislib.SimulatedCrisis, series: pd.DataFrame) -> None:
    table = crisislib.effect(series, drill.responses[["at", "kind"]], drill.watch, since=drill.truth.onset)
    assert set(table["response_id"]) == {"response:0", "response:1"}
    assert table["status"].isin({"estimated", "too_close", "too_little"}).all()


def test_loss_needs_ranges_and_uses_what_was_measured(drill: crisislib.SimulatedCrisis, series: pd.DataFrame) -> None:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    assert crisislib.assess(["Luvaya"], now=now).risks["loss_mean"].null_count == 1
    stories = crisislib.cascades(drill.posts, drill.accounts)
    full = crisislib.assess(drill.watch, series, stories=stories, now=now)
    assert full.curve["p_exceed"].between(0, 1).all() and full.risks["loss_mean"][0].as_py() > 0


def test_shares_are_corrected_by_labels() -> None:
    p = [0.9] * 40 + [0.1] * 60
    labelled = pd.DataFrame({"p": p, "negative": [True] * 20 + [False] * 80})
    raw, taught = crisislib.prevalence(p), crisislib.prevalence(p, labelled)
    assert taught.method == "labels" and abs(taught.value[0] - 0.2) < abs(raw.raw[0] - 0.2)
    assert len(crisislib.prevalence(p, window=[0] * 50 + [1] * 50).value) == 2


@pytest.mark.parametrize(
    ("query", "known"),
    [
        ("", True),
        ("Larkline OR Rivalia", True),
        ("Larkline", False),
        ("Larkline NOT Rivalia", False),
        ("Larkline OR (Larkline NEAR/3 Rivalia)", False),
    ],
)
def test_share_of_voice_is_known_only_where_the_query_lets_competitors_through(query: str, known: bool) -> None:
    brand = {"names": ["Larkline"], "competitors": {"Rivalia": ["Rivalia"]}}
    watch = crisislib.open_watch({"watch": "larkline", "title": {"en": "Larkline"}, "brand": brand, "query": query})
    texts = ["Larkline was late"] * 3 + ["Larkline or Rivalia?"] * 2 + ["Rivalia is fine"] * 5 * known
    at = pd.date_range("2026-03-02 10:00", periods=len(texts), freq="s", tz="UTC")
    ids = [f"x:{i}" for i in range(len(texts))]
    posts = pd.DataFrame({"post_id": ids, "text": texts, "created_at": at, "platform": "x", "kind": "post"})
    rows = crisislib.compute_signals(posts, watch)
    shares = rows.loc[rows["signal"] == "share_of_voice", "value"].dropna()
    assert shares.tolist() == ([0.5] if known else [])
