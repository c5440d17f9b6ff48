"""The command as a person types it: help that teaches, errors in plain words, exit codes that scripts can use."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crisislib.cli.app import app, main

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


def test_an_import_with_a_mapping_and_again(place: Path, crisis: Callable[..., Ran]) -> None:
    export = place / "mine.csv"
    export.write_text("When,Body\n2026-01-01 10:00,Acme is late\n2026-01-01 11:00,=cmd()\n", encoding="utf-8")
    words = ("import", str(export), "--watch", "acme", "-m", "text=Body", "-m", "created=When")
    first, again = crisis(*words), crisis(*words)
    assert first.returncode == 0, first.stderr
    assert "2 posts added" in first.stdout and "nothing added" in again.stdout


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
    assert "logged: statement" in run.stdout
