"""YAML with the line of every key: a fault names where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from crisislib.core.located import Located, read_located

TEXT = "a: 1\nb:\n  - x: 2\n  - x: 3\n    y: [4,\n        5]\n"


@pytest.mark.parametrize(
    ("place", "line"),
    [(("a",), 1), (("b", 0, "x"), 3), (("b", 1, "y", 1), 6), (("b", 1, "gone"), 4), (("gone",), 1), ((), 1)],
)
def test_the_line_of_a_place(place: tuple[int | str, ...], line: int) -> None:
    assert Located(TEXT).line(place) == line


@given(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=8, unique=True), st.data())
def test_any_key_of_a_flat_file_is_on_its_line(keys: list[str], data: st.DataObject) -> None:
    text = "".join(f"{key}: {i}\n" for i, key in enumerate(keys))
    wanted = data.draw(st.sampled_from(keys))
    assert Located(text).line([wanted]) == keys.index(wanted) + 1


class Schema(BaseModel, extra="forbid"):
    a: int
    b: list[dict[str, int]]


def test_faults_of_a_schema_name_line_and_place() -> None:
    found = Located("a: one\nb: []\nc: 3\n")
    with pytest.raises(ValidationError) as fault:
        Schema.model_validate(found.data)
    said = [one.render("en") for one in found.faults(fault.value, Schema).items]
    assert said[0].startswith("line 1: a:") and said[1].startswith("line 3: c:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: the key 'a' stands twice"),
        ("b:\n  - {x: 1, x: 2}\n", "line 2: the key 'x' stands twice"),
        ("- 1\n", "mapping"),
        ("", "mapping"),
        ("a: [1", "YAML"),
    ],
)
def test_what_is_no_mapping_is_an_error(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Located(text)


def test_what_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_bytes("a: 品牌危机".encode("gbk"))
    with pytest.raises(ValueError, match="UTF-8"):
        read_located(path)
