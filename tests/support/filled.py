"""A lake filled with plausible tables of one incident, made from a seed; no stage is needed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from crisislib import engine, services, spread
from crisislib.core.watch import Watch
from crisislib.engine.brief import Situation, brief
from crisislib.engine.context import RunContext, RunWindow
from crisislib.engine.decide import Decisions
from crisislib.engine.findings import finding_rows
from crisislib.engine.home import Home
from crisislib.engine.response_effects import effects
from crisislib.engine.runs import run_row
from crisislib.engine.steps import decide_now
from crisislib.engine.trace import Traced
from crisislib.lake import Lake
from tests.support.shared import copied

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
HOURS = 180
ONSET = 150
WATCH_YML = """
watch: {name}
title: {{zh: 示例品牌 {name}, en: Example brand {name}}}
language: {language}
timezone: Asia/Shanghai
brand: {{names: [示例, Example]}}
risk: {{currency: CNY}}
sources:
  - {{source: rss, name: newsroom}}
notes: a made-up watch for tests
"""
HOSTILE = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1> =cmd|' /C calc'!A0"


def write_watch(folder: Path, name: str = "example", language: str = "zh") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yml"
    path.write_text(WATCH_YML.format(name=name, language=language), encoding="utf-8")
    return path


def at(hours) -> pd.DatetimeIndex:
    return (pd.to_datetime(START) + pd.to_timedelta(np.asarray(hours), unit="h")).floor("s").as_unit("us")


def posts(watch: str, n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    calm = n // 3
    hour = np.sort(np.r_[rng.uniform(0, ONSET, calm), ONSET + rng.exponential(9, n - calm).clip(0, 29)])
    crisis = hour >= ONSET
    first = int(np.argmax(crisis))
    parent = np.full(n, -1)
    span = np.arange(n) - first
    spread = crisis & (span > 0) & (rng.random(n) < 0.7)
    parent[spread] = first + (rng.random(spread.sum()) ** 2.2 * span[spread]).astype(int)
    ids = np.array([f"weibo:{i}" for i in range(n)])
    root = np.where(spread, ids[first], None)
    said = np.array(
        ["今天用了示例手机,还行", "示例电池起火了,大家小心,速转!", "客服一直不退款,太差了", "battery fire, avoid"]
    )
    text = np.where(crisis, said[rng.integers(1, 4, n)], said[0]).astype(object)
    text[first + 3] = HOSTILE
    return pd.DataFrame(
        {
            "watch": watch,
            "post_id": ids,
            "collected_at": pd.Timestamp(NOW),
            "platform": np.where(rng.random(n) < 0.8, "weibo", np.where(rng.random(n) < 0.5, "x", "news")),
            "kind": np.where(parent >= 0, "repost", "post"),
            "account_id": [f"weibo:{a}" for a in rng.integers(0, n // 4, n)],
            "created_at": at(hour),
            "created_precision_s": 1,
            "parent_id": [None if p < 0 else ids[p] for p in parent],
            "root_id": root,
            "text": text,
            "lang": "zh",
            "url": np.where(rng.random(n) < 0.05, "javascript:alert(1)", "https://example.org/p?id=1"),
            "n_likes": rng.poisson(4, n),
            "n_reposts": rng.poisson(2, n),
            "source": "newsroom",
            "batch_id": "b1",
            "row_no": np.arange(n),
        }
    )


def accounts(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    ids = frame["account_id"].unique()
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "account_id": ids,
            "seen_at": pd.Timestamp(NOW),
            "platform": "weibo",
            "name": [f"private name {i}" for i in ids],
            "name_masked": [f"王***{i[-1]}" for i in ids],
            "n_followers": rng.lognormal(6, 2, len(ids)).astype(int),
        }
    )


def labels(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    crisis = frame["text"] != "今天用了示例手机,还行"
    base = {
        "watch": frame["watch"],
        "post_id": frame["post_id"],
        "model": "test@1",
        "at": pd.Timestamp(NOW),
        "created_at": frame["created_at"],
        "p": 0.9,
    }
    mood = np.where(rng.random(len(frame)) < np.where(crisis, 0.7, 0.2), "negative", "neutral")
    topic = np.where(frame["text"].str.contains("退款"), "refund", np.where(crisis, "fire", "daily"))
    story = frame["text"].map({t: f"n{i}" for i, t in enumerate(frame["text"].unique())})
    parts = [
        pd.DataFrame({**base, "label": "sentiment", "value": mood, "score": np.where(mood == "negative", 0.8, 0.2)}),
        pd.DataFrame({**base, "label": "topic", "value": topic}),
        pd.DataFrame({**base, "label": "narrative", "value": story, "score": 1.0, "evidence": '{"text": "1"}'}),
        pd.DataFrame({**base, "label": "crisis_type", "value": "product_harm"})[crisis.to_numpy()],
        pd.DataFrame({**base, "label": "sensitive.safety", "value": "safety", "score": 3.0})[crisis.to_numpy()],
    ]
    return pd.concat(parts, ignore_index=True)


def signals(frame: pd.DataFrame, watch: str) -> pd.DataFrame:
    hour = ((frame["created_at"] - pd.Timestamp(START)).dt.total_seconds() // 3600).astype(int)
    count = hour.value_counts().reindex(range(HOURS), fill_value=0).to_numpy().astype(float)
    expected = np.full(HOURS, count[:ONSET].mean())
    base = {"watch": watch, "at": at(np.arange(HOURS)), "step_s": 3600, "made_at": pd.Timestamp(NOW)}
    more = {"expected": expected, "lo": expected * 0.3, "hi": expected * 2.2, "n_posts": count.astype(int)}
    surprise = np.clip((count - expected) / 4, 0, 40)
    volume = pd.DataFrame({**base, **more, "signal": "volume", "value": count, "surprise": surprise, "complete": 1.0})
    volume.loc[60:66, ["value", "complete"]] = [np.nan, 0.0]
    share = volume.assign(signal="negative_share", value=np.where(count > 0, 0.2 + 0.5 * (surprise > 2), np.nan))
    share = share.assign(expected=0.25, lo=0.1, hi=0.4, surprise=np.where(surprise > 2, 5.0, 0.2))
    return pd.concat([volume, share], ignore_index=True)


def edges(frame: pd.DataFrame) -> pd.DataFrame:
    held = frame.dropna(subset=["parent_id"])
    when = frame.set_index("post_id")["created_at"]
    lag = (held["created_at"] - held["parent_id"].map(when)).dt.total_seconds()
    return pd.DataFrame(
        {
            "watch": held["watch"],
            "src": held["parent_id"],
            "dst": held["post_id"],
            "kind": "repost",
            "made_at": pd.Timestamp(NOW),
            "post_id": held["post_id"],
            "at": held["created_at"],
            "lag_s": lag,
            "confidence": 0.95,
            "method": "explicit",
        }
    )


def cascades(frame: pd.DataFrame, watch: str) -> pd.DataFrame:
    roots = frame["root_id"].dropna().unique()
    tree = frame[frame["root_id"].notna() | frame["post_id"].isin(roots)]
    return pd.DataFrame(
        {
            "watch": watch,
            "root_id": roots,
            "as_of": pd.Timestamp(NOW),
            "started_at": tree["created_at"].min(),
            "last_at": tree["created_at"].max(),
            "n": len(tree),
            "n_ghost": 0,
            "n_accounts": tree["account_id"].nunique(),
            "depth": 6,
            "breadth": 200,
            "virality": 4.2,
            "half_s": 21600.0,
            "speed_h": 40.0,
            "reach_lo": 40_000,
            "reach_hi": 130_000,
            "reach_method": "followers, overlap corrected",
            "forecast_lo": 1.1 * len(tree),
            "forecast": 1.4 * len(tree),
            "forecast_hi": 2.2 * len(tree),
            "forecast_method": "test",
            "rumour_p": 0.63,
            "reasons": json.dumps(["no source named"]),
        }
    )


def decided(watch: str) -> dict[str, pd.DataFrame]:
    onset, key = pd.Timestamp(at([ONSET])[0]), f"{watch}-1"
    moments = [onset + pd.Timedelta(hours=h) for h in (1, 4, 9, 24)]
    levels = ["yellow", "orange", "red", "orange"]
    same = {"incident_id": key, "watch": watch}
    loss = np.geomspace(1e4, 1e7, 60)
    steps = [("核实事实", "质量", 1, True), ("发布首份声明", "公关", 2, False), ("联系平台", "法务", 48, False)]
    return {
        "ALERTS": pd.DataFrame(
            [
                {**same, "alert_id": f"a{i}", "made_at": m, "signal": "volume", "at": m, "level": v, "statistic": 8.0,
                 "threshold": 3.0, "method": "test", "evidence": json.dumps(["weibo:700"])}
                for i, (m, v) in enumerate(zip(moments, levels, strict=True))
            ]
        ),
        "INCIDENTS": pd.DataFrame(
            [
                {**same, "at": m, "title": "电池起火传言", "kind": "product_harm", "level": v, "status": "open",
                 "opened_at": moments[0], "index": float(x), "by": "warn", "evidence": json.dumps(["weibo:700"])}
                for m, v, x in zip(moments, levels, (62, 78, 93, 80), strict=True)
            ]
        ),
        "RISKS": pd.DataFrame(
            [{**same, "at": moments[-1], "level": "orange", "likelihood": 0.8, "impact": 3.0, "loss_mean": 1.1e6,
              "loss_p50": 4e5, "loss_p90": 3e6, "currency": "CNY", "seed": 0,
              "drivers": json.dumps({"per": "incident", "forms": [
                  {"form": "reputation", "tornado_lo": 2e5, "tornado_hi": 3e6}]}),
              "curve": json.dumps([[float(v), float(p)]
                                   for v, p in zip(loss, np.linspace(0.95, 0.001, 60), strict=True)])}]
        ),
        "ACTIONS": pd.DataFrame(
            [
                {**same, "action_id": f"s{i}", "at": moments[1], "playbook": "product_harm", "step": s, "owner": o,
                 "due_at": moments[0] + pd.Timedelta(hours=h), "done_at": moments[1] if d else None,
                 "status": "done" if d else "open", "reason": "test"}
                for i, (s, o, h, d) in enumerate(steps)
            ]
        ),
        "RESPONSES": pd.DataFrame(
            [{**same, "response_id": "r1", "at": moments[2], "kind": "statement", "channel": "weibo",
              "strategy": "instructing", "url": "https://example.org/s", "text": "声明", "by": "公关",
              "logged_at": moments[2]}]
        ),
        "BATCHES": pd.DataFrame(
            [{"batch_id": "b1", "at": pd.Timestamp(NOW), "watch": watch, "source": "newsroom", "n_read": 900,
              "n_kept": 800, "n_rejected": 3, "n_duplicate": 97, "since": pd.Timestamp(START),
              "until": pd.Timestamp(NOW), "gaps": "[]", "warnings": "[]", "ok": True},
             {"batch_id": "b2", "at": pd.Timestamp(NOW), "watch": watch, "source": "forum feed", "n_read": 0,
              "n_kept": 0, "n_rejected": 0, "n_duplicate": 0, "since": pd.Timestamp(NOW) - timedelta(hours=6),
              "until": pd.Timestamp(NOW), "gaps": "[]", "warnings": json.dumps(["HTTP 503"]), "ok": False}]
        ),
    }  # fmt: skip


def topics(watch: str) -> pd.DataFrame:
    proof = json.dumps({"posts": ["weibo:700"]})
    names = [
        ("fire", "电池 起火", "battery fire"),
        ("refund", "退款 客服", "refund service"),
        ("daily", "日常", "daily"),
    ]
    return pd.DataFrame(
        [
            {"watch": watch, "topic_id": k, "model": "test@1", "at": pd.Timestamp(NOW), "evidence": proof, "words": zh,
             "title_zh": zh, "title_en": en, "n": 10, "share": 0.3}
            for k, zh, en in names
        ]
    )  # fmt: skip


def fill(lake_root: Path, *, watch: str = "example", n: int = 1200, seed: int = 0) -> Lake:
    """Write every table of one watch, or copy a lake in which this was done before; returns the lake."""
    if lake_root.is_dir() and any(lake_root.iterdir()):
        write_tables(lake_root, watch, n, seed)
    else:
        copied(f"lake-{watch}-{n}-{seed}", lambda folder: write_tables(folder, watch, n, seed), lake_root)
    return Lake(lake_root)


def write_tables(lake_root: Path, watch: str, n: int, seed: int) -> None:
    """Every table of one watch, and what a run over them tells, added to what is there."""
    lake, frame = Lake(lake_root), posts(watch, n, seed)
    tables = {
        "POSTS": frame,
        "ACCOUNTS": accounts(frame, seed),
        "LABELS": labels(frame, seed),
        "TOPICS": topics(watch),
        "EDGES": edges(frame),
        "CASCADES": cascades(frame, watch),
        "SIGNALS": signals(frame, watch),
        **decided(watch),
    }
    for name, rows in tables.items():
        lake.append(name, rows)
    tell(lake, watch)


def tell(lake: Lake, watch: str, now: datetime = NOW) -> None:
    """What a run over these tables tells, by the engine's own steps; without topics and forecasts, which take long."""
    made = Watch.model_validate(yaml.safe_load(WATCH_YML.format(name=watch, language="zh")))
    window = RunWindow(START, NOW, NOW, now)
    ctx = RunContext(
        Home(lake.root, lake.root.parent / "watches", lake.root.parent / "reports"), made, window, f"told {now:%H:%M}"
    )
    posts, edges, people, groups = (lake.arrow(n, watch=watch) for n in ("POSTS", "EDGES", "ACCOUNTS", "GROUPS"))
    stories = lake.read("CASCADES", watch=watch).sort_values("n", ascending=False).reset_index(drop=True)
    traced = Traced(posts, edges, people, stories, spread.findings(posts, edges, people, groups, now=NOW))
    judged = decide_now(ctx)
    last = replace(judged.last, level="orange", index=80.0, incident_id=f"{watch}-1")
    decisions = Decisions(((NOW, last),))
    incident = {str(k): v for k, v in lake.read("INCIDENTS", watch=watch).iloc[0].items()}
    risk = {str(k): v for k, v in lake.read("RISKS", watch=watch).iloc[0].items()}
    situation = Situation(incident, last, lake.read("SIGNALS", watch=watch), risk, traced)
    told = [*last.findings, *traced.findings, *effects(lake, made, now=NOW), *brief(ctx, situation)]
    ctx.append("FINDINGS", finding_rows(ctx, told, at=NOW, incident=f"{watch}-1"))
    ctx.append("RUNS", run_row(ctx, decisions, lake=lake))


def vary(lake: Lake, watch: str = "example") -> None:
    """A later look at every post in which no two texts are the same, so that there are many to label."""
    held = lake.read("POSTS", watch=watch)
    texts = [f"{text} {i}" for i, text in enumerate(held["text"])]
    lake.append("POSTS", held.assign(text=texts, collected_at=NOW + timedelta(minutes=1)))


def demonstrate(root: Path, *, moment: datetime = NOW, language: str = "en") -> Path:
    """A demonstration as `crisis demo` leaves it, filled without its minute of work; returns its folder."""
    folder = root / "data" / "demo"
    fill(folder / "lake", watch="demo", n=300)
    write_watch(folder / "watches", "demo", language)
    text = f'[folders]\nlake = "lake"\nwatches = "watches"\n\n[demonstration]\nat = {moment.isoformat()}\n'
    (folder / "crisis.toml").write_text(text, encoding="utf-8")
    return folder


DEMO_NOW = datetime(2026, 11, 1, tzinfo=UTC)
"""The wall clock of the demonstration below."""
DEMO_POSTS = 4000


def demonstrated(root: Path) -> tuple[engine.RunResult, list[str]]:
    """A demonstration as `crisis demo --posts 4000` makes it, in a folder of one's own; what it found and checked.

    Its report stays where it was made, and is to be read only.
    """

    def run(folder: Path) -> tuple[engine.RunResult, list[str]]:
        return services.demo(folder, posts=DEMO_POSTS, reports=folder / "reports", now=DEMO_NOW)

    return copied("demonstration", run, root)
