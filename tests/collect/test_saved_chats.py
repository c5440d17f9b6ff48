"""Chats saved by DiscordChatExporter and lists written as YAML, each made here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crisislib.core.errors import InputError

from .helpers import record, rows
from .test_kinds_of_files import at, column, read, said

MESSAGE = (
    '<div id=chatlog__message-container-{id} class="chatlog__message-container" data-message-id={id}>'
    "<div class=chatlog__message><div class=chatlog__message-aside>{aside}</div><div class=chatlog__message-primary>"
    '{head}<div class="chatlog__content chatlog__markdown"><span>{text}</span></div>{foot}</div></div></div>'
)
HEAD = (
    "<div class=chatlog__header><span class=chatlog__author title={name}#1 data-user-id={user}>{name}</span>"
    '<span class=chatlog__timestamp title="Saturday, July 25, 2026 10:0{minute} PM"><a href=#x>shown</a></span></div>'
)
SHORT = '<div class=chatlog__short-timestamp title="Saturday, July 25, 2026 10:03 PM">10:03 PM</div>'
REACTED = (
    "<div class=chatlog__reactions><div class=chatlog__reaction><img class=chatlog__emoji alt=x>"
    "<span class=chatlog__reaction-count>3</span></div><div class=chatlog__reaction>"
    "<span class=chatlog__reaction-count>1</span></div></div>"
)
REPLY = (
    "<div class=chatlog__reply><div class=chatlog__reply-author>Ann</div><div class=chatlog__reply-content>"
    "<span class=chatlog__reply-link onclick=\"scrollToMessage(event,'71')\">cup</span></div></div>"
)
JOINED = "<div class=chatlog__system-notification-content>joined the server.</div>"


def page() -> str:
    """A channel of three messages and a notice, in two groups."""
    first = MESSAGE.format(
        id=71, aside="", head=HEAD.format(name="Ann", user=5, minute=1), text="the <b>cup</b> broke", foot=REACTED
    )
    edited = "again <span class=chatlog__edited-timestamp>(edited)</span>"
    second = MESSAGE.format(id=72, aside=SHORT, head="", text=edited, foot="")
    third = MESSAGE.format(
        id=73, aside="", head=REPLY + HEAD.format(name="Bo", user=6, minute=5), text="mine too", foot=""
    )
    notice = MESSAGE.format(
        id=74, aside="", head=HEAD.format(name="Cy", user=7, minute=6).replace("chatlog__header", "x") + JOINED,
        text="", foot="",
    )  # fmt: skip
    groups = "".join(f"<div class=chatlog__message-group>{g}</div>" for g in (first + second, third, notice))
    facts = "<div class=preamble__entry>Tea fans</div><div class=preamble__entry>Text Channels / general</div>"
    foot = "<div class=postamble__entry>Exported 4 message(s)</div><div class=postamble__entry>Timezone: UTC+2</div>"
    return f"<!DOCTYPE html><html><body><div class=preamble>{facts}</div><div class=chatlog>{groups}</div>{foot}</body>"


def test_a_channel_of_discord_saved_as_a_page(tmp_path: Path) -> None:
    batch = read(tmp_path, page(), "channel.html")
    assert record(batch)["layout"] == "discord" and column(batch, "platform") == ["discord"] * 3
    assert column(batch, "post_id") == ["discord:71", "discord:72", "discord:73"]
    assert column(batch, "created_at") == [at(2026, 7, 25, 20, m) for m in (1, 3, 5)], "the zone at the foot counts"
    assert column(batch, "account_id") == ["discord:5", "discord:5", "discord:6"]
    assert column(batch, "text") == ["the cup broke", "again", "mine too"]
    assert column(batch, "n_likes") == [4, None, None] and column(batch, "parent_id") == [None, None, "discord:71"]
    assert [r["row_no"] for r in rows(batch.rejects)] == [4]
    old = read(tmp_path, page().replace("Timezone: UTC+2", "done"), "old.html")
    assert column(old, "created_at")[0] == at(2026, 7, 25, 14, 1) and said(old, "time zone", "Asia/Shanghai")


def test_a_channel_of_discord_saved_as_text(tmp_path: Path) -> None:
    rule = "=" * 62
    text = (
        f"{rule}\nGuild: Tea fans\nChannel: Text Channels / general\nTopic: cups\n{rule}\n\n"
        "[7/25/2026 10:01 PM] ann\nthe cup broke\n[and] again\n\n{Attachments}\nhttps://cdn.example/a.png\n\n"
        "{Reactions}\n👍 (3) x (1)\n\n[7/5/2026 1:02 AM] bo#1 (pinned)\nmine too\n\n"
        f"[7/5/2026 1:03 AM] cy\nJoined the server.\n\n\n{rule}\nExported 3 message(s)\n{rule}\n"
    )
    batch = read(tmp_path, text, "channel.txt", zone="UTC")
    assert column(batch, "text") == ["the cup broke\n[and] again", "mine too"]
    assert column(batch, "created_at") == [at(2026, 7, 25, 22, 1), at(2026, 7, 5, 1, 2)]
    assert column(batch, "n_likes") == [4, None] and record(batch)["n_rejected"] == 1


def test_yaml_stays_as_it_is_written(tmp_path: Path) -> None:
    text = (
        "# saved by a tool\n- id: 1900000000000000001\n  created_at: 2026-07-05T10:00:00Z\n  text: 'cup: broke'\n"
        "  user: {name: ann, followers_count: 12}\n  like_count: 3\n"
        "- id: 0012\n  created_at: 2026-07-05T10:01:00Z\n  text: |\n    no\n    name: none\n  user: {name: bob}\n"
    )
    batch = read(tmp_path, text, "posts.yaml")
    assert column(batch, "post_id") == ["web:1900000000000000001", "web:0012"] and column(batch, "n_likes") == [3, None]
    assert column(batch, "text") == ["cup: broke", "no\nname: none"]
    page_of = "---\nmeta:\n  query: tea\n正文列表:\n" + "".join(
        f'  - id: "{n}"\n    作者: 甲{n}\n    正文: 水有怪味\n    发布时间: 2026-07-05 10:0{n}\n' for n in (1, 2)
    )
    assert column(read(tmp_path, page_of, "b.yml"), "created_at") == [at(2026, 7, 5, 2, n) for n in (1, 2)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- a: &a [x, x]\n  created_at: 2026-07-05\n  text: *a\n", "refers to parts of itself"),
        ("- a: " + "[" * 100 + "]" * 100 + "\n  b: 1\n", "nested deeper"),
        ("- a: 'open\n  b: 1\n", "damaged in line"),
    ],
)
def test_yaml_that_unpacks_or_is_damaged_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        read(tmp_path, text, "a.yaml")


def test_a_table_whose_cells_look_like_yaml_stays_a_table(tmp_path: Path) -> None:
    batch = read(tmp_path, 'time,text\n2026-07-05 10:00,"- note: cup"\n2026-07-05 10:01,"key: value"\n')
    assert column(batch, "text") == ["- note: cup", "key: value"]


def test_a_list_that_breaks_off_keeps_its_whole_records(tmp_path: Path) -> None:
    posts = [
        {"id": str(n), "created_at": f"2026-07-05T10:0{n}:00Z", "text": f"cup {n}", "user": {"name": "a"}}
        for n in range(4)
    ]
    for form in (json.dumps(posts), json.dumps({"data": {"list": posts}, "page": 1}), json.dumps(posts, indent=1)):
        batch = read(tmp_path, form[: form.index("cup 3")], f"{len(form)}.json")
        assert column(batch, "text") == ["cup 0", "cup 1", "cup 2"]
        assert ["damaged or breaks off" in r["reason"] for r in rows(batch.rejects)] == [True]
        torn = read(tmp_path, form.replace('"cup 1"', 'cup 1"'), f"torn-{len(form)}.json")
        assert column(torn, "text") == ["cup 0", "cup 2", "cup 3"] and torn.rejects.num_rows == 1


def test_russian_clocks_and_feelings(tmp_path: Path) -> None:
    text = "Дата;Время;Текст;Автор;Тональность\n05.07.2026;10:05;чашка разбилась;Аня;Негативная\n"
    batch = read(tmp_path, text, "a.csv", zone="Europe/Moscow")
    assert column(batch, "created_at") == [at(2026, 7, 5, 7, 5)] and column(batch, "sentiment_given") == ["negative"]
