"""The written rules of ARCHITECTURE.md, held by reading the code: imports, sizes, silence, the clock."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "crisislib"
FILES = sorted(p for p in PACKAGE.rglob("*.py"))
STAGES = {"collect", "lake", "nlp", "spread", "signals", "warn", "risk", "respond", "charts", "report", "notify"}
DRAWN_WITH = {"charts", "lake"}
"""What the workbench reads tables and draws pictures with; it computes nothing."""
NOT_FOR_FACES = {"workbench": STAGES - DRAWN_WITH, "cli": STAGES}
"""A face shows what the engine stored and asks the engine and the services; it has no business with a stage."""
CARRIERS = {"engine", "services", "workbench", "cli", "api"}
FLOOR = {"core", "simulation", "design"}
"""What a stage may import beside itself: the language of all, the one simulator, which warn trains on, and the look."""
MAY_READ_THE_CLOCK = {"engine", "services", "workbench", "cli", "report", "collect", "notify", "api"}
MAX_FILE, MAX_FUNCTION = 300, 60


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Names of our rooms that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(parsed(path)):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom) and node.module == "crisislib":
            names = [f"crisislib.{a.name}" for a in node.names]
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        found |= {n.split(".")[1] for n in names if n.startswith("crisislib.")}
    return found - {"__version__"}


def ident(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=ident)
def test_doors(path: Path) -> None:
    """Core imports nothing of ours, a stage imports core only, only carriers know several stages."""
    here, used = room(path), imports(path)
    if here == "core":
        assert used <= {"core"}
    elif here == "simulation":
        assert used <= {"core", here}, "the simulator knows no stage"
    elif here == "design":
        assert used <= {"core", here}, "the look knows no data"
    elif here in STAGES:
        assert used <= {*FLOOR, here}, f"{here} may import core and the simulator only"
    elif here in CARRIERS:
        assert "cli" not in used or here == "cli"
        assert not used & NOT_FOR_FACES.get(here, set()), "a face asks the engine"
        if here == "engine":
            assert not used & {"services", "workbench", "charts", "report", "notify"}
        if here == "services":
            assert "workbench" not in used
        if here == "api":
            assert used <= {*FLOOR, *STAGES, "api"}, "wrappers of the stages, without a lake"
    else:
        assert here == "__init__" and used <= {"api", "core"}, (
            f"{here}: a new room needs a place in ARCHITECTURE.md and here"
        )


@pytest.mark.parametrize("path", FILES, ids=ident)
def test_rooms_are_small(path: Path) -> None:
    """Lines of a file, documentation included: who opens it reads that, too."""
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= MAX_FILE, f"{lines} lines: it is two things"
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if len(node.body) > 1 and ast.get_docstring(node) else node.body[0]
            length = (node.end_lineno or 0) - first.lineno + 1
            assert length <= MAX_FUNCTION, f"{node.name}: {length} lines"


ISOLATION = PACKAGE / "core" / "isolation.py"
BUGS = {"ValueError", "KeyError", "IndexError", "LookupError", "TypeError", "AttributeError", "RuntimeError"}
"""What a slip of our own raises, too: caught only around the one call that is known to raise it."""


@pytest.mark.parametrize("path", FILES, ids=ident)
def test_nothing_is_swallowed(path: Path) -> None:
    """Everything is caught in one place; what looks like a bug is caught around one statement, one class a time."""
    broad = 0
    for node in ast.walk(parsed(path)):
        if not isinstance(node, ast.Try):
            continue
        for handler in node.handlers:
            caught = ast.unparse(handler.type) if handler.type else "everything"
            broad += bool(re.search(r"\b(Base)?Exception\b|everything", caught))
            bugs = set(re.findall(r"[\w.]+", caught)) & BUGS
            one = len(node.body) == 1 and not isinstance(
                node.body[0], ast.With | ast.For | ast.While | ast.If | ast.Try
            )
            assert len(bugs) <= 1, f"line {handler.lineno} catches {', '.join(sorted(bugs))}: bugs would hide there"
            assert not bugs or one, f"line {handler.lineno} catches {bugs.pop()} around more than one statement"
    assert broad == (1 if path == ISOLATION else 0), "use core.isolation.run_isolated"


@pytest.mark.parametrize("path", FILES, ids=ident)
def test_errors_are_logged_where_a_module_can(path: Path) -> None:
    """One logger a module, by its own name; nobody writes to standard error or prints but the command line."""
    text = path.read_text(encoding="utf-8")
    assert "getLogger()" not in text or path == PACKAGE / "core" / "logs.py"
    for name in re.findall(r"^(\w+) = logging\.getLogger\((.+)\)", text, re.MULTILINE):
        assert name == ("logger", "__name__")


@pytest.mark.parametrize("path", [p for p in FILES if room(p) not in MAY_READ_THE_CLOCK], ids=ident)
def test_the_clock_is_at_the_top(path: Path) -> None:
    """Stages are given `now`; the same tables and the same now give the same answer."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"datetime\.(now|utcnow|today)\(|time\.time\(|Timestamp\.(now|utcnow|today)\(", text)


def test_stages_speak_no_sql_without_a_reason() -> None:
    """Reductions are expressions and functions take batches, so that they run on every engine; the rest is listed."""
    listed = yaml.safe_load((ROOT / "tests/rules/sql_in_stages.yml").read_text(encoding="utf-8"))
    speaks = re.compile(r"^\s*(import duckdb|from duckdb|from crisislib\.core\.memory_database)|\.sql\(", re.MULTILINE)
    stages = [p for p in FILES if room(p) in STAGES - {"lake", "collect"}]
    found = {ident(p) for p in stages if speaks.search(p.read_text(encoding="utf-8"))}
    assert found == set(listed) and all(len(reason) > 20 for reason in listed.values())


NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ident)
def test_notebooks_ask_and_show(path: Path) -> None:
    """No logic, no outputs, no deep imports; at most one parameters cell."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [c for c in cells if c["cell_type"] == "code"]
    assert not any(c["outputs"] or c["execution_count"] for c in code), "outputs must be stripped"
    assert sum("parameters" in c["metadata"].get("tags", []) for c in code) == (0 if "dashboards" in path.parts else 1)
    for cell in code:
        tree = ast.parse("".join(cell["source"]))
        logic = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Try, ast.Lambda, ast.If)
        assert not any(isinstance(n, logic) for n in ast.walk(tree)), "notebooks hold no logic"
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crisislib"):
                assert node.module in {"crisislib", "crisislib.workbench"}


def test_no_two_way_roads() -> None:
    """Between the carriers there is no circle either."""
    roads = {(room(p), other) for p in FILES for other in imports(p) if other != room(p)}
    assert not [(a, b) for a, b in roads if (b, a) in roads]
