"""Topics: planted ones are found, named, kept, and told apart from chance."""

from __future__ import annotations

import json
import random
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import normalized_mutual_info_score

from benchmarks.topic_metrics import diversity, npmi
from crisislib.core.errors import ModelError, SourceError
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.nlp.topics import EMBEDDERS, check_embedder, discover_topics
from crisislib.nlp.topics.cooccurrence import windows
from crisislib.nlp.topics.identity import overlap
from crisislib.nlp.topics.tokens import clean, words

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BEGAN = datetime(2026, 2, 1, tzinfo=UTC)
WATCH = Watch(watch="demo", title={"en": "Demo"}, brand={"names": ["极星扫地机"]})
THEMES = {
    "fire": "电池 起火 冒烟 爆炸 燃烧 充电 消防 烧毁 火灾 隐患",
    "service": "客服 退款 投诉 售后 拒绝 赔偿 维权 退货 电话 处理",
    "market": "股价 下跌 股票 市值 投资者 财报 利润 营收 季度 分析师",
    "robot": "robot vacuum navigation mapping brush suction battery firmware sensor carpet",
    "star": "演唱会 歌手 门票 粉丝 舞台 专辑 音乐 巡演 歌曲 现场",
}


def asking(embedder: str = "offline", number: int | None = None) -> Watch:
    """The watch with an embedder or a number of topics in its file."""
    return Watch.model_validate({**WATCH.model_dump(), "text": {"topics": {"embedder": embedder, "number": number}}})


def planted(n: int, seed: int, names: tuple[str, ...] = tuple(THEMES)) -> tuple[list[str], list[str]]:
    rng = random.Random(seed)
    fillers = ["真的", "觉得", "今天", "大家", "我们", "什么", "一个", "就是", "没有", "已经"]
    texts, truth = [], []
    for _ in range(n):
        theme = rng.choice(names)
        picked = rng.choices(THEMES[theme].split(), k=6) + rng.choices(fillers, k=4)
        rng.shuffle(picked)
        texts.append((" " if theme == "robot" else "，").join(picked) + "!" * rng.randint(0, 2))
        truth.append(theme)
    return texts, truth


def table(texts: list[str], first: int = 0) -> pa.Table:
    return conform(
        pd.DataFrame(
            {
                "watch": "demo",
                "post_id": [f"x:{first + i}" for i in range(len(texts))],
                "collected_at": NOW,
                "created_at": [BEGAN + timedelta(minutes=i) for i in range(len(texts))],
                "kind": "post",
                "text": texts,
            }
        ),
        "POSTS",
    )


def test_planted_topics_are_found_with_their_words(tmp_path: Path) -> None:
    texts, truth = planted(800, seed=1)
    found = discover_topics(table(texts), WATCH, now=NOW, state=tmp_path)
    assert found.refitted
    assert found.labels.num_rows == 800
    assert normalized_mutual_info_score(truth, found.labels["value"].to_pylist()) > 0.85
    rows = found.topics.to_pandas()
    single = rows[~rows["topic_id"].str.startswith("g:")]
    for theme in THEMES.values():
        assert any(len(set(theme.split()) & set(w.split())) >= 8 for w in single["words"])
    assert single["n"].sum() + (np.array(found.labels["value"].to_pylist()) == "outside").sum() == 800


def test_later_posts_are_assigned_and_names_stay_over_a_refit(tmp_path: Path) -> None:
    texts, _ = planted(600, seed=2)
    first = discover_topics(table(texts), WATCH, now=NOW, state=tmp_path)
    more, _ = planted(300, seed=3)
    later = discover_topics(table(more, first=600), WATCH, now=NOW, state=tmp_path)
    assert not later.refitted
    assert set(later.labels["value"].to_pylist()) <= {*first.labels["value"].to_pylist(), "outside"}
    again = discover_topics(table(texts), WATCH, now=NOW, state=tmp_path, seed=9)
    before, after = first.labels["value"].to_pylist(), again.labels["value"].to_pylist()
    assert np.mean(np.array(before) == np.array(after)) > 0.85


def test_drift_finds_a_new_topic_under_a_new_name(tmp_path: Path) -> None:
    old = ("fire", "service", "market")
    texts, _ = planted(600, seed=4, names=old)
    first = discover_topics(table(texts), WATCH, now=NOW, state=tmp_path)
    mixed, truth = planted(900, seed=5)
    later = discover_topics(table(mixed), WATCH, now=NOW, state=tmp_path)
    assert later.refitted
    before = set(first.labels["value"].to_pylist()) - {"outside"}
    frame = pd.DataFrame({"theme": truth, "topic": later.labels["value"].to_pylist()})
    main = frame[frame["topic"] != "outside"].groupby("theme")["topic"].agg(lambda t: t.mode()[0])
    assert set(main[list(old)]) <= before
    assert before.isdisjoint(main[["robot", "star"]])


def test_the_same_seed_gives_the_same_answer(tmp_path: Path) -> None:
    texts, _ = planted(300, seed=6)
    one = discover_topics(table(texts), WATCH, now=NOW, state=tmp_path / "a", seed=5)
    two = discover_topics(table(texts), WATCH, now=NOW, state=tmp_path / "b", seed=5)
    assert one.labels.equals(two.labels)
    assert one.topics.equals(two.topics)


def test_copies_are_counted_but_do_not_shape_the_topics(tmp_path: Path) -> None:
    texts, _ = planted(400, seed=7)
    wave = [texts[0]] * 2000
    found = discover_topics(table(texts + wave), WATCH, now=NOW, state=tmp_path)
    mine = found.labels["value"].to_pylist()[0]
    row = found.topics.to_pandas().set_index("topic_id").loc[mine]
    assert row["n"] > 2000
    assert len(found.topics) >= 5


def test_an_emerging_topic_is_told_with_its_posts(tmp_path: Path) -> None:
    calm, _ = planted(900, seed=11, names=("service", "market", "star"))
    loud, truth = planted(300, seed=12, names=("service", "market", "star", "fire", "fire", "fire"))
    given = table(calm + loud).to_pandas()
    hours = [24 + i * 160 / 900 for i in range(900)] + [i * 24 / 300 for i in range(300)]
    given["created_at"] = [NOW - timedelta(hours=h) for h in hours]
    found = discover_topics(conform(given, "POSTS"), WATCH, now=NOW, state=tmp_path)
    told = {f.key: f for f in found.findings}["text.topics.emerging"]
    assert set(told.render("en").split(": ")[1].split(".")[0].split(" / ")) <= set(THEMES["fire"].split())
    assert "新话题" in told.render("zh")
    fire = {f"x:{900 + i}" for i, theme in enumerate(truth) if theme == "fire"}
    assert len(fire & set(told.post_ids)) >= 0.9 * len(told.post_ids)


def test_too_few_posts_are_said_to_be_too_few(tmp_path: Path) -> None:
    found = discover_topics(table(planted(20, seed=8)[0]), WATCH, now=NOW, state=tmp_path)
    assert found.labels.num_rows == found.topics.num_rows == 0
    assert "20 available, 60 needed" in found.findings[0].render("en")


def test_no_posts_after_a_fit_are_no_labels(tmp_path: Path) -> None:
    discover_topics(table(planted(200, seed=13)[0]), WATCH, now=NOW, state=tmp_path)
    found = discover_topics(empty("POSTS"), WATCH, now=NOW, state=tmp_path)
    assert found.labels.num_rows == 0
    assert set(found.topics["n"].to_pylist()) == {0}
    assert set(found.topics["share"].to_pylist()) == {None}


def test_an_endpoint_gives_the_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real server on the loopback: each text's vector says which theme its words are of."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
            rows = [[sum(w in text for w in theme.split()) for theme in THEMES.values()] for text in texts]
            data = [{"index": i, "embedding": row} for i, row in enumerate(rows)][::-1]
            self.send_response(200 if self.headers["Authorization"] == "Bearer k" else 401)
            self.end_headers()
            self.wfile.write(json.dumps({"data": data}).encode())

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        monkeypatch.setenv("CRISIS_EMBED_URL", f"http://127.0.0.1:{server.server_port}/v1")
        monkeypatch.setenv("CRISIS_EMBED_KEY", "k")
        texts, truth = planted(300, seed=14)
        found = discover_topics(table(texts), asking("openai:tiny"), now=NOW, state=tmp_path)
        assert normalized_mutual_info_score(truth, found.labels["value"].to_pylist()) > 0.9
        monkeypatch.setenv("CRISIS_EMBED_KEY", "wrong")
        with pytest.raises(SourceError, match="401"):
            discover_topics(table(texts), asking("openai:tiny"), now=NOW, state=tmp_path)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    # The endpoint is gone and the watch asks for topics learned offline: they are found anew, under names of their own.
    monkeypatch.delenv("CRISIS_EMBED_URL")
    anew = discover_topics(table(texts), WATCH, now=NOW, state=tmp_path)
    assert anew.refitted
    assert not set(anew.topics["topic_id"].to_pylist()) & set(found.topics["topic_id"].to_pylist())


def test_the_number_of_topics_can_be_asked_for(tmp_path: Path) -> None:
    posts = table(planted(300, seed=3)[0])
    for number in (3, 4):
        found = discover_topics(posts, asking(number=number), now=NOW, state=tmp_path)
        assert found.refitted
        single = [i for i in found.topics["topic_id"].to_pylist() if not i.startswith("g:")]
        assert len(single) == number
    assert not discover_topics(posts, asking(number=4), now=NOW, state=tmp_path).refitted


@pytest.mark.parametrize(
    "texts",
    [
        [f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(100)],
        [" ".join(random.Random(i).sample(THEMES["robot"].split(), 9)) for i in range(100)],
        ["😀" * i for i in range(1, 100)],
        [chr(0x400 + i) * 3 + " " + chr(0x500 + i % 40) * 4 for i in range(100)],
    ],
    ids=["no word twice", "the same words", "no words", "another script"],
)
def test_odd_texts_give_topics_or_a_reason(texts: list[str], tmp_path: Path) -> None:
    found = discover_topics(table(texts), WATCH, now=NOW, state=tmp_path)
    assert found.findings
    assert found.labels.num_rows in (0, 100)
    assert (found.topics.num_rows > 0) == (found.labels.num_rows > 0)


def test_words_keep_names_whole_and_drop_what_says_nothing() -> None:
    texts = pa.array(["極星掃地機 又 起火了!! @某人 http://t.cn/x1 //@别人:不是我说的", "The refinería isn't OK", None])
    assert words(clean(texts), dictionary=["极星扫地机"]) == ["极星扫地机 起火", "refinería", ""]


def test_npmi_is_gensims() -> None:
    """Values that gensim 4.4's CoherenceModel(coherence='c_npmi', topn=3) gives for the same texts."""
    texts = ["a b c d e", "a b x y z", "c d e a b", "x y z q r s t u v w k l m a", "b c q"]
    found = npmi([["a", "b", "c"], ["x", "y", "q"]], texts, top=3)
    assert found == pytest.approx([0.4946662560915487, 0.26789642485683396], abs=1e-9)


WORDS = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=15).map(" ".join)


@given(st.lists(WORDS, min_size=1, max_size=12), st.integers(2, 12))
@settings(max_examples=60)
def test_windows_are_what_a_plain_loop_finds(texts: list[str], width: int) -> None:
    expected = []
    for text in texts:
        said = text.split()
        places = range(max(1, len(said) - width + 1))
        expected += [[int(w in said[at : at + width]) for w in "abcdefgh"] for at in places]
    assert windows(texts, list("abcdefgh"), window=width).toarray().tolist() == expected


@given(st.lists(WORDS, min_size=3, max_size=12))
@settings(max_examples=30)
def test_npmi_lies_between_its_bounds(texts: list[str]) -> None:
    found = npmi([list("abc"), list("fgh")], texts)
    found = found[np.isfinite(found)]
    assert ((found >= -1) & (found <= 1 + 1e-9)).all()


def test_diversity_counts_distinct_words() -> None:
    assert diversity([["a", "b"], ["a", "c"]], top=2) == 0.75


def test_overlap_by_hand() -> None:
    found = overlap(np.array([0, 0, 0, 1, -1]), np.array([0, 0, 1, 1, 1]), 2, 2)
    assert found == pytest.approx(np.array([[2 / 3, 1 / 5], [0, 1 / 3]]))


@pytest.mark.parametrize("spec", ["nothing", "openai:", *(f"{kind}:absent" for kind in sorted(EMBEDDERS))])
def test_an_embedder_that_is_not_there_says_what_to_do(
    spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CRISIS_EMBED_URL", raising=False)
    with pytest.raises(ModelError) as said:
        discover_topics(table(planted(80, seed=9)[0]), asking(spec), now=NOW, state=tmp_path)
    assert said.value.do
    with pytest.raises(ModelError):
        check_embedder(spec)
