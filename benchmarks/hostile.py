"""Hostile text through every door: imported as posts, then looked for where it could run.

Payloads stand as text, author, platform and address of posts that `crisis import` reads and `crisis run` judges.
Surfaces: the shared pages, their address line, reports, the mail of the brief (all in a real Chromium), the posts as
CSV and XLSX (a cell that a spreadsheet would compute), and what the commands print (a control or bidi character).
Keys: `tried` (payload and surface pairs), `executed`, and `executed_<surface>`.
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import tempfile
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlencode

import httpx
from openpyxl import load_workbook
from playwright.sync_api import Browser

from benchmarks.harness import finish, parser, say, write_predictions
from benchmarks.hostile_payloads import FORMULAS, PAYLOADS, TERMINAL
from benchmarks.page_server import PAGES, browser, demonstration, opened, served, written_reports
from crisislib import engine

CELL = re.compile(r"^\s*[=+\-@\t\r]")
"""How a cell begins that a spreadsheet computes (OWASP, CSV injection)."""
NUMBER = re.compile(r"^[-+]?[\d.,]+(e[-+]?\d+)?$", re.IGNORECASE)
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
HACKED = "Number(window.hacked || 0)"


def hostile_export(home: engine.Home, path: Path) -> int:
    """A CSV of posts that hold every payload in every text field, dated in the last hour of the demonstration."""
    newest = home.lake.read("POSTS", watch="demo")["created_at"].max()
    every = [*PAYLOADS, *FORMULAS, *TERMINAL]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "created_at", "author", "author_id", "platform", "text", "url", "reposts"])
        for number, payload in enumerate(every):
            at = (newest - timedelta(minutes=number)).isoformat()
            out.writerow([f"h{number}", at, payload, payload, payload, payload, f"https://x.com/?{payload}", 90_000])
    return len(every)


def printed(home: Path, *words: str) -> str:
    """What a command prints, errors included."""
    command = [sys.executable, "-m", "crisislib.cli", "--home", str(home), *words]
    done = subprocess.run(command, capture_output=True, check=False)
    say(f"crisis {' '.join(words[:2])}: exit code {done.returncode}")
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def run_in(started: Browser, address: str) -> int:
    """Whether a script of a payload ran on a page."""
    page = opened(started, address, 1280)
    ran = int(page.evaluate(HACKED))
    page.close()
    return ran


def formulas(cells: list[str]) -> int:
    """Cells that a spreadsheet would compute."""
    return sum(bool(CELL.match(c)) and not NUMBER.match(c.strip()) for c in cells)


def downloads(address: str) -> int:
    """Computed cells in the posts as CSV and XLSX."""
    query = "?watch=demo&language=en&sort=time"
    text = httpx.get(f"{address}/posts.csv{query}", trust_env=False, timeout=300).text
    found = formulas([cell for row in csv.reader(io.StringIO(text)) for cell in row])
    book = httpx.get(f"{address}/posts.xlsx{query}", trust_env=False, timeout=300).content
    for sheet in load_workbook(io.BytesIO(book)):
        found += sum(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    return found


def mail_page(report: Path, into: Path) -> Path | None:
    """The HTML of the newest mail beside a report, as a page, or None without one."""
    mails = sorted(report.parent.glob("*.eml"))
    if not mails:
        return None
    body = message_from_bytes(mails[-1].read_bytes(), policy=policy.default).get_body(("html",))
    if body is None:
        return None
    into.write_text(body.get_content(), encoding="utf-8")
    return into


def main() -> None:
    """Measure and print."""
    arguments = parser("hostile", __doc__ or "")
    arguments.add_argument("--posts", type=int, default=5_000)
    chosen = arguments.parse_args()
    ran: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        home = demonstration(root, chosen.posts)
        payloads = hostile_export(home, root / "hostile.csv")
        commands = (("import", str(root / "hostile.csv"), "--watch", "demo"), ("run", "--watch", "demo"))
        spoken = "".join(printed(root, *words) for words in commands)
        spoken += printed(root, "person", f"x:{TERMINAL[0]}")
        ran["terminal"] = len(UNPRINTABLE.findall(spoken))
        home = engine.Home.at(root)
        reports = written_reports(home)
        with browser() as started, served(home) as (address, _):
            for name in PAGES:
                ran[name] = run_in(started, f"{address}/{name}?watch=demo&language=en&sort=time")
            for name in ("incident", "posts"):
                ran[f"address_{name}"] = 0
                for payload in PAYLOADS:
                    query = urlencode({"watch": "demo", "platform": payload})
                    ran[f"address_{name}"] += run_in(started, f"{address}/{name}?{query}")
            ran["downloads"] = downloads(address)
            for name, path in reports.items():
                ran[f"report_{name}"] = run_in(started, path.resolve().as_uri())
            mail = mail_page(reports["brief"], root / "mail.html")
            if mail is not None:
                ran["mail"] = run_in(started, mail.resolve().as_uri())
    write_predictions(chosen.out, ["surface", "executed"], list(ran.items()))
    figures = {f"executed_{surface}": float(count) for surface, count in ran.items()}
    finish("hostile", {"tried": float(payloads * len(ran)), "executed": float(sum(ran.values()))} | figures)


if __name__ == "__main__":
    main()
