"""What crisis posts say: story variants, reactions, copies with edits, headlines, statements."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crisislib.simulation.grammar import Ints, Texts, fill, pick, reactions
from crisislib.simulation.habits import OPENERS
from crisislib.simulation.repost_tree import roots
from crisislib.simulation.scenario_definition import LANGUAGES, Language, Scenario

# Share of each reaction: before the statement, after it, under it, and in passing on.
_MIX = {
    "before": "angry:24 mock:9 boycott:8 refund:5 regulator:5 lawsuit:2 question:14 wait:8 support:5 story:9 bare:11",
    "after": "angry:12 mock:6 boycott:4 refund:4 regulator:3 lawsuit:1 question:8 wait:8 support:12 "
    "story:4 bare:14 accept:16 distrust:8",
    "under": "accept:34 distrust:17 more:16 support:12 angry:6 refund:4 question:5 bare:6",
    "repost": "spread:28 angry:20 bare:34 boycott:6 question:6 story:3 wait:3",
}
_EDIT = {
    "zh": (
        ["", "", "转：", "【扩散】", "求扩散！", "惊了，", "刚看到，"],
        ["", "", "！", "（侵删）", " 😡", "，已截图", "。大家注意", " [怒]"],
    ),
    "en": (
        ["", "", "Sharing: ", "PSA: ", "Just saw this. ", "omg ", "FYI "],
        ["", "", "!", " (not mine)", " 😡", ", screenshots saved", ". Be careful", " #share"],
    ),
}


def speak(rng: np.random.Generator, frame: pd.DataFrame, pack: Scenario, onset_h: float) -> pd.DataFrame:
    """Texts and true labels for the rows of a crisis frame.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    frame : pandas.DataFrame
        Of :func:`crisislib.simulation.crisis.crisis_frame`, with `native` added.
    pack : Scenario
        Narratives, fixed texts, hashtags and slots.
    onset_h : float
        First post of the crisis, in hours from the drill's start.

    Returns
    -------
    pandas.DataFrame
        The frame with text, topic, sentiment, narrative, action, question added.
    """
    frame = frame.assign(text="", narrative="", sentiment="neutral", action="", question=False, topic=pack.kind)
    frame[["text", "narrative", "sentiment", "action"]] = frame[["text", "narrative", "sentiment", "action"]].astype(
        object
    )
    for lang in LANGUAGES:
        here = (frame["lang"] == lang).to_numpy()
        _stories(rng, frame, pack, np.flatnonzero(here & _tells(rng, frame)), lang, onset_h)
        _reactions(rng, frame, pack, np.flatnonzero(here & (frame["text"] == "").to_numpy()), lang)
        _roles(rng, frame, pack, np.flatnonzero(here), lang)
        _rounds(rng, frame, pack, lang)
    _share_links(rng, frame, pack)
    parent = frame["parent"].to_numpy()
    frame["narrative"] = frame["narrative"].to_numpy()[roots(parent)]
    # a plain repost on X has no words of its own: it says what its original says
    mute = np.flatnonzero(((frame["platform"] == "x") & (frame["kind"] == "repost")).to_numpy() & (parent >= 0))
    for column in ("sentiment", "action", "question"):
        _put(frame, mute, column, frame[column].to_numpy()[parent[mute]])
    return frame


def _tells(rng: np.random.Generator, frame: pd.DataFrame) -> np.ndarray:
    """Which openers tell the story itself; the rest react to it."""
    alone = frame["kind"].isin(OPENERS).to_numpy()
    return alone & ((frame["role"] == "copy").to_numpy() | (rng.random(len(frame)) < 0.35))


def _stories(
    rng: np.random.Generator, frame: pd.DataFrame, pack: Scenario, rows: Ints, lang: Language, onset_h: float
) -> None:
    since = frame["hours"].to_numpy()[rows] - onset_h
    weight = np.array([[v.weight] for v in pack.variants]) * (
        since >= np.array([[v.from_hours] for v in pack.variants])
    )
    mass = np.cumsum(weight, axis=0)
    chosen = (rng.random(len(rows)) * mass[-1] >= mass).sum(axis=0)
    lines = [v.templates[lang] for v in pack.variants]
    sizes = np.array([len(x) for x in lines])
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    which = first[chosen] + (rng.random(len(rows)) * sizes[chosen]).astype(np.int64)
    text = fill(rng, [line for group in lines for line in group], which, pack.slots[lang])
    head, tail = (np.array(pool, dtype=object) for pool in _EDIT[lang])
    text = head[rng.integers(len(head), size=len(rows))] + text + tail[rng.integers(len(tail), size=len(rows))]
    tag = np.where(rng.random(len(rows)) < 0.5, " " + pack.hashtag[lang], "")
    _put(frame, rows, "text", text + tag)
    _put(frame, rows, "narrative", _of(pack, "id")[chosen])
    _put(frame, rows, "sentiment", _of(pack, "sentiment")[chosen])


def _reactions(rng: np.random.Generator, frame: pd.DataFrame, pack: Scenario, rows: Ints, lang: Language) -> None:
    words = reactions(lang)
    lines = {name: list(c.templates) for name, c in words.classes.items()}
    for name, own in (("accept", pack.accept), ("wait", pack.wait)):
        if lang in own:
            lines[name] = own[lang]
    names = list(lines)
    sizes = np.array([len(lines[name]) for name in names])
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    said = np.isin(frame["parent"].to_numpy()[rows], np.flatnonzero((frame["role"] == "statement").to_numpy()))
    mix = np.where(
        said,
        "under",
        np.where(
            frame["phase"].to_numpy()[rows] == "after",
            "after",
            np.where(frame["kind"].to_numpy()[rows] == "repost", "repost", "before"),
        ),
    )
    chosen: Ints = np.zeros(len(rows), dtype=np.int64)
    for name, spec in _MIX.items():
        share = dict(item.split(":") for item in spec.split())
        mine = mix == name
        chosen[mine] = pick(rng, [float(share.get(c, 0)) for c in names], int(mine.sum()))
    which = first[chosen] + (rng.random(len(rows)) * sizes[chosen]).astype(np.int64)
    slots = {**words.slots, **pack.slots[lang]}
    _put(frame, rows, "text", fill(rng, [line for name in names for line in lines[name]], which, slots))
    for column in ("sentiment", "action"):
        _put(frame, rows, column, np.array([getattr(words.classes[c], column) for c in names], dtype=object)[chosen])
    _put(frame, rows, "question", np.array([words.classes[c].question for c in names])[chosen])


def _roles(rng: np.random.Generator, frame: pd.DataFrame, pack: Scenario, rows: Ints, lang: Language) -> None:
    """The posts whose wording is part of the story."""
    role = frame["role"].to_numpy()[rows]
    fixed = {
        "root": pack.root.text,
        "influencer": pack.influencer[lang],
        "holding": pack.holding[lang],
        "statement": pack.statement[lang],
    }
    for name, text in fixed.items():
        mine = rows[role == name]
        mood = "negative" if name in ("root", "influencer") else "neutral"
        story = pack.variants[0].id if name in ("root", "influencer") else ""
        for column, value in (
            ("text", text),
            ("sentiment", mood),
            ("narrative", story),
            ("action", ""),
            ("question", False),
        ):
            _put(frame, mine, column, np.full(len(mine), value, dtype=object))
    press = rows[role == "news"]
    headlines = np.array(pack.news[lang], dtype=object)
    _put(frame, press, "text", headlines[rng.integers(len(headlines), size=len(press))])
    _put(frame, press, "sentiment", np.full(len(press), "neutral", dtype=object))


def _rounds(rng: np.random.Generator, frame: pd.DataFrame, pack: Scenario, lang: Language) -> None:
    """One wording per round of a coordinated group, with a mark changed here and there."""
    rows = np.flatnonzero(((frame["round"] >= 0) & (frame["lang"] == lang)).to_numpy())
    if not len(rows):
        return
    turn = frame["round"].to_numpy()[rows]
    story = rng.integers(len(pack.variants), size=turn.max() + 1)
    lines = [v.templates[lang][0] for v in pack.variants]
    wording = fill(rng, lines, story, pack.slots[lang])
    tail = np.array(["", "", "", "!", ".", " 😡"], dtype=object)
    text = wording[turn] + tail[rng.integers(len(tail), size=len(rows))] + " " + pack.hashtag[lang]
    _put(frame, rows, "text", text)
    _put(frame, rows, "narrative", _of(pack, "id")[story[turn]])
    _put(frame, rows, "sentiment", _of(pack, "sentiment")[story[turn]])
    _put(frame, rows, "action", np.full(len(rows), "", dtype=object))
    _put(frame, rows, "question", np.zeros(len(rows), dtype=bool))


def _share_links(rng: np.random.Generator, frame: pd.DataFrame, pack: Scenario) -> None:
    """Links in the text: every second round shares a clip, some openers share a news story they have read."""
    turn = frame["round"].to_numpy()
    link = np.where((turn >= 0) & (turn % 2 == 0), "https://clip.example/v/" + turn.astype(str).astype(object), "")
    press = np.flatnonzero((frame["role"] == "news").to_numpy())
    openers = np.flatnonzero((frame["kind"].isin(OPENERS) & frame["role"].isin(["organic", "copy"])).to_numpy())
    readers = openers[(rng.random(len(openers)) < 0.12) & (np.searchsorted(press, openers) > 0)]
    if len(readers):
        story = press[(np.searchsorted(press, readers) * rng.random(len(readers))).astype(np.int64)]
        link[readers] = frame["native"].to_numpy(dtype=object)[story]
    frame["link"] = link
    frame["text"] = frame["text"] + np.where(link != "", " " + link, "")
    frame["tag"] = ""
    for tag in pack.hashtag.values():
        frame.loc[frame["text"].str.contains(tag, regex=False), "tag"] = tag.strip("#")


def _of(pack: Scenario, attribute: str) -> Texts:
    return np.array([str(getattr(v, attribute)) for v in pack.variants], dtype=object)


def _put(frame: pd.DataFrame, rows: Ints, column: str, values: Texts) -> None:
    held = frame[column].to_numpy(copy=True)
    held[rows] = values
    frame[column] = held
