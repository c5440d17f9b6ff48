"""One wording is one piece of evidence; and what one negative post gained is told from what any did."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pyarrow as pa
import pytest

from crisislib.core.tables import conform
from crisislib.signals import Frames, compute
from tests.signals.world import HOUR, START, batch, frames, posts, watch

N = 40


def labels_of(held: pa.Table, rows: dict[str, list[object]]) -> pd.DataFrame:
    """LABELS of one kind a key, one value a post; a pair gives value and score."""
    ids, at = held.column("post_id").to_pylist(), held.column("created_at").to_pandas()
    parts = []
    for label, values in rows.items():
        pairs = [v if isinstance(v, tuple) else (v, None) for v in values]
        parts.append(
            pd.DataFrame({
                "watch": "w", "post_id": ids, "label": label, "model": "m@1", "at": at, "created_at": at,
                "value": [v for v, _ in pairs], "score": [s for _, s in pairs], "p": 0.9,
            })
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def tallied(rows: dict[str, list[object]], **columns: list[int]) -> dict[str, float]:
    """Tallies of one hour with N negative posts that carry some labels."""
    held = posts([START + timedelta(minutes=i) for i in range(N)], **columns)
    mine = labels_of(held, {"sentiment": [("negative", 0.9)] * N} | rows)
    given = frames(posts=held, labels=conform(mine, "LABELS"), batches=[batch(START, START + HOUR)])
    out = compute(given, watch(), since=START, until=START + HOUR, now=START + HOUR).to_pandas()
    return dict(zip(out["signal"], out["value"], strict=True))


@pytest.mark.long
@pytest.mark.parametrize("text", ["form", "narrative"])
def test_a_type_that_is_hinted_at_counts_half_a_wording_and_a_plain_one_every_post(text):
    same = {text: ["t1"] * N}
    assert tallied({"crisis_type": [("labour", 0.3)] * N} | same)["kind.labour"] == 0.5
    assert tallied({"crisis_type": [("labour", 2.4)] * N} | same)["kind.labour"] == 0.5  # one hint, like "staff"
    assert tallied({"crisis_type": [("labour", 3.0)] * N} | same)["kind.labour"] == N
    assert tallied({"crisis_type": [("labour", 0.3)] * N})["kind.labour"] == N / 2  # as many wordings as posts


@pytest.mark.long
def test_what_is_complained_of_speaks_where_no_type_of_crisis_is_named():
    rude = {"complaint": [("service_attitude", 5.0)] * N}
    assert tallied(rude)["kind.customer_service"] == N
    staff = tallied(rude | {"crisis_type": [("labour", 2.4)] * N})  # "the staff were rude" is no labour dispute
    assert staff["kind.customer_service"] == N and "kind.labour" not in staff
    harm = tallied({"complaint": [("refund_and_after_sale", 3.0)] * N, "crisis_type": [("product_harm", 3.0)] * N})
    assert harm["kind.product_harm"] == N and "kind.customer_service" not in harm
    assert tallied({"complaint": [("quality", 2.2)] * N, "narrative": ["t1"] * N})["kind.product_harm"] == 0.5


def test_bare_reposts_repeat_no_hint():
    passed_on = {"crisis_type": [("labour", 2.4)] * N, "voice": ["original"] + ["repost"] * (N - 1)}
    assert tallied(passed_on)["kind.labour"] == 0.5


def test_a_form_denies_once_and_copies_as_often_as_they_are_sent():
    assert tallied({"stance": ["deny"] * N, "form": ["f1"] * N})["stance.deny"] == 1
    assert tallied({"stance": ["deny"] * N, "narrative": ["t1"] * N})["stance.deny"] == N


def test_the_gain_of_a_negative_post_is_told_apart():
    acts = [0] * N
    acts[3], acts[5] = 900, 400
    mood = [("negative", 0.9) if i == 5 else ("positive", 0.1) for i in range(N)]
    found = tallied({"sentiment": mood}, n_reposts=acts)
    assert found["top_gain"] == 900 and found["gain.negative"] == 400


@pytest.mark.long
def test_who_tells_what_happened_needs_no_word_of_mood():
    acts = [0] * N
    acts[3] = 900
    mood = [("neutral", 0.25)] * N
    assert "gain.negative" not in tallied({"sentiment": mood}, n_reposts=acts)
    told = {"sentiment": mood, "crisis_type": [("product_harm", 3.9)] * N}
    assert tallied(told, n_reposts=acts)["gain.negative"] == 900
    assert "gain.negative" not in tallied(told | {"about": ["elsewhere"] * N}, n_reposts=acts)
    assert tallied(told, n_reposts=acts)["gain.product_harm"] == 900  # one post that thousands pass on has a subject
    praise = told | {"sentiment": [("positive", 0.05)] * N}
    assert "gain.negative" not in tallied(praise, n_reposts=acts)


def test_a_movement_is_negative_as_its_post_is():
    held = posts([START + timedelta(minutes=i) for i in range(N)])
    moved = pa.table({
        "post_id": ["p:1", "p:2"], "account_id": ["p:a1", "p:a2"], "created_at": [START, START],
        "observed_at": [START + 3 * HOUR] * 2, "n_likes": [900.0, 50.0], "n_reposts": [0.0] * 2, "n_replies": [0.0] * 2,
        "n_views": [0.0] * 2, "p_negative": [0.2, 0.8],
    })  # fmt: skip
    moved = moved.set_column(2, "created_at", moved["created_at"].cast(pa.timestamp("us", "UTC")))
    moved = moved.set_column(3, "observed_at", moved["observed_at"].cast(pa.timestamp("us", "UTC")))
    labels = conform(labels_of(held, {"sentiment": [("negative", 0.9)] * N}), "LABELS")
    lazy = frames(posts=held, labels=labels, batches=[batch(START, START + 4 * HOUR)])
    given = Frames(lazy.posts, lazy.labels, batches=lazy.batches, movements=moved)
    out = compute(given, watch(), since=START, until=START + 4 * HOUR, now=START + 4 * HOUR).to_pandas()
    last = out[out["at"] == pd.Timestamp(START + 3 * HOUR)].set_index("signal")["value"]
    assert last["top_gain"] == 900 and last["gain.negative"] == 50


@pytest.mark.long
def test_a_large_lake_is_tallied_as_a_small_one(monkeypatch: pytest.MonkeyPatch):
    held = {"harm.injury": [("2", 2.0)] * N, "crisis_type": [("labour", 3.0)] * N, "stance": ["deny"] * N}
    small = tallied(held)
    assert small["harm.injury"] == N
    monkeypatch.setattr("crisislib.signals.frames.IN_PROCESS", 0)
    assert tallied(held) == pytest.approx(small, nan_ok=True)
