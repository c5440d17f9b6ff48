"""Run a notebook over a watch into a folder: executed notebook, one HTML page, and a manifest."""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.filters import strip_ansi

import crisislib
from crisislib.core.errors import ReportError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.report.chart_library import prepare_chart_library
from crisislib.report.kernels import ENGINE, PATIENCE_S, POOL
from crisislib.report.mail_message import mail_of, write_mail
from crisislib.report.parameters import Parameter, checked, declared
from crisislib.report.report_page import page

logger = logging.getLogger(__name__)

SHIPPED = tuple(Path(crisislib.__file__).parents[n] / "notebooks" for n in (0, 1))
"""Where the package's notebooks lie: in an installed wheel, in a checkout."""
CELL_LIMIT_S = 600
"""Seconds that one cell may take: the slowest takes a few, and a report that never ends would stop a schedule."""
MANIFEST_MIME = "application/vnd.crisis.manifest+json"


@dataclass(frozen=True)
class ReportResult:
    """Where a report lies.

    Attributes
    ----------
    folder, html, manifest : Path
        The report's folder and its two files; the executed notebook lies beside them.
    mail : Path or None
        The report as a mail, where it has a first page.
    ok : bool
        Whether it ran to its end.
    """

    folder: Path
    html: Path
    manifest: Path
    ok: bool
    mail: Path | None = None


def find(notebook: str | Path, folders: Sequence[Path] = ()) -> Path:
    """A notebook by path, or by name in the first of some folders that has it; in the last one where none has.

    Parameters
    ----------
    notebook : str or Path
        A path that ends in `.ipynb`, or a name without it.
    folders : Sequence of Path, default ()
        Where to search, in order; the notebooks of the package when empty.

    Returns
    -------
    Path
        Whether it exists is for the caller to check.
    """
    given = Path(notebook)
    if given.suffix == ".ipynb":
        return given
    named = [folder / f"{given}.ipynb" for folder in folders or SHIPPED]
    return next((path for path in named if path.is_file()), named[-1])


def run(
    notebook: str | Path,
    watch: Watch | str,
    *,
    params: Mapping[str, object] | None = None,
    lake_root: Path,
    out_root: Path,
    as_of: str | Path | datetime | Mapping[str, int] | None = None,
    now: datetime,
    watches_root: Path | None = None,
    engine: str | None = ENGINE,
) -> ReportResult:
    """Run one notebook into `out_root/<watch>/<UTC stamp>/`.

    Parameters
    ----------
    notebook : str or Path
        Name (`brief`) of one of the package's, or path; see :func:`find`.
    watch : Watch or str
        Watch, or its name.
    params : Mapping[str, object], optional
        Values of the notebook's parameters; words are read as the declared type.
    lake_root, out_root, watches_root : Path
        Folders of the lake, of the reports, and of the watch files.
    as_of : optional
        A manifest of an earlier report (its numbers again), versions per table, or an instant.
    now : datetime
        Moment of the run; also of the reading, unless a manifest says another.
    engine : str, optional
        Papermill's engine; None for its plain one.

    Returns
    -------
    ReportResult

    Raises
    ------
    ReportError
        Unknown notebook or parameter, wrong type, or a cell that failed; then the folder is kept
        with the notebook as far as it came and a page that says so.
    """
    started, path = time.monotonic(), find(notebook)
    allowed = declared(path)
    name = watch if isinstance(watch, str) else watch.watch
    given = _given(allowed, name=name, params=params or {}, as_of=as_of, now=now, notebook=path.stem)
    values = checked(given, allowed, where=path.name)
    folders = {"lake": lake_root, "watches": watches_root}
    values |= {k: str(Path(v).resolve()) for k, v in folders.items() if v is not None and k in allowed}
    out_root.joinpath(name).mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".report-", dir=out_root / name))
    folder, artifacts = None, lake_root / "artifacts"
    prepare_chart_library(artifacts)
    try:
        fault = _execute(path, work / path.name, values, engine)
        document = nbformat.read(work / path.name, as_version=4)
        facts = _facts(document)
        language, title = _language(facts, values, watch), f"{name} · {path.stem}"
        shown = page(document, language=language, title=title, artifacts=artifacts)
        (work / f"{path.stem}.html").write_text(shown, encoding="utf-8")
        mail = mail_of(document)
        if mail is not None:
            write_mail(mail, work / f"{path.stem}.eml", at=now)
        manifest = _manifest(path, name, values, facts, started=started, now=now, fault=fault)
        (work / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2), encoding="utf-8")
        folder = _place(work, out_root / name, now)
    finally:
        if folder is None:
            shutil.rmtree(work)
    if fault:
        raise ReportError(
            fault, where=str(folder / path.name), do=N_("open the page or the notebook there, correct it, run again")
        )
    letter = folder / f"{path.stem}.eml"
    page_file = folder / f"{path.stem}.html"
    return ReportResult(folder, page_file, folder / "manifest.json", ok=True, mail=letter if letter.is_file() else None)


def _given(
    allowed: Mapping[str, Parameter],
    *,
    name: str,
    params: Mapping[str, object],
    as_of: str | Path | datetime | Mapping[str, int] | None,
    now: datetime,
    notebook: str,
) -> dict[str, object]:
    """What the notebook is given: the caller's values over those of a manifest over our own."""
    own: dict[str, object] = {"watch": name, "now": now.astimezone(UTC).isoformat()}
    if isinstance(as_of, Mapping):
        own["as_of"] = json.dumps(dict(as_of), sort_keys=True)
    elif isinstance(as_of, datetime):
        own["as_of"] = as_of.astimezone(UTC).isoformat()
    elif as_of and Path(as_of).is_file():
        earlier = _read_manifest(Path(as_of))
        if earlier["notebook"] == notebook:
            own |= earlier["parameters"]
        own |= {k: earlier[k] or "" for k in ("now", "since", "until")}
        own["as_of"] = json.dumps(earlier["data"], sort_keys=True)
    elif as_of:
        own["as_of"] = str(as_of)
    return {k: v for k, v in own.items() if k in allowed} | dict(params)


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as fault:
        raise ReportError(
            N_("not a manifest: {fault}"),
            where=str(path),
            do=N_("give a manifest.json of a report"),
            facts={"fault": fault},
        ) from fault
    missing = [k for k in ("notebook", "parameters", "now", "since", "until", "data") if k not in stored]
    if missing:
        raise ReportError(
            N_("not the manifest of a whole report: no {missing}"),
            where=str(path),
            do=N_("give another one"),
            facts={"missing": missing},
        )
    return stored


def _execute(source: Path, target: Path, values: Mapping[str, object], engine: str | None) -> str:
    """Run the notebook into `target`; what went wrong in one line, or nothing."""
    if engine == ENGINE:
        POOL.prepare()
    try:
        papermill.execute_notebook(
            str(source),
            str(target),
            parameters=dict(values),
            engine_name=engine,
            progress_bar=False,
            log_output=False,
            start_timeout=PATIENCE_S,
            execution_timeout=CELL_LIMIT_S,
        )
    except papermill.PapermillExecutionError as fault:
        logger.warning(
            "%s failed in cell %s\n%s", source.name, fault.cell_index, strip_ansi("\n".join(fault.traceback))
        )
        return f"cell {fault.cell_index}: {fault.ename}: {fault.evalue}"
    except CellTimeoutError as fault:
        logger.warning("%s was stopped: a cell took more than %d s\n%s", source.name, CELL_LIMIT_S, fault)
        return f"a cell took more than {CELL_LIMIT_S} s"
    except DeadKernelError as fault:
        return f"the kernel died: {fault}"
    return ""


def _facts(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """What the notebook says it was made from; nothing when it stopped before."""
    for cell in reversed(notebook.cells):
        for output in cell.get("outputs", []):
            if MANIFEST_MIME in output.get("data", {}):
                return dict(output["data"][MANIFEST_MIME])
    return {}


def _language(facts: Mapping[str, Any], values: Mapping[str, object], watch: Watch | str) -> str:
    spoken = "en" if isinstance(watch, str) else watch.language
    return str(facts.get("language") or values.get("language") or spoken)


def _manifest(
    path: Path,
    name: str,
    values: Mapping[str, object],
    facts: Mapping[str, Any],
    *,
    started: float,
    now: datetime,
    fault: str,
) -> dict[str, Any]:
    """What a reader needs to make the report again; folders of this machine are left out."""
    others = {k: v for k, v in values.items() if k not in {"lake", "watches", "as_of", "now", "since", "until"}}
    return {
        "notebook": path.stem,
        "watch": name,
        "parameters": others,
        "made_at": now.astimezone(UTC).isoformat(),
        "now": values.get("now"),
        "since": None,
        "until": None,
        "data": {},
        "rows": {},
        "sources": [],
        **facts,
        "code": crisislib.__version__,
        "seconds": round(time.monotonic() - started, 3),
        "ok": not fault,
        "error": fault,
    }


def _place(work: Path, parent: Path, now: datetime) -> Path:
    """Move the finished folder to its stamp in one step; a taken stamp gets a number."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for number in range(1, 1000):
        folder = parent / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            os.rename(work, folder)
        except OSError as fault:
            if folder.exists():
                continue
            raise ReportError(
                N_("cannot place the report: {fault}"),
                where=str(folder),
                do=N_("free disk space"),
                facts={"fault": fault},
            ) from fault
        folder.chmod(0o755)
        return folder
    raise ReportError(N_("a thousand reports in one second"), where=str(parent), do=N_("wait a second and run again"))
