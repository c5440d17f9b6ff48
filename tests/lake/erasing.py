"""A small workbench in which one person has left traces everywhere, and a search of its bytes that trusts nobody."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from crisislib import engine, services
from crisislib.core.errors import LakeError
from crisislib.engine import Home, personal_data

NOW = datetime(2026, 3, 20, tzinfo=UTC)
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
NATIVE, NAME = "9870001234", "旅行的小茉莉"
ACCOUNT = f"web:{NATIVE}"
TEXT = "昨天在Acme大学城店喝到的那杯，后厨的照片我也拍到了，谁都别想删"
OLD_TEXT = "Acme的门店去年冬天就有人投诉过排风，我有聊天记录为证"
REJECTED = "Acme这条没有时间，但是是我写的，照片在相册里"
POSTS = {"5550001112220": OLD_TEXT, "5550001112221": TEXT}
CLAIM = TEXT[TEXT.index("后厨") :]
"""How a finding quotes a post: a clause of it, not its beginning."""
NEEDLES = (NATIVE, NAME, TEXT, TEXT[:12], CLAIM, OLD_TEXT[:12], REJECTED[:12], *POSTS)
WATCH = "watch: acme\ntitle: {en: Acme}\nlanguage: en\nbrand: {names: [Acme]}\nwindow: {step_minutes: 60}\n"
HEADER = ("id", "created_at", "author_id", "author", "text", "parent_id", "likes", "url")


def export(path: Path, rows: int = 60) -> None:
    """Posts of twelve people and of one more; reposts, mentions, a rejected row of each kind."""

    def at(hours: float) -> str:
        return f"{START + timedelta(hours=hours):%Y-%m-%d %H:%M:%S}"

    said = "Acme {} 等了很久，服务太差"
    found: list[tuple[object, ...]] = [
        (10**12 + i, at(2.5 * i), 4000 + i % 12, f"user{i % 12}", said.format(i), "", i, "") for i in range(rows)
    ]
    for n, (post, text) in enumerate(POSTS.items()):
        found.append((post, at(24 * (n + 1)), NATIVE, NAME, text, "", 90, f"https://web.example/{NATIVE}/{post}"))
        for k in range(4):
            said = f"Acme真的吗//@{NAME}:{text}" if k % 2 else f"@{NAME} Acme 说得对，第{k}次"
            found.append((f"77{n}{k}0000000", at(24 * (n + 1) + k + 1), 4000 + k, f"user{k}", said, post, k, ""))
    found.append(("5550001112229", "0000-00-00", NATIVE, NAME, REJECTED, "", 1, ""))
    found.append(("8880000000000", "never", 4001, "user1", "Acme somebody else", "", 1, ""))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerows([HEADER, *found])


def build(root: Path, *, report: bool = False) -> tuple[Home, list[str]]:
    """The workbench, through its own doors; without `report` a page as reports have them stands in.

    Also what an erasure says that is tried at each stage of the run.
    """
    answers: list[str] = []

    def during(stage: str, done: int, total: int | None) -> None:
        try:
            other = Home.here(lake=root / "lake", watches=root / "watches", reports=root / "reports")
            personal_data.erase(other, ACCOUNT, quotes=True, wait_s=0)
            answers.append("erased")
        except LakeError as fault:
            answers.append(str(fault))

    (root / "watches").mkdir(parents=True)
    (root / "watches" / "acme.yml").write_text(WATCH, encoding="utf-8")
    export(root / "export.csv")
    home = Home.here(lake=root / "lake", watches=root / "watches", reports=root / "reports")
    watch = home.watch("acme")
    engine.import_files(home, watch, [root / "export.csv"], now=NOW)
    services.run(home, watch, now=NOW, progress=during, report=report, notify=False)
    lake = home.lake
    evidence = {
        "posts": [f"web:{p}" for p in POSTS],
        "by": NAME,
        "quote": TEXT[:24] + "…",
        "native": int(NATIVE),
        "claim": CLAIM,
    }
    plain = json.dumps(evidence, ensure_ascii=False)
    at = {"at": NOW, "watch": "acme"}
    lake.append("ALERTS", pd.DataFrame([{"alert_id": "alert-1", "made_at": NOW, "evidence": plain, **at}]))
    lake.append("INCIDENTS", pd.DataFrame([{"incident_id": "i-1", "title": f"Acme: {NAME}", "evidence": plain, **at}]))
    lake.append("RESPONSES", pd.DataFrame([{"response_id": "r-1", "text": f"谢谢@{NAME} 的提醒", **at}]))
    finding = {"run_id": "run-1", "key": "brief.who", "place": 1, "facts": plain, "detail": json.dumps([evidence])}
    lake.append("FINDINGS", pd.DataFrame([{**finding, "post_ids": json.dumps(evidence["posts"]), **at}]))
    topic = {"topic_id": "t-1", "model": "m@1", "evidence": json.dumps({"posts": evidence["posts"]})}
    lake.append("TOPICS", pd.DataFrame([{**topic, **at}]))
    group = {"group_id": "g-1", "account_id": ACCOUNT, "as_of": NOW, "watch": "acme"}
    other = {**group, "account_id": "web:4001", "evidence": json.dumps({"with": [ACCOUNT]})}
    lake.append("GROUPS", pd.DataFrame([group, other]))
    log = "2026-03-19T10:00:00Z acme {}\n2026-03-20T10:00:00Z acme all is well\n2026-03-02T10:00:00Z acme old line\n"
    lake.artifact("monitor", "brief.log").write_text(log.format(NAME), encoding="utf-8")
    lake.artifact("acme", "sources", "0.json").write_text(json.dumps({"last": NATIVE, "seen": ["a"]}), encoding="utf-8")
    np.savez(lake.artifact("acme", "models", "people", "names.npz"), names=np.array([NAME, "user1"]))
    if not report:
        page(root / "reports" / "acme" / "20260320T000000Z", f"<p>{NAME}</p>", NOW)
    page(root / "reports" / "acme" / "20260319T000000Z", "<p>user1</p>", NOW - timedelta(days=1))
    return home, answers


def page(folder: Path, body: str, at: datetime) -> None:
    folder.mkdir(parents=True)
    (folder / "brief.html").write_text(f"<html>{body}</html>", encoding="utf-8")
    about = {"notebook": "brief", "made_at": at.isoformat(), "until": at.isoformat()}
    (folder / "manifest.json").write_text(json.dumps(about), encoding="utf-8")


def hits(folders: Iterable[Path], needles: Iterable[str] = NEEDLES) -> list[tuple[str, str]]:
    """(file, needle) for every needle in the bytes, or the decoded content, of every file below some folders."""
    found = []
    for path in (p for folder in folders for p in sorted(folder.rglob("*"))):
        whole = path.name.encode() + b"\n" + b"\n".join(contents(path.read_bytes()) if path.is_file() else [])
        for needle in needles:
            forms = {needle.encode(c) for c in ("utf-8", "utf-16-le", "utf-32-le")}
            forms |= {json.dumps(needle)[1:-1].encode(), json.dumps(json.dumps(needle)[1:-1])[1:-1].encode()}
            if any(form in whole for form in forms):
                found.append((str(path), needle))
    return found


def contents(data: bytes) -> list[bytes]:
    """A file's bytes, and what they hold when they are unpacked."""
    out = [data]
    if data[:4] == b"PAR1":
        table = pq.read_table(io.BytesIO(data))
        out.append(json.dumps(table.to_pylist(), ensure_ascii=False, default=str).encode())
    elif data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            out += [part for name in archive.namelist() for part in contents(archive.read(name))]
    elif data[:2] == b"\x1f\x8b":
        out += contents(gzip.decompress(data))
    return out
