"""The page on open sources: every source has its example, its terms and its words, and the examples are right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from crisislib.collect import SOURCES, check_use
from crisislib.core.watch_sections import SourceUse

PAGES = [Path(__file__).parents[2] / "docs" / "howto" / f"{name}.md" for name in ("open-sources", "crawler")]
EXAMPLES = [
    entry
    for page in PAGES
    for text in re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.S)
    for entry in (lambda found: found["sources"] if isinstance(found, dict) else found)(yaml.safe_load(text))
]
OPEN = ["crawler", "hackernews", "discourse", "reddit", "youtube", "x", "telegram", "jetstream", "gdelt", "site",
        "page", "rsshub"]  # fmt: skip
"""Sources that these pages describe."""


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_may_be_copied(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    example = EXAMPLES[number]
    for name in re.findall(r"\$\{(\w+)\}", str(example)):
        monkeypatch.setenv(name, "hunter2hunter2")
    check_use(SourceUse.model_validate(example))


@pytest.mark.parametrize("name", OPEN)
def test_an_open_source_is_described(name: str) -> None:
    source = SOURCES[name]
    assert name in {example["source"] for example in EXAMPLES}, "give an example in docs/howto"
    assert set(source.terms) == {"zh", "en"}, "say what the provider's terms ask"
    assert all("${" in str(e["options"][s]) for e in EXAMPLES if e["source"] == name for s in source.secrets
               if s in e["options"])  # fmt: skip
