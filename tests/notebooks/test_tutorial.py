"""The tutorial runs from export files to a brief, in both languages."""

from pathlib import Path

import nbformat
import papermill
import pytest

BOOK = Path(__file__).parents[2] / "notebooks" / "tutorial" / "ten_minutes.ipynb"


def test_it_is_stripped_and_explains_every_step() -> None:
    book = nbformat.read(BOOK, 4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    prose = [cell for cell in book.cells if cell.cell_type == "markdown"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code) == 1
    assert len(prose) >= 8 and all(any("\u4e00" <= c <= "\u9fff" for c in cell.source) for cell in prose)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_comes_to_a_brief(tmp_path: Path, language: str) -> None:
    made = papermill.execute_notebook(
        BOOK, tmp_path / "out.ipynb", {"language": language, "folder": str(tmp_path / "room")}, progress_bar=False
    )
    shown = "\n".join(
        output["data"].get("text/html", "") for cell in made.cells for output in cell.get("outputs", []) if "data" in output
    )
    assert "cw-design executive" in shown and 'class="cw-finding"' in shown
    assert ".cw-finding{" in shown, "the style comes with the first step"
    assert shown.count("<ul><li>") >= 5, "each file says what it brought, line by line"
    assert ("核心说法" if language == "zh" else "What is claimed") in shown
