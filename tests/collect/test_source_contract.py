"""What every live source promises, whoever wrote it: described, limited, safe with secrets, stored as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crisislib.collect import SOURCES, check_use, fetch
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option
from crisislib.core.errors import SourceError
from crisislib.core.watch_sections import SourceUse

from .helpers import NOW, watch
from .loopback import Server, server

__all__ = ["server"]

NO_HTTP = {"folder": "reads files", "crawler": "reads files", "jetstream": "speaks WebSocket"}
"""Sources without the options of HTTP -> why."""
LOOPBACK = [name for name, source in SOURCES.items() if "url" in source.options and name not in NO_HTTP]
WORDS = ("token", "key", "secret", "password")


def given(name: str, url: str = "") -> dict[str, Any]:
    """Options with which a source can be asked."""
    source = SOURCES[name]
    needed = [*source.required, *source.either[:1]]
    if name == "talkwalker":
        needed.append("query")
    if name == "reddit":
        needed.append("search")
    if name == "youtube":
        needed.append("videos")
    values: dict[str, Any] = {}
    for key in needed:
        option = source.options[key]
        plain: Any = {list: ["abc"], int: 1, float: 1.0, bool: True}.get(type(option.default), "abc")
        values[key] = "${CONTRACT_SECRET}" if key in source.secrets else plain
        if option.form == "address":
            values[key] = url or "https://example.org/"
    return values | ({"url": url} if url and "url" in source.options else {})


@pytest.mark.parametrize("name", SOURCES)
def test_it_is_described_in_both_languages_with_terms_and_limits(name: str) -> None:
    source = SOURCES[name]
    assert set(source.title) == set(source.terms) == {"zh", "en"}
    assert set(source.unconfirmed) in (set(), {"zh", "en"})
    assert all(isinstance(o, Option) and o.about for o in source.options.values())
    assert source.pace is None or (source.pace.calls > 0 and source.pace.seconds > 0)
    assert source.rhythm_minutes >= 0
    assert {*source.required, *source.either, *source.paths, *source.secrets} <= set(source.options)


@pytest.mark.parametrize("name", SOURCES)
def test_it_speaks_through_the_one_door(name: str) -> None:
    assert name in NO_HTTP or set(HTTP_OPTIONS) <= set(SOURCES[name].options)


@pytest.mark.parametrize("name", SOURCES)
def test_every_secret_is_called_one_and_refused_in_plain_text(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRACT_SECRET", "planted-contract-5")
    source = SOURCES[name]
    assert {key for key in source.options if any(word in key.split("_") for word in WORDS)} <= set(source.secrets)
    check_use(SourceUse(source=name, options=given(name)))
    for key in source.secrets:
        with pytest.raises(SourceError, match="plain text"):
            check_use(SourceUse(source=name, options={**given(name), key: "planted"}))


@pytest.mark.parametrize("name", LOOPBACK)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b"null", b'{"data": 3}', b"[" * 60_000, b"\xff\xfe\x00"], ids=repr
)
def test_an_answer_that_makes_no_sense_is_an_error_of_its_own_or_nothing_new(
    server: Server, name: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never a traceback of ours; the state that comes back can be stored, the one handed in is as it was."""
    monkeypatch.setenv("CONTRACT_SECRET", "planted-contract-5")
    server.answer_any = lambda _: (200, {}, body)
    state: dict[str, Any] = {}
    try:
        batch, after = fetch(SourceUse(source=name, options=given(name, server.url)), watch(), state=state, now=NOW)
    except SourceError as fault:
        assert "planted-contract-5" not in str(fault)
    else:
        assert json.loads(json.dumps(after)) is not None and batch.posts.num_rows == 0
    assert state == {}


@pytest.mark.parametrize("name", LOOPBACK)
@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_refusal_is_an_error_that_shows_no_secret(
    server: Server, name: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTRACT_SECRET", "planted-contract-5")
    server.answer_any = lambda asked: (
        status,
        {},
        json.dumps({"message": f"no {asked.headers} {asked.query}"}).encode(),
    )
    try:
        batch, _ = fetch(SourceUse(source=name, options=given(name, server.url)), watch(), state={}, now=NOW)
    except SourceError as fault:
        assert "planted-contract-5" not in str(fault) and fault.what
    else:
        assert batch.posts.num_rows == 0 and batch.warnings, "what one page refuses is said"
        assert "planted-contract-5" not in str(batch.record.to_pylist())
