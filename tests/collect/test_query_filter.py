"""What an import keeps of an export, by the watch's query and by the context of an ambiguous brand name."""

from datetime import UTC, datetime
from pathlib import Path

from crisislib.collect import read_export
from crisislib.signals.frame_reading import named
from tests.collect.helpers import watch

NOW = datetime(2026, 9, 1, tzinfo=UTC)
HEAD = "id,author,text,created_at,platform\n"


def kept(folder: Path, texts: list[str], **changes: object) -> list[str]:
    """Texts that an import of a made-up export keeps."""
    lines = [f'{i},a{i},"{text}",2026-03-02 10:00:0{i},twitter' for i, text in enumerate(texts)]
    path = folder / "posts.csv"
    path.write_text(HEAD + "\n".join(lines), encoding="utf-8")
    return list(read_export(path, watch(**changes), now=NOW).posts["text"].to_pylist())


def test_however_a_name_is_written_its_posts_are_kept(tmp_path: Path) -> None:
    texts = ["Finch&amp;Lark refused my refund", "Finch & Lark closed early", "Ｆｉｎｃｈ＆Ｌａｒｋ 又关门了", "finch"]
    assert len(kept(tmp_path, texts, query='"Finch&Lark"')) == 3


def test_a_simplified_query_keeps_traditional_posts(tmp_path: Path) -> None:
    assert len(kept(tmp_path, ["小米手機爆炸", "小米手机爆炸", "大米"], query="小米手机")) == 2


def test_a_name_without_its_context_is_not_the_brand(tmp_path: Path) -> None:
    brand = {
        "names": ["苹果", "Apple"], "context": ["手机", "iPhone*", "phone"], "not_context": ["水果"],
        "competitors": {"Rival": ["华为"]},
    }  # fmt: skip
    texts = ["苹果手機又降价", "苹果很甜", "苹果手机壳印了水果", "苹果和华为", "apple iPhone15 broke", "nothing"]
    left = kept(tmp_path, texts, brand=brand)
    assert left == [texts[0], texts[3], texts[4], texts[5]]


def test_signals_count_the_same_names(tmp_path: Path) -> None:
    import narwhals as nw
    import pyarrow as pa

    frame = pa.table({"text": ["Target's recall at the store", "my target is 100", "ＴＡＲＧＥＴ Store", None]})
    mine = watch(brand={"names": ["Target"], "context": ["store"], "competitors": {"W": ["target"]}})
    found = named(nw.from_native(frame, eager_only=True).lazy(), mine).collect("pyarrow").to_native()
    assert found["names_own"].to_pylist() == [True, False, True, False]
    assert found["names_rival"].to_pylist() == [True, True, True, False]
