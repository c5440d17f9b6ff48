"""Plausible small tables, one per chart, made from a seed."""

from __future__ import annotations

import numpy as np
import pandas as pd


def hours(n: int) -> pd.DatetimeIndex:
    return pd.date_range("2026-03-01", periods=n, freq="h", tz="UTC")


def signal(name: str = "volume", n: int = 96, seed: int = 0) -> pd.DataFrame:
    """A day rhythm with a burst after two thirds, and a gap of five windows."""
    rng = np.random.default_rng(seed)
    expected = 20 + 10 * np.sin(np.arange(n) * 2 * np.pi / 24)
    value = rng.poisson(expected).astype(float)
    value[2 * n // 3 : 2 * n // 3 + 10] *= 8
    frame = pd.DataFrame({"signal": name, "at": hours(n), "step_s": 3600, "value": value, "expected": expected})
    frame["lo"], frame["hi"] = expected * 0.5, expected * 1.6
    frame["surprise"] = np.maximum(0, (value - expected) / 12)
    frame["n_posts"], frame["complete"] = value, 1.0
    frame.loc[30:34, ["value", "n_posts"]] = [np.nan, 0]
    frame.loc[30:34, "complete"] = 0.0
    return frame


def cascade(n: int, seed: int = 0) -> pd.DataFrame:
    """A tree grown by preferential attachment, parents before children."""
    rng = np.random.default_rng(seed)
    parent = [-1, *[int(rng.integers(0, i) ** 0.72) for i in range(1, n)]]
    return pd.DataFrame(
        {
            "post_id": [f"w:{i}" for i in range(n)],
            "parent_id": [None if p < 0 else f"w:{p}" for p in parent],
            "at": pd.Timestamp("2026-03-01", tz="UTC") + pd.to_timedelta(np.arange(n) * 40, unit="s"),
            "label": [f"王***{i % 10}" for i in range(n)],
            "ghost": rng.random(n) < 0.03,
        }
    )


_P = np.linspace(0.05, 0.95, 8)
_LOSS = np.geomspace(1e3, 1e7, 40)

SAMPLES: dict[str, pd.DataFrame] = {
    "volume": signal(),
    "signal_panel": pd.concat([signal(s, seed=i) for i, s in enumerate(["volume", "negative_share", "news", "reach"])]),
    "level_strip": pd.DataFrame(
        {
            "row": ["某品牌"] * 4 + ["Other"],
            "at": [hours(96)[i] for i in (0, 40, 64, 80, 0)],
            "until": [hours(96)[i] for i in (40, 64, 80, 95, 95)],
            "level": ["none", "yellow", "red", "orange", "unknown"],
        }
    ),
    "waterfall": pd.DataFrame(
        {
            "name": ["声量", "负面占比", "转发速度", "媒体跟进", "回应"],
            "points": [34.0, 22.5, 12.0, 8.0, -5.5],
            "n_posts": [900, 850, 400, 12, 3],
        }
    ),
    "sentiment_share": pd.DataFrame({"at": hours(48), "share": np.linspace(0.2, 0.7, 48), "n": 60}).assign(
        lo=lambda f: f["share"] - 0.1, hi=lambda f: f["share"] + 0.1
    ),
    "sentiment_classes": pd.DataFrame(
        {
            "group": np.repeat(["weibo", "news", "x"], 3),
            "value": ["negative", "neutral", "positive"] * 3,
            "n": [300, 120, 40, 20, 30, 4, 90, 70, 30],
        }
    ),
    "topic_bars": pd.DataFrame(
        {
            "title": ["电池 起火", "退款 客服", "股价", "<b>道歉</b> 声明"],
            "words": ["a b", "c d", "e", "f"],
            "n": [420, 230, 80, 60],
            "share": [0.5, 0.3, 0.1, 0.07],
        }
    ),
    "topics_over_time": pd.DataFrame(
        {"at": np.tile(hours(24), 3), "title": np.repeat(["起火", "退款", "股价"], 24), "n": np.arange(72) % 17 + 1}
    ),
    "emerging": pd.DataFrame(
        {
            "title": ["起火", "退款", "股价"],
            "ratio": [8.0, 2.1, 0.9],
            "lo": [6.0, 0.9, 0.5],
            "hi": [11.0, 4.0, 1.6],
            "n_now": [200, 30, 20],
            "n_before": [25, 14, 22],
        }
    ),
    "narratives": pd.DataFrame(
        {
            "text": ["某品牌电池起火,已有三人受伤,速转!", "客服说不退款", "They hid the recall"],
            "first_at": hours(96)[[10, 30, 50]],
            "last_at": hours(96)[[80, 60, 90]],
            "n": [320, 41, 12],
            "n_platforms": [3, 2, 1],
        }
    ),
    "tree": cascade(50),
    "layers": pd.DataFrame({"depth": [0, 1, 2, 3, 4], "n": [1, 210, 320, 90, 12]}),
    "reach": pd.DataFrame({"at": hours(48), "n": np.cumsum(np.arange(48))}).assign(
        reach_lo=lambda f: f["n"] * 40.0, reach_hi=lambda f: f["n"] * 110.0
    ),
    "reproduction": pd.DataFrame(
        {
            "at": hours(24)[[3, 4, 5, 6, 7]],
            "n": [1, 12, 40, 30, 8],
            "r_growth": [np.nan, 12.0, 3.3, 0.75, 0.27],
            "lo": [np.nan, 3.0, 2.4, 0.5, 0.1],
            "hi": [np.nan, np.inf, 4.6, 1.0, 0.4],
            "r_case": [12.0, 3.2, 0.8, 0.3, 0.0],
            "complete": [True, True, True, True, False],
        }
    ),
    "crossings": pd.DataFrame(
        {
            "platform": ["weibo", "wechat", "news", "x"],
            "first_at": hours(96)[[5, 9, 14, 30]],
            "n": [2000, 340, 45, 20],
            "source": [None, "weibo", "weibo", "news"],
            "lag_h": [np.nan, 4.0, 9.0, 16.0],
        }
    ),
    "spreaders": pd.DataFrame(
        {
            "name": ["王***明", "王***明", "T***s"],
            "platform": ["weibo", "weibo", "x"],
            "n_through": [420, 130, 22],
            "n_own": [3, 1, 2],
            "n_followers": [1_200_000, None, 5300],
        }
    ),
    "exceedance": pd.DataFrame({"loss": _LOSS, "p": np.linspace(0.9, 0.001, 40)}),
    "tornado": pd.DataFrame(
        {"name": ["客户流失", "持续天数", "日营收"], "low": [40.0, 70.0, 90.0], "high": [220.0, 160.0, 120.0]}
    ),
    "action_clock": pd.DataFrame(
        {
            "step": ["成立应对小组", "核实事实", "发布首份声明", "联系平台", "联系受影响客户"],
            "owner": ["公关总监", "质量", "公关", "法务", "客服"],
            "opened_at": hours(30)[[20] * 5],
            "due_at": hours(30)[[21, 22, 22, 24, 28]],
            "done_at": [hours(30)[21], None, None, None, None],
        }
    ),
    "race": pd.DataFrame(
        {"at": pd.date_range("2026-03-01", periods=6, freq="min", tz="UTC"), "story": range(6), "correction": range(6)}
    ),
    "effect": signal().assign(
        expected=lambda f: f["expected"].where(f.index > 60), lo=lambda f: f["lo"].where(f.index > 60)
    ),
    "reliability": pd.DataFrame({"p": _P, "observed": _P**1.2, "lo": _P**1.2 - 0.05, "hi": _P**1.2 + 0.05, "n": 90}),
    "confusion": pd.DataFrame(
        {
            "labelled": np.repeat(["negative", "neutral", "positive"], 3),
            "said": ["negative", "neutral", "positive"] * 3,
            "n": [31, 5, 0, 4, 40, 3, 0, 2, 15],
        }
    ),
    "corrected": pd.DataFrame(
        {
            "model": ["通用模型", "训练后"],
            "value": [0.31, 0.46],
            "lo": [0.1, 0.38],
            "hi": [0.6, 0.55],
            "n": [4846, 4846],
        }
    ),
    "lead_time": pd.DataFrame(
        {
            "method": ["index"] * 4 + ["volume z"] * 4,
            "threshold": [1, 2, 3, 4] * 2,
            "false_per_week": [4, 2, 1, 0.4, 6, 3, 1.5, 0.8],
            "lead_h": [9, 7, 6, 2, 6, 5, 3, 1],
            "recall": [1, 0.9, 0.8, 0.5, 0.9, 0.8, 0.7, 0.5],
            "n_events": 12,
        }
    ),
    "data_health": pd.DataFrame(
        {
            "source": np.repeat(["微博", "RSS"], 3),
            "at": hours(96)[[0, 30, 60] * 2],
            "until": hours(96)[[30, 60, 90] * 2],
            "state": ["ok", "none", "ok", "ok", "part", "failed"],
            "n": [900, 0, 1200, 30, 4, 0],
        }
    ),
}

MORE: dict[str, dict[str, object]] = {
    "exceedance": {"p50": 90_000.0, "p90": 2_000_000.0, "currency": "CNY"},
    "tornado": {"base": 100.0, "currency": "CNY"},
    "action_clock": {"now": hours(30)[23].to_pydatetime()},
    "volume": {"events": pd.DataFrame({"at": hours(96)[[64, 66, 70]], "label": ["谣言首发", "橙色预警", "声明"]})},
    "reach": {
        "forecast": pd.DataFrame(
            {"at": [hours(60)[55]], "lo": [1100.0], "mid": [1500.0], "hi": [2600.0], "coverage": [0.8]}
        )
    },
}
