"""What comes later changes what is shown: a late export, a person's labels, a model that was taught by them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from crisislib.core.levels import rank
from crisislib.services.demonstration import write_watch
from crisislib.simulation import Drill, simulate, write_exports
from crisislib.workbench.pages.address import Address
from tests.journeys.made_world import Reader, World, import_again, made, typed

pytestmark = pytest.mark.slow
STORED = ("ALERTS", "INCIDENTS", "POSTS")
RUN = ("run", "--watch", "tea", "--no-report", "--no-notify")


def volume(world: World) -> float:
    signals = world.table("SIGNALS")
    return float(signals.loc[signals["signal"] == "volume", "value"].sum())


def sizes(world: World) -> dict[str, int]:
    return {name: len(world.home.lake.read(name, present=False)) for name in STORED}


def begun(root: Path, drill: Drill, late: tuple[str, ...]) -> World:
    """All exports but the late ones, imported and run."""
    (root / "data" / "watches").mkdir(parents=True)
    (root / "crisis.toml").touch()
    write_watch(drill.watch, root / "data" / "watches")
    files = [file for file in write_exports(drill, root / "exports") if file.suffix == ".csv"]
    for file in files:
        if not file.name.startswith(late):
            import_again(root, file, "tea")
    return World(root, drill, files, typed(root, *RUN))


def test_an_export_that_comes_after_the_run_is_in_every_number_of_the_next(tmp_path: Path) -> None:
    """Its posts lie in windows that were measured before; they are not newer than what is there."""
    drill = simulate(3, 900, kind="product_harm", watch="tea", language="en")
    late = ("weibo_search.csv", "4cat")
    world = begun(tmp_path, drill, late)
    before, posts = volume(world), len(world.table("POSTS"))
    for file in world.files:
        if file.name.startswith(late):
            import_again(world.root, file, "tea")
    more = len(world.table("POSTS")) - posts
    assert more > 150
    typed(world.root, *RUN)
    assert volume(world) - before == pytest.approx(more, rel=0.02), "but for the window that is not over"
    settled = sizes(world), volume(world)
    typed(world.root, *RUN)
    assert (sizes(world), volume(world)) == settled, "the same again changes nothing"


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, dict[str, object]]:
    """A world whose analyst labels a queue by the truth and teaches the model; what was known before."""
    world = made(tmp_path_factory.mktemp("taught"), posts=1800)
    before: dict[str, object] = {"signals": world.table("SIGNALS"), "labels": world.table("LABELS"), "said": world.said}
    typed(world.root, "label", "queue.csv", "--watch", "tea", "--n", "90", "--by", "Ann")
    queue = pd.read_csv(world.root / "queue.csv", dtype=str)
    true = world.drill.truth.posts.set_index("post_id")["sentiment"]
    queue["label"] = queue["post_id"].map(true)
    queue.dropna(subset=["label"]).to_csv(world.root / "queue.csv", index=False)
    before["given"] = queue.dropna(subset=["label"]).set_index("post_id")["label"]
    before["first"] = typed(world.root, "label", "queue.csv", "--watch", "tea", "--take", "--by", "Ann")
    before["second"] = typed(world.root, "label", "queue.csv", "--watch", "tea", "--take", "--by", "Ann")
    before["lesson"] = typed(world.root, "teach", "--watch", "tea")
    before["after"] = typed(world.root, *RUN)
    return world, before


def sentiments(labels: pd.DataFrame) -> pd.Series:
    return labels[labels["label"] == "sentiment"].set_index("post_id")["value"]


def test_what_a_person_said_of_a_post_stands_whatever_any_model_says(taught: tuple[World, dict[str, object]]) -> None:
    world, before = taught
    given = before["given"]
    assert isinstance(given, pd.Series) and len(given) >= 50
    found = sentiments(world.table("LABELS"))
    assert (found.reindex(given.index) == given).all()
    reading = Reader(world.home).pages.reading(Address.parse("posts", {"watch": "tea", "language": "en"}))
    shown = reading.snapshot.posts.frame("SELECT post_id, sentiment FROM posts", _all()).set_index("post_id")
    assert (shown["sentiment"].reindex(given.index) == given).all(), "and on the pages"


def _all() -> object:
    from crisislib.workbench.pages.post_index import Choice

    return Choice()


def test_a_taught_model_labels_as_its_card_says_and_no_crisis_is_lost(taught: tuple[World, dict[str, object]]) -> None:
    world, before = taught
    true = world.drill.truth.posts.set_index("post_id")["sentiment"]
    models = world.table("LABELS").query("label == 'sentiment'")["model"].unique()
    assert any("+tea.1" in model for model in models)
    labels = before["labels"]
    assert isinstance(labels, pd.DataFrame)
    found, general = sentiments(world.table("LABELS")), sentiments(labels)
    both = true.index.intersection(found.index)
    right = (found.reindex(both) == true.reindex(both)).mean()
    assert right > (general.reindex(both) == true.reindex(both)).mean() - 0.05, "labels never make it much worse"
    incidents = world.table("INCIDENTS")
    onset = pd.Timestamp(world.drill.truth.onset)
    raised = world.table("ALERTS")
    raised = raised[raised["at"] >= onset]
    assert len(incidents) and raised["level"].map(rank).max() >= rank("orange")


def test_what_is_stored_after_teaching_is_what_the_taught_model_measures(
    taught: tuple[World, dict[str, object]],
) -> None:
    world, before = taught
    signals = before["signals"]
    assert isinstance(signals, pd.DataFrame)
    share = {
        name: frame[frame["signal"] == "negative_share"].set_index("at")["value"]
        for name, frame in (("before", signals), ("after", world.table("SIGNALS")))
    }
    same = share["before"].index.intersection(share["after"].index)
    assert (share["before"][same] != share["after"][same]).mean() > 0.5, "the shares are those of the new labels"
