"""Share of export files that open unaided and are right: cases whose facts are known, and a sample of each layout.

A case is a file in the shape of a real export (`--cases DIR`); what is right in it stands below, as columns of POSTS
in the order of its rows. A case counts where every one of its facts holds. Samples are those of the tests: each must be
recognised by its columns and give every row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.harness import finish, parser, say
from crisislib.collect import LAYOUTS, Batch, read_export
from crisislib.core.errors import CrisisError
from crisislib.core.watch import Watch

SAMPLES = Path(__file__).parents[1] / "tests" / "collect" / "samples"
NOW = datetime(2026, 11, 30, tzinfo=UTC)
TREE = {"kind": ["post", "repost", "reply", "quote"], "n_likes": [7, 0, 1, 0], "platform": ["x"] * 4}
CASES: dict[str, Mapping[str, Any]] = {
    "apify-tiktok.csv": {"platform": ["tiktok"] * 2, "kind": ["video"] * 2, "duplicate": 1},
    "array-a-line.jsonl": {"kept": 2},
    "chinese-ampm.csv": {"zone": "Asia/Shanghai", "clock": ["07:10:00", "01:05:00", "13:30:00"]},
    "crowdtangle-posts.csv": {"platform": ["facebook"] * 3, "clock": ["22:02:45", "13:29:43", "03:13:41"]},
    "date-and-time-apart.csv": {"clock": ["18:03:00", "03:10:00"], "created_precision_s": [60, 60]},
    "discord-channel.json": {"platform": ["discord"] * 2, "n_likes": [4, None], "kind": ["post", "reply"]},
    "dot-thousands.csv": {"n_likes": [407137, 12345, 1234567]},
    "export.zip": {"zone": "Asia/Shanghai", "kept": 2},
    "google-play.csv": {"platform": ["googleplay"] * 2, "n_likes": [12, 0], "kept": 2},
    "header-twins.csv": {"kept": 1, "rejected": 1},
    "html-text.csv": {"zone": "Asia/Shanghai", "text": ["[泪]水太难喝了\n@艾克美", "价格 < 5 元 & 难喝，3<5"]},
    "ids-small-e.csv": {"kept": 3, "duplicate": 0},
    "iso-with-pm.csv": {"zone": "Asia/Shanghai", "clock": ["07:10:05", "16:10:05", "03:59:00"]},
    "mastodon.jsonl": {"text": ["Cup broke #acme", "mine too"], "kind": ["post", "reply"]},
    "mediacrawler-weibo-comments.jsonl": {"zone": "Asia/Shanghai", "parent_id_0": "weibo:5000000000000001"},
    "mediacrawler.db": {"zone": "Asia/Shanghai", "n_likes": [12000]},
    "meltwater-2026.xlsx": {"platform": ["reddit", "reddit", "x"], "n_likes": [None, None, 12]},
    "nested-list.json": {"zone": "Asia/Shanghai", "kept": 2},
    "octopus-weibo.csv": {"zone": "Asia/Shanghai", "kept": 4, "platform": ["weibo"] * 4},
    "reddit-posts.csv": {"platform": ["reddit"] * 2, "n_likes": [43, 1], "n_replies": [81, 0]},
    "talkwalker-short-dates.xlsx": {
        "platform": ["x"] * 3, "kind": ["post", "repost", "reply"], "clock": ["11:00:24", "11:04:00", "09:30:05"],
    },
    "telegram-chat.json": {"platform": ["telegram"] * 3, "kind": ["post", "reply", "repost"], "clock_0": "10:00:00"},
    "twarc-flat.jsonl": TREE,
    "two-parts.zip": {"zone": "Asia/Shanghai", "kept": 2},
    "weibo-comments-wss.csv": {"zone": "Asia/Shanghai", "kind": ["comment"] * 2, "n_likes": [16, 6]},
    "weibo-topic.csv": {"zone": "Asia/Shanghai", "n_likes": [None, 30], "rejected": 0, "accounts": 2},
    "x-api-page.json": TREE,
    "zh-monitor-2.csv": {
        "zone": "Asia/Shanghai", "platform": ["news", "weibo"], "sentiment_given": ["negative", "neutral"],
    },
    "博文.csv": {"zone": "Asia/Shanghai", "clock": ["06:43:44", "07:00:00"]},
}  # fmt: skip
"""Case -> its facts; `clock` is the time of day in UTC, `zone` the watch's. What the case leaves open is None."""


def facts_hold(batch: Batch, facts: Mapping[str, Any]) -> list[str]:
    """The facts that do not hold, as sentences."""
    record = batch.record.to_pylist()[0]
    posts = sorted(batch.posts.to_pylist(), key=lambda post: post["row_no"])
    values: dict[str, Any] = {
        "kept": record["n_kept"], "rejected": record["n_rejected"], "duplicate": record["n_duplicate"],
        "accounts": batch.accounts.num_rows, "clock": [f"{p['created_at']:%H:%M:%S}" for p in posts],
    }  # fmt: skip
    wrong = []
    for name, wanted in facts.items():
        column, _, place = name.rpartition("_")
        if name == "zone":
            continue
        given = values.get(name, [p[name] for p in posts] if posts and name in posts[0] else None)
        if place.isdigit():
            given = (values[column] if column in values else [p[column] for p in posts])[int(place)]
        if isinstance(wanted, list) and isinstance(given, list) and len(given) == len(wanted):
            given = [g if w is not None else None for g, w in zip(given, wanted, strict=True)]
        if given != wanted:
            wrong.append(f"{name} is {given}, not {wanted}")
    return wrong


def watch(zone: str) -> Watch:
    """A watch without a query."""
    title = {"en": "Acme"}
    return Watch.model_validate({"watch": "acme", "title": title, "brand": {"names": ["acme"]}, "timezone": zone})


def main() -> None:
    """Open every case and sample, print the shares."""
    arguments = parser("layouts", __doc__ or "")
    arguments.add_argument("--cases", type=Path, help="folder of the cases (DATA/../cases/files)")
    given = arguments.parse_args()
    folder = given.cases or given.data.parent / "cases" / "files"
    right, cases = 0, [name for name in CASES if (folder / name).exists()]
    for name in cases:
        facts = CASES[name]
        try:
            batch = read_export(folder / name, watch(facts.get("zone", "America/New_York")), now=NOW)
            wrong = facts_hold(batch, facts)
        except CrisisError as fault:
            wrong = [fault.what]
        right += not wrong
        for line in wrong:
            say(f"{name}: {line}")
    recognised = sum(_recognised(name) for name in LAYOUTS)
    figures = {"cases_n": len(cases), "samples": recognised / len(LAYOUTS), "samples_n": len(LAYOUTS)}
    if cases:
        figures |= {"cases": right / len(cases), "layouts": (right + recognised) / (len(cases) + len(LAYOUTS))}
    finish("layouts", figures)


def _recognised(name: str) -> bool:
    """Whether the sample of a layout opens as it, with every row."""
    (path,) = (p for p in SAMPLES.iterdir() if p.name.split(".")[0] == name)
    record = read_export(path, watch("UTC"), now=NOW).record.to_pylist()[0]
    right = bool(record["layout"] == name and record["n_rejected"] == 0 and record["n_kept"] > 0)
    if not right:
        say(f"sample {name}: {record['layout']}, {record['n_rejected']} rejected")
    return right


if __name__ == "__main__":
    main()
