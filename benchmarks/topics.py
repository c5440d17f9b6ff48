"""Topics: are they coherent, different from one another, and like the classes people gave?

Every set in the folder that has an eval.json is used: those of kind `topics` whole, with their classes,
the others as short posts (their classes are not topics, so no NMI). Every method gets the same words. The vectors
of BERTopic's defaults (UMAP, HDBSCAN, c-TF-IDF) are ours.

- npmi, diversity: mean over 10, 20, 30, 40 and 50 topics, first 10 words of each topic, over the same corpus;
  NPMI over sliding windows of 10 words (what OCTIS and gensim's c_npmi report).
- nmi: against the classes, at the number of topics that the method chooses; NMF and LDA get our choice.
- seconds, peak_mb: vectors and one fit at that number, in a process of its own.

Our choice of a topic's words looks at co-occurrence, as NPMI does: our NPMI is optimistic by as much.
"""

from __future__ import annotations

import copy
import multiprocessing
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.metrics import normalized_mutual_info_score
from threadpoolctl import threadpool_limits

from benchmarks.harness import Figures, finish, parser, peak_mb, say, write_predictions
from benchmarks.texts import TextSet, labelled
from benchmarks.topic_metrics import diversity, npmi
from crisislib.nlp.topics.tokens import clean, words

GRID = (10, 20, 30, 40, 50)
Found = tuple[Sequence[int], list[list[str]]]
"""Topic of each text (−1 none), and the words of each topic."""


@dataclass(frozen=True)
class Task:
    """Texts of words parted by blanks, how often each was said, and our number of topics (0 unknown)."""

    texts: list[str]
    counts: list[int]
    k: int


def ours(task: Task) -> Callable[[int | None], Found]:
    """The workbench's topics, on offline vectors."""
    from crisislib.nlp.topics import topic_model as model
    from crisislib.nlp.topics import vectors

    points = vectors.learn(task.texts, seed=0).encode(task.texts)
    weights = 1 + np.log(np.array(task.counts))

    def at(k: int | None) -> Found:
        found = model.fit(task.texts, points, weights, k=k, seed=0)
        return found.assign(points)[0].tolist(), [[w for w, _ in topic] for topic in found.words]

    return at


def bertopic(task: Task) -> Callable[[int | None], Found]:
    """BERTopic as it comes, given our vectors; k by its own topic reduction."""
    with warnings.catch_warnings():
        from bertopic import BERTopic
    from umap import UMAP

    from crisislib.nlp.topics import vectors

    points = vectors.learn(task.texts, seed=0).encode(task.texts)
    # Its default UMAP, with a seed so that the figure can be had again.
    reduce = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", low_memory=False, random_state=0)
    fitted: list[Any] = []

    def at(k: int | None) -> Found:
        if not fitted:
            fitted.append(BERTopic(language="multilingual", umap_model=reduce))
            fitted[0].fit(task.texts, points)
        model = copy.deepcopy(fitted[0]) if k else fitted[0]
        if k and len(model.get_topics()) - 1 > k:
            model.reduce_topics(task.texts, nr_topics=k + 1)
        topics = [[w for w, _ in rows if w] for n, rows in model.get_topics().items() if n >= 0]
        return list(model.topics_), topics

    return at


def _factorised(task: Task, kind: str) -> Callable[[int | None], Found]:
    from sklearn.decomposition import NMF, LatentDirichletAllocation
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    counter = (TfidfVectorizer if kind == "nmf" else CountVectorizer)(analyzer=str.split, min_df=2, max_features=20_000)
    table = counter.fit_transform(task.texts)
    names = counter.get_feature_names_out()

    def at(k: int | None) -> Found:
        n = k or task.k
        model = NMF(n, random_state=0) if kind == "nmf" else LatentDirichletAllocation(n, random_state=0)
        parts = model.fit_transform(table)
        return parts.argmax(1).tolist(), [[names[i] for i in row.argsort()[::-1][:10]] for row in model.components_]

    return at


def nmf(task: Task) -> Callable[[int | None], Found]:
    """Non-negative matrix factorisation of TF-IDF, scikit-learn's defaults."""
    return _factorised(task, "nmf")


def lda(task: Task) -> Callable[[int | None], Found]:
    """Latent Dirichlet allocation, scikit-learn's defaults."""
    return _factorised(task, "lda")


METHODS: dict[str, Callable[[Task], Callable[[int | None], Found]]] = {
    "ours": ours,
    "bertopic": bertopic,
    "nmf": nmf,
    "lda": lda,
}


def _own_peak_mb() -> float:
    """Peak memory of this process, MB: the kernel's high-water mark, since `ru_maxrss` keeps the parent's over exec."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak_mb()
    lines = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
    return float(lines["VmHWM"].split()[0]) / 1024


def _child(name: str, task: Task, sender: Any) -> None:
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        start = time.perf_counter()
        at = METHODS[name](task)
        labels, topics = at(None)
        seconds, peak = time.perf_counter() - start, _own_peak_mb()
        runs = [at(k)[1] for k in GRID if k * 5 <= len(task.texts)]
    figures = {
        "npmi": float(np.mean([np.nanmean(npmi(run, task.texts)) for run in runs])),
        "diversity": float(np.mean([diversity(run) for run in runs])),
        "seconds": seconds,
        "peak_mb": peak,
    }
    sender.send((list(map(int, labels)), len(topics), figures))


def measure(name: str, task: Task) -> tuple[list[int], int, Figures]:
    """Run a method in a process of its own, so that its memory is its own."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(name, task, sender))
    process.start()
    sender.close()
    try:
        answer: tuple[list[int], int, Figures] = receiver.recv()
    except EOFError:
        raise SystemExit(f"{name} did not finish; see above") from None
    finally:
        process.join()
    return answer


def _are_words(texts: pd.Series[Any]) -> bool:
    """Whether texts come as lower-case words parted by blanks, without punctuation: then they stay as they are."""
    plain = (texts == texts.str.lower()) & ~texts.str.contains(r"[.,!?;:。，！？；：]", regex=True)
    letters, blanks = texts.str.len().sum(), texts.str.count(r"\s+").sum() + len(texts)
    return bool(plain.mean() > 0.99 and letters / blanks < 15)


def prepare(one: TextSet, limit: int) -> tuple[Task, pd.Series[Any], np.ndarray]:
    """Distinct texts as words. Sets of kind `topics` that come as words stay as they are."""
    texts, classes = one.texts, one.classes
    if one.kind != "topics" and len(texts) > limit:
        texts, classes = texts.iloc[:limit], classes.iloc[:limit]
    said = texts if one.kind == "topics" and _are_words(texts) else pd.Series(words(clean(pa.array(texts.tolist()))))
    codes, unique = pd.factorize(said.where(said != "").to_numpy(), use_na_sentinel=True)
    counts = np.bincount(codes[codes >= 0])
    return Task([str(u) for u in unique], counts.tolist(), 0), classes, codes


def _available(name: str) -> bool:
    if name != "bertopic":
        return True
    try:
        import hdbscan  # noqa: F401
        import umap  # noqa: F401
    except ImportError as fault:
        say(f"peer bertopic is left out: {fault}")
        return False
    return True


def run_set(one: TextSet, limit: int, peers: Sequence[str]) -> tuple[dict[str, Figures], list[tuple[str, int, str]]]:
    """Figures of every method on one set, and our predictions."""
    task, classes, codes = prepare(one, limit)
    figures: dict[str, Figures] = {}
    rows: list[tuple[str, int, str]] = []
    for name in ["ours", *peers]:
        labels, k, found = measure(name, task)
        topic = np.where(codes >= 0, np.array([*labels, -1])[codes], -1)
        if name == "ours":
            task = Task(task.texts, task.counts, k)
            rows = [(f"{one.name}:{i}", int(t), "") for i, t in enumerate(topic)]
        if one.kind == "topics":
            found["nmi"] = float(normalized_mutual_info_score(classes, topic))
        figures[name] = {f"{one.name}.{key}": value for key, value in found.items()}
        say(f"{one.name} {name}: {k} topics, " + ", ".join(f"{key} {value:.3f}" for key, value in found.items()))
    return figures, rows


def main() -> None:
    """Run and print."""
    options = parser("topics", __doc__ or "")
    options.add_argument("--limit", type=int, default=3000, help="most posts of a set that is not of kind topics")
    options.add_argument("--peers", default="bertopic,nmf,lda", help="peers to run, parted by commas")
    options.add_argument(
        "--speed", type=int, default=0, metavar="N", help="also time N posts made from the sets' texts"
    )
    options.add_argument("--speed-peer", type=int, default=0, metavar="N", help="BERTopic's defaults on N of them")
    given = options.parse_args()
    peers = [name for name in given.peers.split(",") if name and _available(name)]
    figures: dict[str, Figures] = {name: {} for name in ["ours", *peers]}
    rows: list[tuple[str, int, str]] = []
    sets = list(labelled(given.data))
    for one in sets:
        found, more = run_set(one, given.limit, peers)
        rows += more
        for name, part in found.items():
            figures[name] |= part
    if given.speed:
        from benchmarks.topics_speed import speed

        mine, theirs = speed(sets, given.speed, given.speed_peer)
        figures["ours"] |= mine
        figures.setdefault("bertopic", {}).update(theirs)
    write_predictions(given.out, ["id", "prediction", "probability"], rows)
    finish("topics", figures.pop("ours"), figures)


if __name__ == "__main__":
    main()
