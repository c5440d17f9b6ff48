"""The command as a person types it: help that teaches, errors in plain words, exit codes that scripts can use."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
import typer
from filelock import FileLock
from typer.testing import CliRunner

from crisislib.cli.app import app, main
from crisislib.cli.help_panels import PANELS
from crisislib.collect import SOURCES
from crisislib.core.watch import Watch
from crisislib.lake import Lake
from crisislib.services import batch, jobs

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(str(c.name) for c in app.registered_commands)
WATCH = "watch: acme\ntitle: {en: Acme, zh: 艾克美}\nlanguage: en\nbrand: {names: [Acme]}\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "watches").mkdir()
    (tmp_path / "watches" / "acme.yml").write_text(WATCH, encoding="utf-8")
    return tmp_path


@dataclass(frozen=True)
class Ran:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def crisis(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """The command in this process, through the same `main` as the console script."""
    for name, folder in (("LAKE", "lake"), ("WATCHES", "watches"), ("REPORTS", "reports")):
        monkeypatch.setenv(f"CRISIS_{name}", str(place / folder))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(ROOT)

    def run(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["crisis", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Ran(int(ended.value.code or 0), told.out, told.err)

    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches(command: str) -> None:
    told = CliRunner().invoke(app, [command, "--help"])
    assert told.exit_code == 0 and len(told.output) > 150


def test_help_fills_a_narrow_terminal_and_keeps_its_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = CliRunner().invoke(app, ["check", "--help"]).output.splitlines()
    words = [line.strip() for line in lines[: next(i for i, line in enumerate(lines) if "Arguments" in line)]]
    assert "crisis check acme                the watch acme" in words
    assert all(
        len(line) > 60
        for line, after in pairwise(words)
        if after and after[0].islower() and not after.startswith("crisis")
    ), "a line ends long before the terminal does"


def test_every_command_is_listed_under_a_heading_and_no_heading_names_what_is_not_there() -> None:
    listed = [name for commands in PANELS.values() for name in commands]
    assert sorted(listed) == sorted(typer.main.get_command(app).commands), "a name twice, or one too few"


def test_an_import_with_a_mapping_and_again(place: Path, crisis: Callable[..., Ran]) -> None:
    export = place / "mine.csv"
    export.write_text("When,Body\n2026-01-01 10:00,Acme is late\n2026-01-01 11:00,=cmd()\n", encoding="utf-8")
    words = ("import", str(export), "--watch", "acme", "-m", "text=Body", "-m", "created=When")
    first, again = crisis(*words), crisis(*words)
    assert first.returncode == 0, first.stderr
    assert "2 posts added" in first.stdout and "nothing added" in again.stdout


def test_a_dry_run_shows_how_a_file_is_read_and_writes_nothing(place: Path, crisis: Callable[..., Ran]) -> None:
    export = place / "seen-twice.csv"
    rows = ["id,text,when,likes,collected_at"]
    rows += ["1,cup broke,2026-01-01 10:00,3,2026-01-02", "1,cup broke,2026-01-01 10:00,9,2026-01-03"]
    export.write_text("\n".join(rows) + "\n", encoding="utf-8")
    words = ("import", str(export), "--watch", "acme", "-m", "created=when")
    dry, real = crisis(*words, "--dry-run"), crisis(*words)
    assert dry.returncode == 0, dry.stderr
    assert "1 post in 2 observations" in dry.stdout and "nothing was written" in dry.stdout
    assert "2026-01-01 10:00:00 | web:1 | post" in dry.stdout and "cup broke" in dry.stdout
    assert "1 post added (2 observations)" in real.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "--watch", "nobody"), "there is no watch 'nobody'"),
        (("import", "gone.csv", "--watch", "acme"), "gone.csv"),
        (("run", "--watch", "acme", "--since", "yesterday"), "'yesterday' is no time"),
        (("report", "brief", "--watch", "acme", "-p", "colour=red"), "colour"),
        (("report", "poem", "--watch", "acme"), "poem"),
        (("ack", "--watch", "acme", "--by", "me"), "no incident is open"),
        (("schedule", "--print", "launchd"), "launchd"),
    ],
)
def test_an_error_is_told_in_words_and_exits_2(crisis: Callable[..., Ran], words: tuple[str, ...], told: str) -> None:
    run = crisis(*words)
    assert run.returncode == 2, run.stdout + run.stderr
    assert told in run.stderr and "Traceback" not in run.stderr and "What to do" in run.stderr


def test_check_names_the_wrong_file(place: Path, crisis: Callable[..., Ran]) -> None:
    (place / "watches" / "bad.yml").write_text(WATCH.replace("acme", "bad") + "colour: red\n", encoding="utf-8")
    run = crisis("check")
    assert run.returncode == 1 and "bad.yml" in run.stdout and "colour" in run.stdout and "acme.yml" in run.stdout


def test_units_are_printed(crisis: Callable[..., Ran]) -> None:
    run = crisis("schedule", "--print", "systemd")
    assert run.returncode == 0 and "[Timer]" in run.stdout


def test_a_logged_response_is_kept(crisis: Callable[..., Ran]) -> None:
    said = ("respond", "--watch", "acme", "--kind", "statement", "--by", "Chen", "--text", "We are looking into it.")
    run = crisis(*said)
    assert run.returncode == 0, run.stderr
    assert "logged: full statement" in run.stdout


FEED = """<rss version="2.0"><channel><title>News</title>
<item><guid>1</guid><title>Acme burns</title><pubDate>0000-00-00</pubDate></item>
<item><guid>2</guid><title>Acme \x1b[2Jcalm</title><pubDate>Sat, 01 Aug 2026 04:30:00 GMT</pubDate></item>
</channel></rss>"""


@pytest.fixture
def feed() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(FEED.replace("\x1b", "").encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/feed"
    server.shutdown()
    server.server_close()


def test_one_source_that_breaks_costs_itself_and_is_on_record(
    place: Path, crisis: Callable[..., Ran], feed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item without a possible date stays; an error that nobody foresaw, with a hostile text, costs its source."""

    def strange(*_: object, **__: object) -> object:
        raise AttributeError("\x1b[31m'NoneType' of http://ann:hunter2@inside.example/?token=hunter2")

    broken = replace(SOURCES["mastodon"], fetch=strange)
    monkeypatch.setitem(SOURCES, "mastodon", broken)  # type: ignore[index]
    sources = (
        "sources:\n  - {source: mastodon, name: odd, options: {url: 'http://127.0.0.1:9'}}\n"
        f"  - {{source: rss, name: news, options: {{url: '{feed}'}}}}\n"
    )
    (place / "watches" / "acme.yml").write_text(WATCH + sources, encoding="utf-8")
    run = crisis("--log-json", "collect", "--watch", "acme")
    assert run.returncode == 0, run.stderr
    assert "odd: failed: AttributeError" in run.stdout and "2 posts added" in run.stdout
    assert "hunter2" not in run.stdout + run.stderr and "\x1b[31m" not in run.stdout + run.stderr
    logged = [json.loads(line) for line in run.stderr.splitlines() if line.startswith("{")]
    (error,) = [row for row in logged if row["level"] == "ERROR"]
    assert (error["watch"], error["source"]) == ("acme", "odd") and "in strange" in error["traceback"]
    assert f"[error {error['error_id']}]" in run.stdout, "what the reader sees is found in the log"
    lake = Lake(place / "lake")
    batches = lake.read("BATCHES").set_index("source")
    assert batches["ok"].to_dict() == {"odd": False, "news": True}
    assert "AttributeError" in batches.loc["odd", "warnings"] and "hunter2" not in batches.loc["odd", "warnings"]
    assert sorted(lake.read("POSTS")["title"]) == ["Acme [2Jcalm", "Acme burns"]


@pytest.mark.long
def test_a_schedule_goes_on_past_a_watch_that_breaks(
    place: Path, crisis: Callable[..., Ran], feed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`crisis schedule --once` over two watches, the first of which cannot be run: feed, ledger, log, exit code."""

    def walk(home: object, watch: Watch, **more: object) -> object:
        if watch.watch == "acme":
            raise KeyError("action_id")
        return batch.RunResult(watch.watch, watch.name(), "en", watch.zone, more["now"], "unknown")  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "run", walk)
    more = (
        f"sources:\n  - {{source: rss, name: news, options: {{url: '{feed}'}}}}\nschedule: {{run_every_minutes: 60}}\n"
    )
    for name in ("acme", "best"):
        path = place / "watches" / f"{name}.yml"
        path.write_text(WATCH.replace("watch: acme", f"watch: {name}") + more, encoding="utf-8")
    run = crisis("schedule", "--once")
    assert run.returncode == 0, run.stderr
    assert "failed: KeyError: 'action_id'" in run.stdout and "done: unknown; 1 source asked, 0 failed" in run.stdout
    assert "Traceback" in run.stderr and 'raise KeyError("action_id")' in run.stderr
    ledger = Lake(place / "lake").read("RUNS").set_index("watch")["status"].to_dict()
    assert ledger == {"acme": "failed", "best": "done"}


def test_one_wrong_watch_file_blinds_no_schedule(place: Path, crisis: Callable[..., Ran]) -> None:
    (place / "watches" / "bad.yml").write_text("watch: bad\ncolour: red\n", encoding="utf-8")
    run = crisis("schedule", "--once")
    assert run.returncode == 1 and "bad.yml" in run.stderr and "colour" in run.stderr
    (place / "watches" / "acme.yml").unlink()
    assert crisis("schedule", "--once").returncode == 2, "where none is left, that is the error"


def test_an_error_of_ours_is_told_with_its_number_and_exits_70(
    crisis: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crisislib.engine.collect", lambda *_, **__: {}["http://ann:hunter2@x.example/\x1b[2J"])
    run = crisis("collect", "--watch", "acme")
    assert run.returncode == 70 and "fault of the program" in run.stderr and "Traceback" in run.stderr
    number = run.stderr.split("[error ")[1].split("]")[0]
    assert f"error={number}" in run.stderr and "hunter2" not in run.stderr and "\x1b" not in run.stderr


def test_a_damaged_memory_of_a_source_starts_it_anew(place: Path, crisis: Callable[..., Ran], feed: str) -> None:
    sources = f"sources:\n  - {{source: rss, name: news, options: {{url: '{feed}'}}}}\n"
    (place / "watches" / "acme.yml").write_text(WATCH + sources, encoding="utf-8")
    assert crisis("collect", "--watch", "acme").returncode == 0
    (state,) = (place / "lake" / "artifacts" / "acme" / "sources").glob("*.json")
    state.write_text('{"asked_at": "2026-08', encoding="utf-8")
    run = crisis("collect", "--watch", "acme")
    assert run.returncode == 0 and "0 posts added" in run.stdout and "asked from the beginning" in run.stderr


def test_logging_is_chosen_on_the_command_line(crisis: Callable[..., Ran]) -> None:
    assert crisis("--log-level", "loud", "version").returncode == 2
    assert crisis("--log-level", "debug", "check").returncode == 0


PERSONAL = """id,created_at,author_id,author,text
1,2026-01-01 10:00,9870001234,Rosalind_Qi,Acme is late again and I have the photographs
2,2026-01-02 10:00,4001,other,@Rosalind_Qi Acme is late here too
3,0000-00-00,9870001234,Rosalind_Qi,Acme once more
"""


@pytest.fixture
def known(place: Path, crisis: Callable[..., Ran]) -> Callable[..., Ran]:
    """A lake that knows one person, and another who speaks of them."""
    (place / "mine.csv").write_text(PERSONAL, encoding="utf-8")
    assert crisis("import", str(place / "mine.csv"), "--watch", "acme").returncode == 0
    return crisis


def lines(run: Ran) -> list[str]:
    return [" ".join(line.split()) for line in run.stdout.splitlines()]


@pytest.mark.long
def test_a_person_is_shown_exported_and_erased(place: Path, known: Callable[..., Ran]) -> None:
    shown = known("person", "web:9870001234", "--export", str(place / "export.json"))
    assert shown.returncode == 0, shown.stderr
    assert "named R***i, Rosalind_Qi" in shown.stdout and "1 rows about it POSTS" in lines(shown)
    assert "I have the photographs" in (place / "export.json").read_text(encoding="utf-8")
    tried = lines(known("erase", "web:9870001234", "--dry-run"))
    assert tried == lines(shown)[1:-1] == lines(known("person", "web:9870001234"))[1:]
    done = known("erase", "web:9870001234", "--yes")
    assert done.returncode == 0 and lines(done)[1:-1] == tried
    assert "your own export files still hold it: mine.csv" in done.stdout
    assert known("person", "web:9870001234").stdout == "nothing is stored about web:9870001234\n"
    left = b"".join(p.read_bytes() for p in (place / "lake").rglob("*") if p.is_file())
    assert b"Rosalind" not in left and b"9870001234" not in left


def test_erasure_asks_twice(place: Path, known: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for the person, once for what others wrote of them; no is no."""
    answers = iter("ny" + "n")
    asked: list[str] = []

    def confirm(question: str, *, abort: bool = False) -> bool:
        asked.append(question)
        agreed = next(answers) == "y"
        if abort and not agreed:
            raise typer.Abort
        return agreed

    monkeypatch.setattr("typer.confirm", confirm)
    assert known("erase", "web:9870001234").returncode == 1
    assert "rows about it" in known("person", "web:9870001234").stdout, "nothing was done"
    done = known("erase", "web:9870001234")
    assert len(asked) == 3 and "what others wrote" in asked[2]
    assert lines(done)[-3:-1] == ["left as it is:", "1 rows of others that name it POSTS"]


def test_an_erasure_beside_a_monitor_is_refused_in_words(place: Path, known: Callable[..., Ran]) -> None:
    with FileLock(place / "lake" / "artifacts" / "locks" / "monitor.lock"):
        run = known("erase", "web:9870001234", "--yes", "--wait", "0")
    assert run.returncode == 2 and "monitor" in run.stderr and "What to do" in run.stderr


def test_retention_says_what_went(place: Path, known: Callable[..., Ran]) -> None:
    dry = known("forget", "--watch", "acme", "--days", "1", "--dry-run")
    assert "2 rows POSTS" in lines(dry)
    assert known("forget", "--watch", "acme", "--days", "1").returncode == 0
    assert "nothing of acme is older than 1 day" in known("forget", "--watch", "acme", "--days", "1").stdout
