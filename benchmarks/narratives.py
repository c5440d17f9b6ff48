"""Narratives: are planted versions of a post found again, and how fast?

Texts are taken from the sets in the folder (mixed scripts). Near-duplicates that are there by nature
are taken out first, by another method than the one under test (nearest neighbours on TF-IDF of character
trigrams). Of the rest some become originals: each gets versions by every kind of change below, and all
other texts stay as background. Precision and recall are over pairs of posts: a pair is right when
both come from one original.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import opencc
import pandas as pd
import pyarrow as pa
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.harness import finish, parser, say, write_predictions
from benchmarks.texts import every_text
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.nlp.duplicates import narratives

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WATCH = Watch(watch="benchmark", title={"en": "Benchmark"}, brand={"names": ["benchmark"]})
LONG, OWN = 40, 20
"""Characters of an original, and of them the author's own (no names, tags, links): shorter posts have no
versions to speak of."""
_FOREIGN = r"//@.*|https?://\S+|@\S+|#[^#]*#|#\w+|\W"
_NOISE = "😡🔥😂👍❤️😭🙏!！~…"


def _edit(text: str, rng: random.Random) -> str:
    """Up to one character in twenty replaced, dropped or added, at most four places."""
    letters = list(text)
    for _ in range(rng.randint(1, max(1, min(4, len(letters) // 20)))):
        at = rng.randrange(len(letters))
        letters[at] = rng.choice(["", letters[at] + rng.choice(text), rng.choice(text)])
    return "".join(letters)


def _words(text: str, rng: random.Random) -> str:
    """A remark of one's own in front and behind."""
    before = ["转给大家看看：", "Everyone read this: ", "太气人了，", "PLEASE RT "]
    after = ["，你们怎么看？", " what do you think?", "（求扩散）", " unbelievable"]
    return rng.choice(before) + text + rng.choice(after)


def _cut(text: str, rng: random.Random) -> str:
    """The first 40-80 %, with dots."""
    return text[: max(24, int(len(text) * rng.uniform(0.4, 0.8)))] + rng.choice(["…", "...", "…全文"])


def _noise(text: str, rng: random.Random) -> str:
    """Emoji, emoticons, signs, names, a hashtag and a link, anywhere but inside links."""
    letters = list(text)
    for _ in range(rng.randint(2, 8)):
        letters.insert(rng.randrange(len(letters) + 1), rng.choice(_NOISE))
    return (
        rng.choice(["", "[怒][怒]", "#扩散# "])
        + "".join(letters)
        + rng.choice([" @someone", " http://t.cn/A6x9", "[泪]"])
    )


def _script(text: str, rng: random.Random) -> str:
    """Traditional characters or full-width letters."""
    if any("\u4e00" <= c <= "\u9fff" for c in text):
        return str(opencc.OpenCC("s2t").convert(text))
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "copy": lambda text, rng: text,
    "edit": _edit,
    "remark": _words,
    "cut": _cut,
    "noise": _noise,
    "script": _script,
}


def pool(data: Path, seed: int, most: int) -> list[str]:
    """Texts without near-duplicates by nature."""
    texts = pd.Series([t for part in every_text(data, most=8_000).values() for t in part])
    texts = texts.sample(min(len(texts), most), random_state=seed)
    plain = texts.str.replace(_FOREIGN, "", regex=True).str.lower()
    keep = texts[~plain.duplicated() & (plain.str.len() >= 8)]
    plain = plain[keep.index]
    grams = TfidfVectorizer(analyzer="char", ngram_range=(3, 3), min_df=2, dtype=np.float32).fit_transform(plain)
    alone = np.ones(len(keep), bool)
    for at in range(0, len(keep), 1000):
        near = (grams[at : at + 1000] @ grams.T).tocoo()
        other = (near.data > 0.5) & (near.row + at > near.col)  # the later one of a pair goes
        alone[at + near.row[other]] = False
    say(f"{len(texts)} texts, {int(alone.sum())} without a near-duplicate by nature")
    return keep[alone].tolist()


def plant(texts: list[str], seed: int, originals: int) -> pd.DataFrame:
    """Posts in random order: text, family (index of the original), kind of change."""
    rng = random.Random(seed)
    own = pd.Series(texts).str.replace(_FOREIGN, "", regex=True).str.len()
    long = [i for i, t in enumerate(texts) if len(t) >= LONG and own[i] >= OWN]
    chosen = rng.sample(long, min(originals, len(long)))
    rows = [(text, i, "original") for i, text in enumerate(texts)]
    rows += [(change(texts[i], rng), i, kind) for i in chosen for kind, change in KINDS.items() for _ in range(2)]
    rng.shuffle(rows)
    return pd.DataFrame(rows, columns=["text", "family", "kind"])


def as_posts(texts: list[str]) -> pa.Table:
    """POSTS, one a second."""
    times = [NOW + timedelta(seconds=i) for i in range(len(texts))]
    frame = {"watch": "benchmark", "post_id": [f"x:{i}" for i in range(len(texts))], "collected_at": NOW}
    return conform(pd.DataFrame({**frame, "created_at": times, "kind": "post", "text": texts}), "POSTS")


def _pairs(*keys: pd.Series) -> int:  # type: ignore[type-arg]
    counts = np.array(list(Counter(zip(*keys, strict=True)).values()), np.int64)
    return int((counts * (counts - 1) // 2).sum())


def score(posts: pd.DataFrame) -> dict[str, float]:
    """Pairwise precision and recall; recall of each kind: versions found with their original."""
    found = posts.dropna(subset="narrative")
    right = _pairs(found["narrative"], found["family"])
    original = found[found["kind"] == "original"].set_index("family")["narrative"]
    figures = {
        "precision": right / max(_pairs(found["narrative"]), 1),
        "recall": right / max(_pairs(posts["family"]), 1),
    }
    for kind in KINDS:
        mine = posts[posts["kind"] == kind]
        figures[f"recall.{kind}"] = float((mine["family"].map(original) == mine["narrative"]).mean())
    return figures


def measure(posts: pd.DataFrame, batches: int) -> tuple[pd.DataFrame, float]:
    """Labels of posts given in batches, and posts per second."""
    table = as_posts(posts["text"].tolist())
    step = -(-len(posts) // batches)
    said: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        for at in range(0, len(posts), step):
            labels = narratives(table.slice(at, step), WATCH, now=NOW, state=Path(folder))
            said |= dict(zip(labels["post_id"].to_pylist(), labels["value"].to_pylist(), strict=True))
        seconds = time.perf_counter() - start
    return posts.assign(narrative=[said.get(f"x:{i}") for i in range(len(posts))]), len(posts) / seconds


def many(texts: list[str], n: int, seed: int) -> pd.DataFrame:
    """Posts of about 70 characters, five pieces of different texts each; three in ten are copies, one in ten edited."""
    rng = random.Random(seed)

    def piece() -> str:
        text = rng.choice(texts)
        at = rng.randrange(max(1, len(text) - 14))
        return text[at : at + 14]

    fresh = ["".join(piece() for _ in range(5)) for _ in range(n * 6 // 10)]
    copies = rng.choices(fresh, k=n * 3 // 10)
    edited = [_edit(text, rng) for text in rng.choices(fresh, k=n - len(fresh) - len(copies))]
    made = fresh + copies + edited
    rng.shuffle(made)
    return pd.DataFrame({"text": made})


def main() -> None:
    """Run and print."""
    options = parser("narratives", __doc__ or "")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--texts", type=int, default=15_000, help="most background texts")
    options.add_argument("--originals", type=int, default=1_000)
    options.add_argument("--speed", type=int, default=0, help="also time this many posts, made from the texts found")
    given = options.parse_args()
    texts = pool(given.data, given.seed, given.texts)
    posts, rate = measure(plant(texts, given.seed, given.originals), batches=1)
    figures = {**score(posts), "posts_per_s": rate}
    split, _ = measure(posts.drop(columns="narrative"), batches=10)
    figures |= {f"{key}@10batches": value for key, value in score(split).items() if "." not in key}
    if given.speed:
        figures[f"posts_per_s@{given.speed}"] = measure(many(texts, given.speed, given.seed), batches=1)[1]
    write_predictions(
        given.out, ["id", "prediction", "probability"], ((f"x:{i}", v, "") for i, v in enumerate(posts["narrative"]))
    )
    finish("narratives", figures)


if __name__ == "__main__":
    main()
