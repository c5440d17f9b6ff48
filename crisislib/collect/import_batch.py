"""What an import or a fetch hands on: posts, accounts, rejected rows, and the record of the batch."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from crisislib.core.atomic_files import replace_file
from crisislib.core.i18n import N_, tr
from crisislib.core.ids import short_hash
from crisislib.core.phrase_types import Phrase
from crisislib.core.tables import TABLES, conform

REJECTS = pa.schema(
    [
        pa.field("row_no", pa.int64(), nullable=False),
        pa.field("column", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("cells", pa.string()),
    ]
)

Message = tuple[str, Mapping[str, object]]
"""A marked sentence and the facts that fill it."""

REASONS: dict[str, str] = {
    "misaligned": N_("this row has another number of cells than the header; a quote may be open or missing"),
    "not_json": N_("this line is not a JSON object"),
    "damaged": N_("this record is damaged or breaks off; only its beginning can be shown"),
    "too_deep": N_("this record is nested deeper than any post; only its beginning can be shown"),
    "no_time": N_("there is no time in this row"),
    "bad_time": N_("this is not a time that can be read, or not a possible date"),
    "relative": N_(
        "this time is relative (yesterday …): say when the file was exported, with -m collected=2026-03-01T08:00"
    ),
    "service": N_("this is a notice of the chat itself and no post"),
    "future": N_("this time lies in the future"),
    "no_content": N_("there is neither text, nor title, nor address, nor id in this row"),
    "unreadable": N_("this item does not have the format that its source documents; the log has the error"),
    "no_identity": N_("the id was rounded by a spreadsheet and the row has no text or address to know it by"),
}
"""Why a row is rejected: code -> sentence."""


@dataclass(frozen=True)
class Batch:
    """One import or fetch, ready for the lake.

    Attributes
    ----------
    posts : pyarrow.Table
        POSTS.
    accounts : pyarrow.Table
        ACCOUNTS, one row per account.
    rejects : pyarrow.Table
        `row_no`, `column`, `reason`, `cells` (JSON object of the row as it was).
    record : pyarrow.Table
        BATCHES, one row. `warnings` has one sentence a line in the watch's language; `gaps` is a
        JSON list of [since, until] instants that were not collected.
    """

    posts: pa.Table
    accounts: pa.Table
    rejects: pa.Table
    record: pa.Table

    @property
    def warnings(self) -> list[str]:
        """The sentences of the record."""
        return [line for line in (self.record["warnings"][0].as_py() or "").split("\n") if line]


def batch_id(watch: str, digest: str, layout: str, *settings: str) -> str:
    """Same watch, same content, same layout and settings (mapping, query, zone): same batch.

    Parameters
    ----------
    watch : str
        Name of the watch.
    digest : str
        SHA-256 of the content.
    layout : str
        Layouts that read it.
    *settings : str
        Query, zone and mapping.
    """
    return short_hash(watch, digest, layout, *settings)


def record(
    *,
    batch: str,
    now: datetime,
    watch: str,
    language: str,
    source: str,
    file: str,
    sha256: str,
    layout: str,
    counts: Mapping[str, int],
    span: tuple[datetime | None, datetime | None],
    messages: Sequence[Message],
    ok: bool,
    gaps: Sequence[tuple[str, str]] = (),
    state: str | None = None,
) -> pa.Table:
    """The BATCHES row of one import.

    Parameters
    ----------
    batch : str
        Id of the batch.
    now : datetime
        UTC.
    watch, language : str
        Name of the watch, and the language of its messages.
    source, file, sha256, layout : str
        Where the rows come from, with the digest of the content.
    counts : Mapping of str to int
        `n_read`, `n_kept`, `n_rejected`, `n_duplicate`.
    span : (datetime or None, datetime or None)
        First and last time of a post.
    messages : sequence of Message
        What a reader should know.
    ok : bool
        Whether anything came of it.
    gaps : sequence of (str, str)
        Spans that were not collected, ISO.
    state : str, optional
        `empty` where a source that always shows something showed nothing.
    """
    row = {
        "batch_id": batch,
        "at": now,
        "watch": watch,
        "source": source,
        "file": file,
        "sha256": sha256,
        "layout": layout,
        **counts,
        "since": span[0],
        "until": span[1],
        "gaps": json.dumps([list(g) for g in gaps]),
        "warnings": "\n".join(dict.fromkeys(_sentence(message, facts, language) for message, facts in messages)),
        "ok": ok,
        "state": state,
    }
    schema = TABLES["BATCHES"].schema
    return conform(pa.Table.from_pylist([row], schema=schema), "BATCHES")


def _sentence(message: str, facts: Mapping[str, object], language: str) -> str:
    """A warning in a language, on one line; facts that are marked words are translated too."""
    words = {name: tr(fact, language) if isinstance(fact, str) and fact else fact for name, fact in facts.items()}
    return " ".join(Phrase(message, words).render(language).split())


def rejected(rows: Sequence[tuple[int, str | None, str, str]], language: str) -> pa.Table:
    """The rejects table from (row_no, column, reason code, cells as JSON).

    Parameters
    ----------
    rows : sequence of (row_no, column, reason, cells)
        Rejected rows, each with a code of :data:`REASONS`.
    language : str
        Of the reasons.
    """
    words = {code: tr(sentence, language) for code, sentence in REASONS.items()}
    columns = [[row[i] for row in rows] for i in range(4)]
    return pa.table([columns[0], columns[1], [words[str(code)] for code in columns[2]], columns[3]], schema=REJECTS)


def write_rejects(batch: Batch, folder: Path) -> Path | None:
    """Keep the rejected rows as CSV, safe to open in a spreadsheet.

    Parameters
    ----------
    batch : Batch
        An import.
    folder : Path
        Where the file goes; made when it is not there. The file is named by the batch, so that
        importing again replaces it.

    Returns
    -------
    Path or None
        The file; None when no row was rejected.
    """
    if batch.rejects.num_rows == 0:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"rejects-{batch.record['batch_id'][0].as_py()}.csv"
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow(REJECTS.names)
    for row in batch.rejects.to_pylist():
        out.writerow([row["row_no"], *(_harmless(row[name]) for name in REJECTS.names[1:])])
    replace_file(path, text.getvalue().encode("utf-8-sig"))
    return path


def _harmless(cell: str | None) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = cell or ""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text
