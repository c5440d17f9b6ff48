"""Words that are filled now and rendered later: through JSON and back, in both languages."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisislib.core.errors import TableError
from crisislib.core.finding import Finding
from crisislib.core.phrase import Amount, Both, Listing, Phrase, pack, render, unpack

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
words = st.recursive(
    scalars
    | st.builds(Both, st.text(), st.text())
    | st.builds(Amount, st.floats(-1e12, 1e12), st.sampled_from(["", "CNY", "USD"])),
    lambda inner: (
        st.builds(Phrase, st.just("x"), st.dictionaries(st.sampled_from("abc"), inner, max_size=3))
        | st.builds(Listing, st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5).filter(lambda k: k != "is"), words, max_size=4))
def test_words_survive_storage(facts: dict[str, object]) -> None:
    assert unpack(pack(facts)) == facts
    assert pack(unpack(pack(facts))) == pack(facts)


def test_a_phrase_is_rendered_in_the_language_of_the_reader() -> None:
    nested = Phrase(", ", {})
    assert nested.render("zh") == "、" and nested.render("en") == ", "
    listed = Listing((Both("甲", "one"), Both("乙", "two")))
    assert (listed.render("zh"), listed.render("en")) == ("甲、乙", "one, two")
    finding = Finding("x.y", "{a} and {b}", {"a": Amount(16_820_000, "CNY"), "b": 3}, table=None, limits=(nested,))  # type: ignore[arg-type]
    assert finding.render("en") == "16.8 million CNY and 3" and "1,680万元" in finding.render("zh")
    assert finding.caveats("zh") == ["、"]


def test_no_number_is_told_as_none_and_nothing_else_is_stored() -> None:
    assert unpack(pack({"a": math.nan})) == {"a": None}
    assert render(5, "zh") == 5
    with pytest.raises(TableError, match="cannot be stored"):
        pack({"a": object()})
