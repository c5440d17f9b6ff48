"""Teaching: few labels of a made-up stream help, versions stay, the card comes from held-back labels."""

import dataclasses
import datetime as dt
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from crisislib.core.errors import ModelError, NotEnoughData
from crisislib.nlp import agreement, calibration, label, lesson, queue, reliability, report_card, teach
from crisislib.nlp.sentiment.lesson_files import lesson_path, read_lesson
from crisislib.nlp.sentiment.sentiment_model import VERSION, shipped
from crisislib.nlp.sentiment.teaching import shares, taught_model
from crisislib.nlp.sentiment.teaching_report import change
from tests.nlp.test_label import NOW, posts, watch

GOOD = ["蓝杉 三号 到手 {}", "蓝杉 {} 区 开箱 三号", "今天 {} 也在用 蓝杉 三号"]
BAD = ["蓝杉 四号 到手 {}", "蓝杉 {} 区 开箱 四号", "今天 {} 也在用 蓝杉 四号"]
"""A stream where people care about a colour that no general model can know."""


def stream(n: int) -> tuple[dict[str, str | None], dict[str, str]]:
    texts: dict[str, str | None] = {}
    truth = {}
    for i in range(n):
        side = BAD if i % 2 else GOOD
        texts[f"p{i:03d}"] = side[i % 3].format(f"第{i}位")
        truth[f"weibo:p{i:03d}"] = "negative" if i % 2 else "positive"
    return texts, truth


def by_analyst(truth: dict[str, str]) -> pd.DataFrame:
    rows = pd.DataFrame({"post_id": list(truth), "value": list(truth.values())})
    return rows.assign(watch="demo", label="sentiment", model="analyst", at=NOW, created_at=NOW, p=1.0)


def test_labels_teach_what_the_general_model_cannot_know(tmp_path: Path) -> None:
    texts, truth = stream(160)
    held = posts(texts)
    first = {key: truth[key] for key in list(truth)[:80]}
    lesson = teach(held, by_analyst(first), watch(), models=tmp_path)
    assert lesson.version == f"{VERSION}+demo.1"
    found = label(held, watch(), now=NOW, models=tmp_path, only=["sentiment"]).to_pandas().set_index("post_id")
    later = list(truth)[80:]
    right = np.mean([found.loc[key, "value"] == truth[key] for key in later])
    assert right > 0.9
    assert (found.model == f"sentiment@{VERSION}+demo.1").all()
    before = label(held, watch(), now=NOW, only=["sentiment"]).to_pandas().set_index("post_id")
    assert np.mean([before.loc[key, "value"] == truth[key] for key in later]) < 0.7
    assert lesson.card.n == 80 and lesson.card.lo <= lesson.card.macro_f1 <= lesson.card.hi
    assert lesson.card.confusion.to_numpy().sum() == 80
    assert "80" in lesson.card.finding().render("zh")


def test_a_class_that_nobody_labelled_is_left_what_the_labels_leave_it(tmp_path: Path) -> None:
    texts, truth = stream(80)
    model = teach(posts(texts), by_analyst(truth), watch(), models=tmp_path).model
    assert model.classes == (0, 2) and 0 < model.rest < 1
    # none of 80 was neutral: one in 83 is still to be expected
    assert model.predict([str(t) for t in texts.values()])[:, 1].mean() < 3 / 83
    again = taught_model(watch(), tmp_path)
    assert again is not None and again.rest == model.rest


def test_versions_stay(tmp_path: Path) -> None:
    texts, truth = stream(60)
    teach(posts(texts), by_analyst(truth), watch(), models=tmp_path)
    one = taught_model(watch(), tmp_path)
    second = teach(posts(texts), by_analyst(truth), watch(), models=tmp_path)
    assert second.version.endswith("demo.2")
    assert (tmp_path / "sentiment+demo.1.safetensors").exists()
    two = taught_model(watch(), tmp_path)
    assert one is not None and two is not None
    np.testing.assert_array_equal(one.grams, two.grams)  # same labels, same seed, same model
    said = calibration(watch(), tmp_path)
    assert said is not None and len(said.p) == 60 and said.negative.sum() == 30
    (tmp_path / "sentiment+demo.2.safetensors").write_bytes(b"torn")
    with pytest.raises(ModelError, match="cannot be read"):
        taught_model(watch(), tmp_path)


def test_the_newest_label_of_a_post_teaches_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    texts, truth = stream(60)
    right = by_analyst(truth)
    swap = {"negative": "positive", "positive": "negative"}
    older = right.assign(value=right["value"].map(swap), at=NOW - dt.timedelta(days=1))
    for rows in (pd.concat([older, right]), pd.concat([right, older])):
        found = teach(posts(texts), rows, watch(), models=tmp_path)
        assert (found.truth == 0).tolist() == [truth[key] == "negative" for key in sorted(truth)]


def test_a_lesson_is_read_again_as_of_the_labels_that_it_was_taught_from(tmp_path: Path) -> None:
    texts, truth = stream(60)
    first = teach(posts(texts), by_analyst(truth), watch(), models=tmp_path, labels_version=4)
    teach(posts(texts), by_analyst(truth), watch(), models=tmp_path, labels_version=9)
    again = lesson(watch(), tmp_path, labels_version=8)
    assert again is not None and again.version == first.version and again.labels_version == 4
    assert again.change == first.change and again.card.facts() == first.card.facts()
    assert lesson(watch(), tmp_path, labels_version=3) is None
    newest = lesson(watch(), tmp_path)
    assert newest is not None and newest.labels_version == 9


def test_a_lesson_over_another_general_model_keeps_its_card_and_says_that_it_cannot_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, truth = stream(60)
    made = teach(posts(texts), by_analyst(truth), watch(), models=tmp_path)
    newer = dataclasses.replace(shipped(), version="another")
    for module in ("teaching", "lesson_files"):
        monkeypatch.setattr(sys.modules[f"crisislib.nlp.sentiment.{module}"], "shipped", lambda: newer)
    kept, share = lesson(watch(), tmp_path), calibration(watch(), tmp_path)
    assert kept is not None and kept.model is None and kept.card.facts() == made.card.facts()
    assert share is not None and len(share.p) == 60
    with pytest.raises(ModelError, match="general model"):
        taught_model(watch(), tmp_path)
    with pytest.raises(ModelError, match="another general model"):
        shares(["x"], kept)


def test_change_against_numbers_by_hand() -> None:
    truth = np.array([0, 0, 1, 1] * 25)
    before, after = np.eye(3)[[0, 1, 1, 0] * 25], np.eye(3)[[0, 0, 1, 0] * 25]
    found = change(before, after, truth)
    assert found.before == pytest.approx(0.5) and found.after == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert (found.better, found.worse) == (25, 0) and 0 < found.lo < found.gain < found.hi
    assert "25" in found.finding().render("zh") and change(before, before, truth).finding().limits


def test_reliability_holds_for_probabilities_that_hold() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(2000)
    truth = (rng.random(2000) > p).astype(np.int64)
    found = reliability(np.c_[p, 1 - p, 0 * p], truth)
    assert found.n.sum() == 2000 and ((found.lo <= found.p) & (found.p <= found.hi)).mean() >= 0.8


def test_agreement_against_the_published_example() -> None:
    one, two = list("aaabbbbcca"), list("aabbbbbcca")
    rows = pd.DataFrame({"post_id": [f"p{i}" for i in range(10)] * 2, "value": one + two})
    rows["evidence"] = ['{"by": "x"}'] * 10 + ['{"by": "y"}'] * 10
    rows = rows.assign(label="sentiment", model="analyst", at=NOW)
    found = agreement(rows)
    counts = pd.Series(one + two).value_counts().to_numpy()
    chance = 1 - (counts * (counts - 1)).sum() / (20 * 19)
    assert (found.n, found.pairs, found.share) == (10, 10, 0.9)
    assert found.alpha == pytest.approx(1 - 0.1 / chance)
    assert agreement(rows[rows.evidence.str.contains("x")]).finding().silent


def test_too_few_labels_are_refused_with_their_number(tmp_path: Path) -> None:
    texts, truth = stream(40)
    with pytest.raises(NotEnoughData, match="40 labels"):
        teach(posts(texts), by_analyst(truth), watch(), models=tmp_path)
    with pytest.raises(ModelError, match="meh"):
        teach(posts(texts), by_analyst(dict.fromkeys(truth, "meh")), watch(), models=tmp_path)
    assert not list(tmp_path.iterdir())


def test_queue_offers_a_sample_and_the_unsure_and_nothing_twice() -> None:
    texts, truth = stream(90)
    texts |= {f"copy{i}": "蓝杉 四号 到手 第1位" for i in range(30)}
    held = posts(texts).assign(created_at=[NOW + dt.timedelta(hours=i) for i in range(120)])
    labels = label(held, watch(), now=NOW, only=["sentiment"]).to_pandas()
    done = by_analyst({key: truth[key] for key in list(truth)[:10]})
    found = queue(held, pd.concat([labels, done]), n=40, seed=3)
    assert len(found) == 40 and found.text.is_unique
    assert not set(found.post_id) & set(done.post_id)
    assert (found.why == "sample").sum() == 20
    unsure = found[found.why == "unsure"].p
    rest = labels[~labels.post_id.isin(found.post_id) & ~labels.post_id.isin(done.post_id)].p
    assert unsure.max() <= rest.quantile(0.9)
    pd.testing.assert_frame_equal(found, queue(held[::-1], pd.concat([labels, done])[::-1], n=40, seed=3))


def test_report_card_against_numbers_by_hand() -> None:
    truth = np.array([0, 0, 0, 1, 2, 2])
    p = np.eye(3)[[0, 0, 1, 1, 2, 0]] * 0.8 + 0.2 / 3
    card = report_card(p, truth)
    assert card.accuracy == pytest.approx(4 / 6)
    assert card.macro_f1 == pytest.approx((4 / 6 + 2 / 3 + 2 / 3) / 3)
    assert card.ece == pytest.approx(abs(0.8 + 0.2 / 3 - 4 / 6))
    with pytest.raises(NotEnoughData):
        report_card(p[:0], truth[:0])


def test_what_is_not_better_on_later_posts_is_not_installed(tmp_path: Path) -> None:
    """Labels that are told by a coin teach nothing: the general model stays, with its answers on the labels."""
    rng = np.random.default_rng(0)
    n = 80
    at = pd.date_range("2026-01-01", periods=n, freq="h", tz="UTC")
    ids, texts = [f"x:{i}" for i in range(n)], [f"word{rng.integers(9)} thing{rng.integers(9)} {i}" for i in range(n)]
    table = pd.DataFrame({"watch": "w", "post_id": ids, "collected_at": at, "created_at": at, "text": texts})
    labels = pd.DataFrame({"watch": "w", "post_id": ids, "label": "sentiment", "model": "analyst", "at": at})
    first = rng.random(n) < 0.9
    turned = np.where(np.arange(n) < 56, first, ~first)  # the later posts are the opposite of the earlier
    values = np.where(turned, "negative", "positive")
    made = teach(table, labels.assign(value=values, created_at=at), watch(), models=tmp_path)
    assert made.general_stays
    assert made.model is not None
    assert made.model.predict(texts) == pytest.approx(made.predicted)
    assert taught_model(watch(), tmp_path).predict(texts) == pytest.approx(made.predicted)
    kept = calibration(watch(), tmp_path)
    assert kept is not None
    assert kept.at is not None
    assert len(kept.p) == n


def three_classes() -> tuple[pd.DataFrame, dict[str, str]]:
    """Praise and blame of a new model, and questions about the shop among them."""
    texts, truth = stream(90)
    plain: dict[str, str | None] = {f"p{3 * i:03d}n": f"蓝杉 门店 {i} 今天 几点 关门" for i in range(30)}
    return posts({**texts, **plain}), {**truth, **{f"weibo:{key}": "neutral" for key in plain}}


def test_three_classes_come_back_from_the_file_as_they_were_taught(tmp_path: Path) -> None:
    """A fit of three classes leaves its weights in columns; read back as rows they would call anger praise."""
    held, known = three_classes()
    taught = teach(held, by_analyst(known), watch(), models=tmp_path)
    assert taught.model is not None and taught.model.classes == (0, 1, 2)
    again = taught_model(watch(), tmp_path)
    assert again is not None
    for name in ("offset", "dense", "grams", "predicted"):
        assert np.array_equal(getattr(again, name), getattr(taught.model, name)), name
    found = label(held, watch(), now=NOW, models=tmp_path, only=["sentiment"]).to_pandas().set_index("post_id")["value"]
    assert np.mean([found[key] == value for key, value in known.items()]) > 0.9, "labels it was taught are its own"


def test_weights_that_were_stored_scrambled_label_nothing(tmp_path: Path) -> None:
    held, known = three_classes()
    teach(held, by_analyst(known), watch(), models=tmp_path)
    path = lesson_path(watch(), tmp_path, 1)
    arrays, about = read_lesson(path)
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    save_file(whole, str(path), {name: words for name, words in about.items() if name != "order"})
    with pytest.raises(ModelError, match="another order") as refused:
        taught_model(watch(), tmp_path)
    assert "crisis teach" in refused.value.do
    card = lesson(watch(), tmp_path)
    assert card is not None and card.model is None and card.card.n == 120, "its card was never wrong"
