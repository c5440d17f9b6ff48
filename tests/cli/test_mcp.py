"""What an assistant reads over the Model Context Protocol: through the real server, over its own client."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
from typing import Any

import pytest
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.core.errors import HomeError
from crisislib.engine import Home
from crisislib.services.mcp_server import mcp_server
from tests.support.filled import NOW, fill, write_watch

pytest.importorskip("mcp", reason="the extra mcp is not installed")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Home:
    root = tmp_path_factory.mktemp("mcp")
    fill(root / "lake")
    write_watch(root / "watches")
    return Home(root / "lake", root / "watches", root / "reports", moment=NOW)


def asked(place: Home, tool: str, **arguments: Any) -> Any:
    """What the server answers, as an assistant gets it."""
    from mcp import Client

    async def talk() -> Any:
        async with Client(mcp_server(lambda: place)) as client:
            tools = (await client.list_tools()).tools
            assert all(one.annotations.read_only_hint for one in tools) and len(tools) == 6
            answer = await client.call_tool(tool, arguments)
            assert not answer.is_error, answer
            return answer.structured_content

    found = asyncio.run(talk())
    return found["result"] if set(found) == {"result"} else found


def test_every_answer_leads_to_posts_that_are_held(place: Home) -> None:
    held = set(place.lake.read("POSTS", watch="example")["post_id"])
    level = asked(place, "level", watch="example")
    assert level["level"] == "orange" and level["decided_until"] and level["why"]
    own, other = (asked(place, "plan", watch="example", language=one)["steps"] for one in ("zh", "en"))
    assert asked(place, "plan", watch="example")["steps"] == own != other, "in the watch's language where none is named"
    findings = asked(place, "findings", watch="example")
    assert findings and {"key", "text", "post_ids", "limits"} <= set(findings[0])
    ids = [post for one in findings for post in one["post_ids"]]
    assert ids and set(ids) <= held
    posts = asked(place, "posts", watch="example", post_ids=[*ids[:3], "weibo:not-there"])
    assert {one["post_id"] for one in posts} == set(ids[:3]), "what is not held is left out"
    assert "account_id" not in posts[0]
    plan = asked(place, "plan", watch="example")
    assert plan["steps"] and set(plan["post_ids"]) <= held
    assert [one["watch"] for one in asked(place, "watches")] == place.names()
    assert isinstance(asked(place, "claims", watch="example", language="zh"), list)


def test_a_refusal_reaches_the_assistant_in_words(place: Home) -> None:
    from mcp import Client

    async def talk() -> Any:
        async with Client(mcp_server(lambda: place)) as client:
            return await client.call_tool("level", {"watch": "nobody"})

    answer = asyncio.run(talk())
    assert answer.is_error and "there is no watch 'nobody'" in answer.content[0].text


def test_over_standard_input_and_output(place: Home) -> None:
    """As an assistant's program starts it: a process of its own."""
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    words = ["-m", "crisislib.cli", "mcp", "--lake", str(place.lake_root), "--watches", str(place.watches)]

    async def talk() -> Any:
        started = StdioServerParameters(command=sys.executable, args=words, env=dict(os.environ))
        async with stdio_client(started) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            return await session.call_tool("plan", {"watch": "example"})

    answer = asyncio.run(talk())
    assert not answer.is_error and json.loads(answer.content[0].text)["post_ids"]


def test_reading_changes_nothing(place: Home) -> None:
    before = place.lake.versions()
    json.dumps(asked(place, "watches", language="zh"))
    assert place.lake.versions() == before


def test_without_the_extra_it_says_what_to_install(place: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(HomeError, match="mcp") as fault:
        mcp_server(lambda: place)
    assert "crisislib[mcp]" in str(fault.value)


def test_the_command_teaches() -> None:
    result = CliRunner().invoke(app, ["mcp", "--help"])
    assert result.exit_code == 0 and "read-only" in result.output
