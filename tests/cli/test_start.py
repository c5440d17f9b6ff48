"""The first commands: init lays out a folder and overwrites nothing, check really loads what it names."""

from __future__ import annotations

import ast
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from crisislib.cli.app import main
from crisislib.collect.importing.layout import parse_layout
from crisislib.core.errors import HomeError
from crisislib.core.watch import Watch
from crisislib.respond import load_playbooks
from crisislib.services import create_workspace
from tests.cli.test_cli import Ran

NAMES = ("CRISIS_HOME", "CRISIS_LAKE", "CRISIS_WATCHES", "CRISIS_REPORTS", "CRISIS_NOTEBOOKS", "CRISIS_LANGUAGE")
WATCH = "watch: acme\ntitle: {en: Acme}\nbrand: {names: [Acme]}\n"


@pytest.fixture
def crisis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """The command in this process, typed in a folder of its own."""
    for name in NAMES:
        monkeypatch.setenv(name, "x")  # so that what a command sets is taken back
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["crisis", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Ran(int(ended.value.code or 0), told.out, told.err)

    return run


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    create_workspace(tmp_path / "room")
    monkeypatch.chdir(tmp_path / "room")
    return tmp_path / "room"


def commands(told: str) -> list[str]:
    """The commands that are printed to go on with."""
    below = told.split("Go on with\n")[1]
    return [re.split(r"\s{3,}", line.strip())[0] for line in below.splitlines() if line.strip()]


def test_init_lays_out_a_folder(crisis: Callable[..., Ran], tmp_path: Path) -> None:
    ran = crisis("init", "room")
    assert ran.returncode == 0, ran.stderr
    room = tmp_path / "room"
    for name in ("crisis.toml", "watches/example.yml", "playbooks", "layouts", "data/inbox", "reports", ".gitignore"):
        assert (room / name).exists(), name
    shipped = Path(__file__).parents[2] / "notebooks"
    wanted = {p.relative_to(shipped) for pattern in ("*.ipynb", "tutorial/*.ipynb") for p in shipped.glob(pattern)}
    assert {p.relative_to(room / "notebooks") for p in (room / "notebooks").rglob("*.ipynb")} == wanted
    assert commands(ran.stdout)[0] == "cd room" and len(commands(ran.stdout)) == 6


def test_init_again_overwrites_nothing_and_says_so(crisis: Callable[..., Ran], tmp_path: Path) -> None:
    crisis("init", "room")
    mine = tmp_path / "room" / "watches" / "example.yml"
    mine.write_text(WATCH.replace("acme", "example"), encoding="utf-8")
    (tmp_path / "room" / "notebooks" / "brief.ipynb").unlink()
    before = {p: p.read_bytes() for p in (tmp_path / "room").rglob("*") if p.is_file()}
    ran = crisis("init", "room")
    after = {p: p.read_bytes() for p in (tmp_path / "room").rglob("*") if p.is_file()}
    assert before.items() <= after.items() and len(after) == len(before) + 1
    assert re.search(r"watches/example.yml +yours, left as it is", ran.stdout)
    assert re.search(r"notebooks/brief.ipynb +new", ran.stdout)
    assert re.search(r"crisis.toml +there already", ran.stdout)


def test_init_where_it_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(HomeError, match="cannot be laid out"):
        create_workspace(tmp_path / "file")


def test_init_speaks_the_readers_language(crisis: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "接下来" in crisis("init", "here", "--language", "zh").stdout
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "接下来" in crisis("init", "there").stdout
    refused = crisis("init", "else", "--language", "fr")
    assert refused.returncode == 2 and "'fr'" in refused.stderr


def test_what_is_laid_out_is_right(crisis: Callable[..., Ran], room: Path) -> None:
    ran = crisis("check")
    assert ran.returncode == 0, ran.stdout
    assert "ok  watch  watches/example.yml" in ran.stdout and "shipped playbooks" in ran.stdout


def test_what_the_example_watch_proposes_is_right(room: Path) -> None:
    """Its commented keys, with the mark taken away."""
    text = (room / "watches" / "example.yml").read_text(encoding="utf-8")
    keys = "risk|respond|notify|schedule|- \\{source|  - \\{name"
    shown = re.sub(rf"^# ({keys})", lambda m: ("  " if m[1].startswith("- {source") else "") + m[1], text, flags=re.M)
    watch = Watch.model_validate(yaml.safe_load(shown))
    assert len(watch.sources) == 2 and watch.notify and watch.respond.owners and watch.schedule.daily
    assert watch.risk.daily_revenue is not None


@pytest.mark.parametrize("folder", ["layouts", "playbooks"])
def test_the_examples_in_its_readmes_are_right(room: Path, folder: str) -> None:
    example = re.search(r"```yaml\n(.*?)```", (room / folder / "README.md").read_text(encoding="utf-8"), re.S)
    assert example
    if folder == "layouts":
        assert parse_layout(example[1], "README.md").layout == "our-tool"
    else:
        path = room / folder / f"{yaml.safe_load(example[1])['playbook']}.yml"
        path.write_text(example[1], encoding="utf-8")
        assert any(step.id == "tell_customers" for step in load_playbooks([path.parent]).named(path.stem).steps)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("watches/acme.yml", WATCH + "colour: red\n", "line 4: colour"),
        ("watches/acme.yml", WATCH + "query: '(a OR'\n", "line 4: query"),
        ("watches/acme.yml", WATCH.replace("acme", "other"), "line 1: the file is called acme"),
        ("watches/acme.yml", WATCH + "watch: acme\n", "line 4: the key 'watch' stands twice"),
        ("watches/acme.yml", WATCH.replace("names: [Acme]", "names: [Acme], industry: spaceships"), "spaceships"),
        ("watches/acme.yml", WATCH + "notify: [{name: a, url: 'wekom://x'}]\n", "not an address that Apprise knows"),
        ("watches/acme.yml", WATCH + "notify: [{name: a, url: 'wecombot://${NO_KEY}'}]\n", "variable NO_KEY"),
        ("watches/acme.yml", WATCH + "sources: [{source: telepathy}]\n", "no source 'telepathy'"),
        ("watches/acme.yml", WATCH + "sources: [{source: rss}]\n", "['url'] are missing"),
        ("watches/acme.yml", WATCH + "sources: [{source: rss, options: {url: feed}}]\n", "no http address"),
        ("watches/acme.yml", WATCH + "sources: [{source: rss, options: {url: 'http://h/f', wait: 3}}]\n", "wait"),
        ("watches/acme.yml", WATCH + "sources: [{source: rss, options: {url: 'http://h/f', max_mb: x}}]\n", "max_mb"),
        ("watches/acme.yml", WATCH + "sources: [{source: folder, options: {path: nowhere}}]\n", "no folder"),
        ("watches/acme.yml", WATCH + "sources: [{source: bluesky}]\n", "one of search and actor"),
        ("playbooks/acme.yml", "{steps: 3}\n", "steps"),
        ("layouts/acme.yml", "layout: acme\ntitle: {en: x, zh: y}\nabout: z\nfilter: some\n", "line 4: filter"),
        ("notebooks/acme.ipynb", "{}", "not a notebook"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("asked", [(), ("acme",), ("FILE",)])
def test_check_refuses_and_says_what_where_and_what_to_do(
    crisis: Callable[..., Ran], room: Path, name: str, text: str, said: str, asked: tuple[str, ...]
) -> None:
    (room / name).write_text(text, encoding="utf-8")
    ran = crisis("check", *(name if word == "FILE" else word for word in asked))
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert said in ran.stdout and name in ran.stdout and "What to do" in ran.stdout, ran.stdout
    assert "Traceback" not in ran.stderr


def test_a_variable_that_is_set_is_no_fault(
    crisis: Callable[..., Ran], room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = WATCH + "notify: [{name: a, url: 'wecombot://${A_KEY}'}]\n"
    (room / "watches" / "acme.yml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("A_KEY", "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa")
    assert crisis("check", "acme").returncode == 0


def test_a_notebook_without_words_on_its_parameters_is_refused(crisis: Callable[..., Ran], room: Path) -> None:
    path = room / "notebooks" / "brief.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("# empty: the incident that matters most", ""), encoding="utf-8")
    ran = crisis("check", "brief")
    assert ran.returncode == 1 and "incident" in ran.stdout


def test_check_of_a_name_that_is_none_proposes_one(crisis: Callable[..., Ran], room: Path) -> None:
    ran = crisis("check", "exmaple")
    assert ran.returncode == 2 and "example" in ran.stderr


def test_layouts_say_where_they_come_from(crisis: Callable[..., Ran], room: Path) -> None:
    text = (room / "layouts" / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", text, re.S)
    assert example
    (room / "layouts" / "our-tool.yml").write_text(example[1], encoding="utf-8")
    (room / "layouts" / "bad.yml").write_text("{steps: 3}", encoding="utf-8")
    ran = crisis("layouts")
    assert ran.returncode == 0 and "layouts/our-tool.yml" in ran.stdout and "shipped" in ran.stdout
    assert "bad.yml" in ran.stdout and "What to do" in ran.stdout


def test_home_may_be_said_from_anywhere(
    crisis: Callable[..., Ran], room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (room / "watches" / "acme.yml").write_text(WATCH + "colour: red\n", encoding="utf-8")
    monkeypatch.chdir(room.parent)
    monkeypatch.setenv("CRISIS_WATCHES", str(room.parent))
    ran = crisis("--home", "room", "check", "acme")
    assert ran.returncode == 1 and "colour" in ran.stdout


def test_a_taken_port_is_said(crisis: Callable[..., Ran], room: Path, unused_port_held: int) -> None:
    for command in ("dashboards", "lab"):
        ran = crisis(command, "--port", str(unused_port_held))
        assert ran.returncode == 2 and f"--port {unused_port_held + 1}" in ran.stderr


@pytest.fixture
def unused_port_held() -> Iterator[int]:
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield int(held.getsockname()[1])


def test_every_command_on_one_watch_finds_the_demonstrations_too() -> None:
    """A function that takes a watch asks for the workbench that has it, so that `--watch demo` works everywhere."""
    bare = []
    for path in sorted((Path(__file__).parents[2] / "crisislib" / "cli").glob("*.py")):
        for made in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(made, ast.FunctionDef):
                continue
            takes = any(ast.unparse(a.annotation) == "WatchName" for a in made.args.args if a.annotation)
            doors = {"home", "opened", "change_of"}
            calls = [c for c in ast.walk(made) if isinstance(c, ast.Call) and ast.unparse(c.func) in doors]
            asks = any("watch" in [ast.unparse(arg) for arg in c.args] for c in calls)
            holds = any("holding" in ast.unparse(c) for c in ast.walk(made) if isinstance(c, ast.Call))
            bare += [f"{path.name}: {made.name}"] if takes and not asks and not holds else []
    assert not bare
