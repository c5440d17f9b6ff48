"""The contract of every labeller: rows in the LABELS schema, with the words that led to them."""

import datetime as dt
import json

import pandas as pd
import pytest

from crisislib.core.errors import ModelError
from crisislib.core.tables import table
from crisislib.core.watch import Watch
from crisislib.nlp import LABELLERS, label

NOW = dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC)
TEXTS = {
    "a": "蓝杉的牛奶吃出异物，孩子上吐下泻，要求退款！我已经打12315投诉",
    "b": "藍杉的牛奶真好喝，回購無數次。红松的太难喝了",
    "c": "网传蓝杉用了过期原料，是真的吗？",
    "d": "Bluefir recalls 3,000 bottles after the FDA finds salmonella",
    "e": "Boycott Bluefir! never again 😡",
    "f": "蓝杉客服态度恶劣，大家都别买了",
    "g": "今天在杭州开会，看新闻才知道地震",
    "h": "",
    "i": None,
}


def watch(**brand: object) -> Watch:
    held = {"names": ["蓝杉", "Bluefir"], "competitors": {"红松": ["红松"]}, "industry": "food"} | brand
    return Watch(watch="demo", title={"en": "Demo"}, brand=held)


def posts(texts: dict[str, str | None] = TEXTS) -> pd.DataFrame:
    return pd.DataFrame(
        {"watch": "demo", "post_id": [f"weibo:{k}" for k in texts], "collected_at": NOW, "created_at": NOW}
        | {"text": pd.array(list(texts.values()), dtype="str")}
    )


def values(name: str, texts: dict[str, str | None] = TEXTS) -> dict[str, str]:
    held = label(posts(texts), watch(), now=NOW, only=[name]).to_pandas()
    return {row.post_id.removeprefix("weibo:"): row.value for row in held.itertuples()}


@pytest.mark.parametrize("name", LABELLERS)
def test_contract(name: str) -> None:
    held = label(posts(), watch(), now=NOW, only=[name])
    assert held.schema == table("LABELS").schema
    assert held.num_rows > 0, "the fixture has a post for every labeller"
    rows = held.to_pandas()
    assert not rows.duplicated(["post_id", "label", "model"]).any()
    assert (rows.label.str.split(".").str[0] == name).all()
    assert rows.model.str.startswith(f"{name}@").all()
    assert rows.value.notna().all()
    for cell in rows.evidence:
        assert isinstance(json.loads(cell)["words"], list)
    p = rows.p.dropna()
    assert ((p >= 0) & (p <= 1)).all()


@pytest.mark.parametrize("name", LABELLERS)
def test_same_posts_same_labels_in_any_order(name: str) -> None:
    key = ["post_id", "label"]
    one = label(posts(), watch(), now=NOW, only=[name]).to_pandas().sort_values(key, ignore_index=True)
    two = label(posts()[::-1], watch(), now=NOW, only=[name]).to_pandas().sort_values(key, ignore_index=True)
    pd.testing.assert_frame_equal(one, two)


def test_what_is_seen() -> None:
    assert values("lang") == dict.fromkeys("abcfg", "zh") | dict.fromkeys("de", "en") | dict.fromkeys("hi", "und")
    assert values("crisis_type") == {"a": "product_harm", "c": "rumour", "d": "product_harm", "f": "other"}
    assert values("call_to_action") == {"a": "refund", "d": "regulator", "e": "boycott", "f": "boycott"}
    assert values("question") == {"c": "asks"}
    assert values("stance") == {"c": "query"}
    assert values("place") == {"g": "杭州"}
    assert set(values("target_sentiment")) == set("abcdef")
    assert values("complaint")["f"] == "service_attitude"


def test_the_brand_is_judged_by_what_is_said_of_it() -> None:
    held = label(posts(), watch(), now=NOW, only=["sentiment", "target_sentiment"]).to_pandas()
    mine = held[held.post_id == "weibo:b"].set_index("label")
    assert mine.loc["target_sentiment", "score"] < mine.loc["sentiment", "score"]


def test_of_several_observations_the_newest_text_counts() -> None:
    early = posts({"a": "太好了"})
    late = posts({"a": "Boycott this!"}).assign(collected_at=NOW + dt.timedelta(hours=1))
    held = label(pd.concat([late, early]), watch(), now=NOW, only=["call_to_action"])
    assert held["value"].to_pylist() == ["boycott"]


def test_no_posts_no_labels() -> None:
    assert label(posts().iloc[:0], watch(), now=NOW).num_rows == 0


@pytest.mark.parametrize(
    ("text", "deaths"),
    [
        ("their new ad killed me, my sister is dead lol", False),
        ("i'm dead 😂 蓝杉", False),
        ("the phone died after a week and the laptop is dead too", False),
        ("dead tired, but we killed it at the sale", False),
        ("two people killed by the lamp, one is in hospital", True),
        ("the lamp nearly killed me", True),
        ("the phone died, and my neighbour is dead after the fire", True),
    ],
)
def test_a_figure_of_speech_is_no_death(text: str, deaths: bool) -> None:
    held = label(posts({"a": text}), watch(), now=NOW, only=["sensitive"])
    assert ("sensitive.casualties" in held["label"].to_pylist()) == deaths


def test_what_somebody_exposes_is_no_regulator_and_glass_in_food_is_harm() -> None:
    texts = {"a": "内部录音曝光，蓝杉店长让员工卖变质酸奶，太恶心", "b": "我儿子喝蓝杉酸奶喝到玻璃渣，太无耻了"}
    held = label(posts(texts), watch(), now=NOW).to_pandas()
    kinds = held[held["label"] == "crisis_type"]["value"]
    regulators = held[held["label"] == "sensitive.regulator"]
    assert (regulators["score"] < 3).all() and list(kinds) == ["product_harm", "product_harm"]


def test_unknown_names_are_said() -> None:
    with pytest.raises(ModelError, match="no labeller mood"):
        label(posts(), watch(), now=NOW, only=["mood"])
    with pytest.raises(ModelError, match="industry"):
        label(posts(), watch(industry="astrology"), now=NOW, only=["sensitive"])


@pytest.mark.parametrize(
    "text",
    ['"; DROP TABLE posts; --', '=HYPERLINK("x")', '\x00\x01\\"', "<script>alert(1)</script>", "𠮷" * 50, "😀" * 999],
)
def test_hostile_text_stays_data(text: str) -> None:
    held = label(posts({"a": text + " #" + text + " @" + text + " 抵制蓝杉"}), watch(), now=NOW)
    for cell in held["evidence"].to_pylist():
        json.loads(cell)
    assert held.num_rows >= len({"lang", "sentiment", "entity"})
