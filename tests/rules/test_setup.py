"""The doors by which people come in: the lock, the conda file, the light default install."""

import importlib.metadata
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~; \[]", r)[0].lower().replace("_", "-") for r in requirements}


def locked(path: str) -> set[str]:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return names([line for line in lines if re.match(r"[A-Za-z]", line)])


def test_locks_hold_every_dependency_with_hashes_and_no_address() -> None:
    for path in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not re.search(r"https?://", text)
        assert names(PROJECT["project"]["dependencies"]) <= locked(path)
        pins = re.findall(r"^\S+==\S+", text, re.M)
        assert len(pins) == len(re.findall(r"^\S+==\S+[^\n]*\\\n(?:\s+--hash=sha256:\w+)", text, re.M)) > 100
    assert locked("requirements.lock") <= locked("requirements-dev.lock")


def test_the_version_stands_in_two_places_as_one() -> None:
    import crisislib

    assert PROJECT["project"]["version"] == crisislib.__version__


def test_every_extra_is_there() -> None:
    assert {"embed", "umap", "llm", "spark", "mcp", "web", "keyring"} <= set(
        PROJECT["project"]["optional-dependencies"]
    )


def test_the_default_install_is_light() -> None:
    heavy = {"torch", "plotly", "sentence-transformers", "umap-learn", "numba", "llvmlite", "igraph", "snownlp"}
    assert not {n for n in locked("requirements.lock") if n in heavy or n.startswith("nvidia")}


CONDA_NAMES = {"duckdb": "python-duckdb", "prometheus-client": "prometheus_client", "tzdata": "python-tzdata"}


def test_the_conda_door_says_the_same() -> None:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    by_pip = next(d["pip"] for d in listed if isinstance(d, dict))
    said = {d for d in listed if isinstance(d, str)} | set(by_pip)
    wanted = {CONDA_NAMES.get(n, n) + rest for n, rest in map(split, PROJECT["project"]["dependencies"])}
    around = {f"python{PROJECT['project']['requires-python']}", "pip", "pytorch=*=cpu*"}
    assert said == wanted | around


def split(requirement: str) -> tuple[str, str]:
    found = re.match(r"([A-Za-z0-9_.-]+)(.*)", requirement)
    assert found
    return found[1], found[2]


def test_run_time_licences_are_permissive() -> None:
    """Nothing under the GPL is pulled in at run time (LGPL and GPL-compatible texts are named in full)."""
    bad = []
    for name in locked("requirements.lock"):
        try:
            meta = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        said = " ".join([meta.get("License-Expression") or "", *(meta.get_all("Classifier") or [])])
        if re.search(r"(?<!L)GPL|GNU General Public", said) and "LGPL" not in said and "Lesser" not in said:
            bad.append((name, meta.get("License-Expression")))
    assert not bad


TOP_LEVEL = [
    ".ci",
    ".gitattributes",
    ".gitignore",
    ".pre-commit-config.yaml",
    "ARCHITECTURE.md",
    "BENCHMARKS.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "README.zh.md",
    "benchmarks",
    "crisislib",
    "data",
    "deploy",
    "docs",
    "environment.yml",
    "notebooks",
    "pyproject.toml",
    "reports",
    "requirements-dev.lock",
    "requirements.lock",
    "tests",
    "tools",
]


def test_nothing_that_a_command_wrote_is_tracked() -> None:
    """Commands write layouts and playbooks where they are called; two of them once lay in the repository."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    assert {line.split("/")[0] for line in listed.stdout.splitlines()} == set(TOP_LEVEL)
