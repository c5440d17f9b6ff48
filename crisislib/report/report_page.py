"""One HTML file that opens anywhere: charts alive, code hidden, nothing fetched, nothing hostile run."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

import jinja2
import nbformat
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from crisislib.core.i18n import N_, tr
from crisislib.design.design_tokens import LIGHT, SIZES
from crisislib.report.chart_library import chart_library

CHART_MIME = "application/vnd.vegalite.v5+json"
LAB_ONLY = "lab"  # tag of cells for the people in JupyterLab, left out of the page
FAILED = N_("This report failed and is not complete. What follows ends where it stopped.")
WARNED = N_("messages of the run")
CONTENTS = N_("Contents")
SAVE = N_("save this chart")
LEAST_SECTIONS = 3
"""Sections from which a list of them is worth its place."""
_HEADING = re.compile(r'<h2 class="cw-h2">(.*?)</h2>', re.DOTALL)
_TITLE = re.compile(r'<div class="cw-head"><h1>([^<]*)</h1>')
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@cache
def _script(artifacts: Path | None) -> str:
    """Everything that the page runs: the charts' library once, and the loop that draws them."""
    bundle = chart_library(artifacts).replace("</script", "<\\/script")
    start = resources.files("crisislib.report").joinpath("charts.js").read_text(encoding="utf-8")
    return f"{bundle}\n{start}"


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def page(notebook: nbformat.NotebookNode, *, language: str, title: str, artifacts: Path | None = None) -> str:
    """An executed notebook as one page.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With its outputs.
    language : str
        `zh` or `en`, for the page's `lang` and its own words.
    title : str
        Of the browser's tab and the foot of each printed page, where the notebook gives the page no heading.
    artifacts : Path, optional
        Of a lake: where the charts' library is kept.

    Returns
    -------
    str
        HTML without any address that a browser would fetch; only the script whose digest stands in
        its content security policy can run.
    """
    specs: list[str] = []
    blocks = [block for cell in notebook.cells for block in _cell(cell, specs, language)]
    blocks, contents, contents_at = _contents(blocks)
    script = _script(artifacts) if specs else ""
    source = resources.files("crisislib.report").joinpath("page.html.j2").read_text(encoding="utf-8")
    template = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
    failed = any(o.get("output_type") == "error" for c in notebook.cells for o in c.get("outputs", []))
    called = next((match[1] for block in blocks if (match := _TITLE.search(block))), "")
    title = html.unescape(called) or title
    return template.render(
        lang="zh-CN" if language == "zh" else "en",
        title=title,
        blocks=blocks,
        specs=specs,
        script=script,
        digest=_hash(script) if script else "",
        failed=tr(FAILED, language) if failed else "",
        tokens=Markup("".join(f"--{name}:{value};" for name, value in {**LIGHT, **SIZES, "bg": "#ffffff"}.items())),
        foot=Markup(_css_string(title)),
        contents=contents if len(contents) >= LEAST_SECTIONS else [],
        contents_at=contents_at,
        contents_title=tr(CONTENTS, language),
    )


def _css_string(text: str) -> str:
    """A text as a string of CSS: nothing in it can end the string or the style element."""
    return '"' + "".join(c if c.isalnum() or c in " ·-" else f"\\{ord(c):x} " for c in text) + '"'


def _contents(blocks: list[str]) -> tuple[list[str], list[tuple[str, str]], int]:
    """Blocks whose sections have names, name and words of each section, and the block before which the list stands.

    The list comes after the first page (the executive page), or before the first section where there is none.
    """
    named: list[tuple[str, str]] = []

    def anchor(match: re.Match[str]) -> str:
        words = html.unescape(re.sub(r"<[^>]+>", "", match[1])).strip()
        named.append((f"section-{len(named) + 1}", words))
        return f'<h2 class="cw-h2" id="{named[-1][0]}">{match[1]}</h2>'

    anchored = [_HEADING.sub(anchor, block) for block in blocks]
    first = next((i + 1 for i, block in enumerate(blocks) if "cw-design executive" in block), None)
    if first is None:
        first = next((i for i, block in enumerate(blocks) if _HEADING.search(block)), 0)
    return anchored, named, first


def _cell(cell: nbformat.NotebookNode, specs: list[str], language: str) -> list[str]:
    """HTML blocks of one cell; its charts are put into `specs`."""
    tags = cell.metadata.get("tags", [])
    if LAB_ONLY in tags or "papermill-error-cell-tag" in tags:
        return []
    if cell.cell_type == "markdown":
        return [markdown2html_mistune(html.escape(cell.source, quote=False))]
    return [block for output in cell.get("outputs", []) if (block := _output(output, specs, language))]


def _output(output: nbformat.NotebookNode, specs: list[str], language: str) -> str:
    if output.output_type == "error":
        trace = _ANSI.sub("", "\n".join(output.get("traceback", []))) or f"{output.ename}: {output.evalue}"
        return f'<pre class="error">{html.escape(trace)}</pre>'
    if output.output_type == "stream":
        text = html.escape(_ANSI.sub("", output.text))
        if output.name == "stderr":
            return f"<details><summary>{html.escape(tr(WARNED, language))}</summary><pre>{text}</pre></details>"
        return f"<pre>{text}</pre>"
    data: Mapping[str, object] = output.get("data", {})
    if CHART_MIME in data:
        # In a script element only `</` could end the element; as \\u003c it cannot.
        spec = {k: v for k, v in _mapping(data[CHART_MIME]).items() if k != "$schema"}
        specs.append(json.dumps(spec, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))
        save = html.escape(tr(SAVE, language))
        return f'<div class="chart" data-spec="spec-{len(specs) - 1}" data-save="{save}"></div>'
    if "text/html" in data:
        return _joined(data["text/html"])
    if "image/png" in data:
        return f'<img alt="" src="data:image/png;base64,{html.escape(_joined(data["image/png"]).strip())}">'
    return f"<pre>{html.escape(_joined(data.get('text/plain', '')))}</pre>"


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}


def _joined(text: object) -> str:
    return "".join(text) if isinstance(text, list) else str(text)
