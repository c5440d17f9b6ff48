"""Evidence of an attack as a sealed archive: posts as collected, their hashes, and how each came to be stored."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from crisislib.core.atomic_files import replace_file
from crisislib.core.errors import InputError, NotEnoughData
from crisislib.core.evidence import posts_of
from crisislib.core.i18n import N_, tr
from crisislib.core.memory_database import session
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import incident_of
from crisislib.engine.team_change import TeamChange
from crisislib.engine.team_logbook import record_entry
from crisislib.warn import LEAD_IN

EVIDENCE = "evidence"
"""Kind of the logbook entry that says who sealed an archive, and its hash."""
MANIFEST = "MANIFEST.sha256"
"""Hashes of all other files, as `sha256sum -c` reads them."""
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every file in the archive, the earliest that the format holds: the same data give the same bytes."""
README = """Evidence of a crisis workbench / 证据包

posts.jsonl     every observation of every post as collected, one a line / 每条帖子的每次采集记录
custody.csv     for each observation: hash of its line, batch, source, file and the file's hash, row / 保管链
batches.jsonl   how and when each batch was read / 采集批次
accounts.jsonl, groups.jsonl, edges.jsonl, incident.jsonl    and who acts together / 账号、协同、传播、事件
attachments/    files that the team has added, such as screenshots / 团队补充的文件，如截图
MANIFEST.sha256 hashes of all files: sha256sum -c MANIFEST.sha256 / 全部文件的校验值

Nothing is here that was not collected; posts may exist that were not. Acting together is a sign, not a verdict.
这里只有已采集的内容，可能还有未采集到的帖子；账号行为一致只是线索，不是定论。
"""
_CHOSEN = """WITH RECURSIVE told AS (
    SELECT post_id FROM posts WHERE $story <> '' AND (post_id = $story OR root_id = $story)
    UNION SELECT edges.dst FROM edges JOIN told ON edges.src = told.post_id)
SELECT post_id FROM told
UNION SELECT post_id FROM posts WHERE $story = '' AND created_at BETWEEN $since AND $until AND account_id IN
    (SELECT account_id FROM groups WHERE $group = '' OR group_id = $group)"""
"""Posts of a story with all that passed it on; else those of a group, or of every group, within the incident."""


def seal(
    change: TeamChange, out: Path, *, group: str = "", story: str = "", attached: Sequence[Path] = (),
    incident_id: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Write the evidence of an incident as a zip, and its hash into the logbook.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    out : Path
        The zip; replaced where it exists.
    group : str
        Only accounts of this co-sharing group; every group when empty.
    story : str
        Instead of groups: the root post of a story, with all that passed it on.
    attached : sequence of Path
        Files that are stored beside the lake, such as screenshots.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    dict
        The LOGBOOK row; its facts hold `sha256`, `posts` and `file`.

    Raises
    ------
    NotEnoughData
        No post fits.
    CrisisError
        There is no such incident, or a file cannot be read.
    """
    incident = incident_of(change.home, change.watch, incident_id)
    ids = _chosen(change.home, change.watch, incident, group, story)
    if not ids:
        raise NotEnoughData(
            N_("no post fits"), where="crisis evidence", do=N_("name a --group or a --story that is stored")
        )
    archive = _zipped(_files(change.home, change.watch, incident, ids, attached))
    try:
        replace_file(out, archive)
    except OSError as fault:
        raise InputError(
            N_("cannot be written: {fault}"), where=str(out), do=N_("choose another folder"), facts={"fault": fault}
        ) from fault
    facts = {"sha256": hashlib.sha256(archive).hexdigest(), "posts": len(ids), "file": out.name}
    own = str(incident["incident_id"])
    # In the title, which stays: a note gives way to the next, such as to whom it was handed over.
    return record_entry(change, EVIDENCE, f"{out.name} (sha256 {facts['sha256']})", incident_id=own, facts=facts)


MOST_UNPACKED = 1 << 34
"""Bytes of an archive unpacked, 16 GiB: ours hold text and some screenshots, a bomb unpacks to more."""
_BYTES_AFTER = N_("{file}: bytes added after its end")
_PACKED = N_("{n} {n:file was|files were} packed anew by another program: these are not the bytes that were sealed")
_MISSING, _ADDED = N_("{file}: missing"), N_("{file}: added")
_TWICE, _CHANGED = N_("{file}: twice"), N_("{file}: changed")
END = b"PK\x05\x06" + bytes(18)
"""Last record of a zip without a comment, as ours are: 22 bytes that begin so, and nothing after them."""


def check_archive(path: Path, *, language: str = "en") -> tuple[str, list[str]]:
    """Whether an archive is as it was sealed; nothing is unpacked.

    Parameters
    ----------
    path : Path
        The zip.
    language : str
        Of the faults, `zh` or `en`.

    Returns
    -------
    sha256 : str
        Of the zip itself, to be compared with the logbook.
    faults : list of str
        Files that are missing, added, changed or packed anew, in words; empty where all is well.

    Raises
    ------
    InputError
        The file is no such archive.
    """
    do = N_("name a file of crisis evidence")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = [one.filename for one in members]
            if MANIFEST not in names or any(one.flag_bits & 1 for one in members):
                raise InputError(N_("this is no evidence archive"), where=str(path), do=do)
            if sum(one.file_size for one in members) > MOST_UNPACKED:
                raise InputError(N_("it unpacks to more than any archive of ours"), where=str(path), do=do)
            packed = sorted(one.filename for one in members if one.compress_type)
            lines = archive.read(MANIFEST).decode("utf-8", errors="replace").splitlines()
            found = {name: _digest(archive, name) for name in names if name != MANIFEST}
        with path.open("rb") as file:
            whole = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(-len(END), os.SEEK_END)
            ended = file.read().startswith(END[:4])
    except (OSError, zipfile.BadZipFile) as fault:
        raise InputError(
            N_("this is no evidence archive: {fault}"), where=str(path), do=do, facts={"fault": fault}
        ) from fault
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    faults = [] if ended else [tr(_BYTES_AFTER, language, file=path.name)]
    faults += [tr(_PACKED, language, n=len(packed))] if packed else []
    changed = {name for name in found.keys() & listed.keys() if found[name] != listed[name]}
    wrong = {
        _MISSING: listed.keys() - found.keys(), _ADDED: found.keys() - listed.keys(),
        _TWICE: {one for one in names if names.count(one) > 1}, _CHANGED: changed,
    }  # fmt: skip
    return whole, faults + [tr(words, language, file=name) for words, files in wrong.items() for name in sorted(files)]


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _chosen(home: Home, watch: Watch, incident: Mapping[str, Any], group: str, story: str) -> list[str]:
    """Ids of the posts, sorted; with neither group nor story also those that the incident was decided on."""
    closed = incident["closed_at"]
    until = incident["at"] if pd.isna(closed) else closed
    until = max(pd.Timestamp(until), pd.Timestamp(home.now())) if pd.isna(closed) else pd.Timestamp(closed)
    span = {"since": (pd.Timestamp(incident["opened_at"]) - LEAD_IN).to_pydatetime(), "until": until.to_pydatetime()}
    with session() as db:
        for name in ("POSTS", "EDGES", "GROUPS"):
            db.register(name.lower(), home.lake.arrow(name, watch=watch.watch))
        ids = {row[0] for row in db.execute(_CHOSEN, {"group": group, "story": story, **span}).fetchall()}
        if not (group or story):
            ids |= set(posts_of(incident["evidence"]))
        held = db.execute("SELECT post_id FROM posts WHERE post_id = ANY($ids)", {"ids": sorted(ids)}).fetchall()
    return sorted({row[0] for row in held})


def _files(
    home: Home, watch: Watch, incident: Mapping[str, Any], ids: Sequence[str], attached: Sequence[Path]
) -> dict[str, bytes]:
    """Name in the archive -> content."""
    posts = _rows(home, watch, "POSTS", "post_id", ids)
    batches = _rows(home, watch, "BATCHES", "batch_id", posts["batch_id"].dropna().unique())
    accounts = _rows(home, None, "ACCOUNTS", "account_id", posts["account_id"].dropna().unique())
    groups = _rows(home, watch, "GROUPS", "account_id", accounts["account_id"].unique())
    lines = _json_lines(posts)
    files = {
        "README.txt": README.encode(),
        "posts.jsonl": _joined(lines),
        "custody.csv": _custody(posts, batches, lines).to_csv(index=False, lineterminator="\n").encode(),
        "batches.jsonl": _joined(_json_lines(batches)),
        "accounts.jsonl": _joined(_json_lines(accounts)),
        "groups.jsonl": _joined(_json_lines(groups)),
        "edges.jsonl": _joined(_json_lines(_rows(home, watch, "EDGES", "dst", ids))),
        "incident.jsonl": _joined(
            _json_lines(_rows(home, watch, "INCIDENTS", "incident_id", [incident["incident_id"]]))
        ),
    }
    for path in attached:
        if f"attachments/{path.name}" in files:
            raise InputError(
                N_("two files are called {name}"),
                where="--attach",
                do=N_("give one of them another name"),
                facts={"name": path.name},
            )
        try:
            files[f"attachments/{path.name}"] = path.read_bytes()
        except OSError as fault:
            raise InputError(
                N_("cannot be read: {fault}"),
                where=str(path),
                do=N_("name a file that is there"),
                facts={"fault": fault},
            ) from fault
    return files


def _rows(home: Home, watch: Watch | None, name: str, column: str, keys: Any) -> pd.DataFrame:
    """Every observation of some rows of a table, in a fixed order."""
    rows = home.lake.arrow(name, watch=watch.watch if watch else None, present=False)
    with session() as db:
        db.register("rows", rows)
        query = f'SELECT * FROM rows WHERE "{column}" = ANY($keys) ORDER BY ALL'
        found: pd.DataFrame = db.sql(query, params={"keys": [str(key) for key in keys]}).to_arrow_table().to_pandas()
    return found


def _json_lines(rows: pd.DataFrame) -> list[str]:
    """One line a row, keys sorted, times as ISO 8601 in UTC, without what is not known."""
    text = rows.to_json(orient="records", date_format="iso", date_unit="us", force_ascii=False)
    return [
        json.dumps({k: v for k, v in one.items() if v is not None}, sort_keys=True, ensure_ascii=False)
        for one in json.loads(text)
    ]


def _joined(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _custody(posts: pd.DataFrame, batches: pd.DataFrame, lines: Sequence[str]) -> pd.DataFrame:
    """For each observation where it is from: batch, source, file with its hash, row."""
    known = batches.drop_duplicates("batch_id", keep="last").set_index("batch_id")
    table = posts[["post_id", "collected_at", "source", "batch_id", "row_no"]].reset_index(drop=True)
    table.insert(1, "line_sha256", [hashlib.sha256(line.encode()).hexdigest() for line in lines])
    for column, name in (("at", "batch_at"), ("file", "file"), ("sha256", "file_sha256"), ("layout", "layout")):
        table[name] = table["batch_id"].map(known[column].to_dict())
    return table


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """The archive, uncompressed and without times, so that its bytes depend on the content alone."""
    manifest = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted({**files, MANIFEST: manifest.encode()}.items()):
            archive.writestr(zipfile.ZipInfo(name, ZIP_EPOCH), data)
    return buffer.getvalue()
