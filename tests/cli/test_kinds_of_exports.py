"""Exports in the shape of real ones through `crisis import`: what the lake then holds, and what the card says of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crisislib.lake import Lake
from tests.cli.test_cli import Ran, crisis, place

__all__ = ["crisis", "place"]  # fixtures
Told = tuple[str, list[dict[str, Any]]]
X = "https://twitter.com/ann_q/status/1941000000000000001"


def lines(*rows: Sequence[object], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


@pytest.fixture
def opened(place: Path, crisis: Callable[..., Ran]) -> Callable[..., Told]:
    """Import one file, and give what was said and the posts in the order of its rows."""

    def run(name: str, content: str | bytes) -> Told:
        path = place / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        told = crisis("import", str(path), "--watch", "acme")
        assert told.returncode == 0, told.stderr
        table = Lake(place / "lake").read("POSTS", watch="acme")
        return told.stdout, sorted(table.to_dict("records"), key=lambda post: post["row_no"])

    return run


def test_a_comment_is_known_by_its_own_number_and_hangs_on_the_post_of_its_address(opened: Callable[..., Told]) -> None:
    page = "https://www.facebook.com/1001/posts/345?comment_id=678"
    head = ("Message", "Created Time", "Social Network", "Message Type", "Sender User ID", "Permalink")
    _, posts = opened(
        "care.csv",
        lines(
            head,
            ("cup broke", "05 Jul 2026 15:10:05", "FACEBOOK", "Facebook Comment", "99", page),
            ("me too", "05 Jul 2026 15:12:05", "FACEBOOK", "Facebook Comment", "98", page + "&reply_comment_id=679"),
            ("ugly", "05 Jul 2026 15:13:05", "INSTAGRAM", "Comment", "97", "https://www.instagram.com/p/DAabc/c/179/"),
            ("моя тоже", "05 Jul 2026 15:14:05", "VK", "Comment", "96", "https://vk.com/wall-12_456?reply=457"),
        ),
    )
    assert [p["post_id"] for p in posts] == ["facebook:678", "facebook:679", "instagram:179", "vk:-12_457"]
    assert [p["parent_id"] for p in posts] == ["facebook:345", "facebook:345", "instagram:DAabc", "vk:-12_456"]
    assert [p["account_id"] for p in posts] == ["facebook:99", "facebook:98", "instagram:97", "vk:96"]


def test_a_platform_in_more_words_is_the_platform(opened: Callable[..., Told]) -> None:
    head = ("Timestamp (EDT)", "Network", "Message Type", "From", "Message", "Link")
    _, posts = opened(
        "inbox.csv", lines(head, ("07/05/2026 3:10 pm", "X (Formerly Twitter)", "@Mentions", "ann_q", "cup", X))
    )
    assert posts[0]["post_id"] == "x:1941000000000000001" and posts[0]["account_id"] == "x:@ann_q"


def test_a_table_in_french_loses_neither_text_nor_kind_of_source(opened: Callable[..., Told]) -> None:
    head = ("Date", "Heure", "Source", "Type de média", "Titre", "Extrait", "URL", "Auteur", "Langue", "J'aime")
    table = lines(
        head,
        ("05/07/2026", "15:10", "twitter.com", "Twitter", "", "La tasse s'est cassée", X, "ann_q", "Français", "12"),
        ("25/07/2026", "09:05", "journal.example", "Actualités", "Tasses", "Elles cassent", "", "Jean", "Anglais", ""),
        delimiter=";",
    )
    _, posts = opened("veille.csv", table.encode("cp1252"))
    assert [p["text"] for p in posts] == ["La tasse s'est cassée", "Elles cassent"]
    assert [(p["platform"], p["lang"]) for p in posts] == [("x", "fr"), ("news", "en")]


def test_columns_that_say_yes_or_no_tell_reposts(opened: Callable[..., Told]) -> None:
    head = (
        "序号",
        "内容摘要",
        "原文链接",
        "媒体类型",
        "信息来源",
        "作者",
        "发布时间",
        "是否转发",
        "转评赞",
        "发布地域",
    )
    told, posts = opened(
        "监测.csv",
        lines(
            head,
            (
                1,
                "水有怪味",
                "https://weibo.com/11/PAbcdEfg1",
                "微博",
                "某站",
                "甲",
                "2026-07-05 10:00",
                "否",
                17,
                "北京",
            ),
            (
                2,
                "我也是",
                "https://weibo.com/12/PAbcdEfg2",
                "微博",
                "某站",
                "乙",
                "2026-07-05 10:05",
                "是",
                0,
                "来自 上海",
            ),
            (3, "公司道歉", "https://a.example/1", "新闻APP", "今日头条", "丙", "2026-07-05 10:09", "", 3, ""),
        ),
    )
    assert [p["kind"] for p in posts] == ["post", "repost", "post"] and "likes=" not in told
    assert [p["platform"] for p in posts] == ["weibo", "weibo", "toutiao"] and posts[1]["place"] == "上海"
    assert "转评赞" in told.split("stay in extra:")[1]


def test_a_counter_or_a_state_is_no_text(opened: Callable[..., Told]) -> None:
    head = ("编号", "标题/微博内容", "点赞", "转发", "评论", "微博账号", "地址", "发布时间", "信息属性")
    row = (1, "水有怪味，客服不理人", 12, 4, 1, "甲某", "https://weibo.com/11/PAbcdEfg1", "2026-07-05 10:00:00", "敏感")
    _, posts = opened("全部信息.csv", lines(head, row))
    assert posts[0]["text"] == "水有怪味，客服不理人" and posts[0]["n_replies"] == 1 and posts[0]["kind"] == "post"


def test_a_ticket_has_its_subject_and_who_asked(opened: Callable[..., Told]) -> None:
    head = ("Id", "Requester", "Requester id", "Subject", "Status", "Created at")
    _, posts = opened("tickets.csv", lines(head, (4711, "Ann Q", 88, "Cup broke", "Open", "2026-07-05 15:10")))
    assert posts[0]["text"] == "Cup broke" and posts[0]["account_id"] == "web:88"


def test_the_handle_goes_before_the_name_that_is_shown(opened: Callable[..., Told]) -> None:
    head = ("Source", "Author", "Author's username", "Post", "Link", "Date published")
    _, posts = opened("alerts.csv", lines(head, ("Twitter", "Ann Q", "@ann_q", "cup", X, "Jul 05, 2026 03:10 PM")))
    assert posts[0]["account_id"] == "x:@ann_q"


def test_who_passed_on_from_whom_in_a_tree_of_reposts(opened: Callable[..., Told]) -> None:
    head = ("mid", "昵称", "uid", "发布时间", "内容", "转发层级", "父微博mid", "粉丝数")
    _, posts = opened(
        "传播.csv",
        lines(
            head,
            ("5180000000000001", "甲", "11", "2026-07-05 10:00:00", "水有怪味", 0, "", 1500),
            ("5180000000000002", "乙", "12", "2026-07-05 10:05:00", "看看", 1, "5180000000000001", 28),
        ),
    )
    assert posts[1]["kind"] == "repost" and posts[1]["parent_id"] == "weibo:5180000000000001"


def test_a_time_that_stands_for_itself_goes_before_one_that_counts_back(opened: Callable[..., Told]) -> None:
    rows = (
        '{"cid": "Ugw1", "text": "cup broke", "time": "2 days ago", "author": "@ann", "time_parsed": 1783245600.12}\n'
        '{"cid": "Ugw2", "text": "mine too", "time": "1 day ago", "author": "@bob", "time_parsed": 1783332000.5}\n'
    )
    _, posts = opened("comments.jsonl", rows)
    assert [f"{p['created_at']:%m-%d %H:%M}" for p in posts] == ["07-05 10:00", "07-06 10:00"]


def test_days_without_a_year_are_read_by_what_stands_above_and_the_card_says_so(
    opened: Callable[..., Told], tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["艾克美舆情日报（2025年7月6日）"])
    sheet.append(["序号", "时间", "平台", "媒体/账号", "主要内容", "转发"])
    sheet.append([1, "7月5日 10:00", "微博", "甲某", "水有怪味", 4])
    book.save(tmp_path / "b.xlsx")
    told, posts = opened("日报.xlsx", (tmp_path / "b.xlsx").read_bytes())
    assert f"{posts[0]['created_at']:%Y-%m-%d}" == "2025-07-05" and "1 time states no year" in told
    assert posts[0]["account_id"] == "weibo:@甲某"


def test_what_counts_back_from_an_unknown_time_stays_rejected(opened: Callable[..., Told]) -> None:
    told, posts = opened(
        "a.csv", lines(("作者", "正文", "发布时间"), ("甲", "水有怪味", "07-05 10:00"), ("乙", "我也是", "3分钟前"))
    )
    assert [p["text"] for p in posts] == ["水有怪味"] and "1 rejected" in told


def test_a_chat_with_clocks_of_24_hours_writes_the_day_first(opened: Callable[..., Told]) -> None:
    _, posts = opened("chat.txt", "05/07/2026 15:10 - Ana: o copo quebrou\n06/07/2026 15:12 - Beto: o meu também\n")
    assert [f"{p['created_at']:%m-%d}" for p in posts] == ["07-05", "07-06"]


def test_lines_above_a_table_say_its_platform(opened: Callable[..., Told]) -> None:
    table = "URL: https://www.facebook.com/1001/posts/345\n\n" + lines(
        ("Name (click to view profile)", "Date", "Likes", "Comment"), ("Ann Q", "2026-07-05 10:00:00", 12, "cup broke")
    )
    told, posts = opened("below.csv", table)
    assert posts[0]["platform"] == "facebook" and "the lines above its column names" in told


def test_columns_that_tell_what_a_row_is_are_not_said_to_be_unused(opened: Callable[..., Told]) -> None:
    row = '{{"id": "{0}", "author": "ann", "body": "cup {0}", "created_utc": 1783245600, "score": 2, '
    row += '"link_id": "t3_z", "parent_id": "t3_z", "gilded": 1}}\n'
    told, posts = opened("RC.jsonl", row.format("n1") + row.format("n2"))
    unused = told.split("in extra: ")[1].splitlines()[0]
    assert unused == "gilded" and posts[0]["parent_id"] == "reddit:z"


def test_one_address_with_two_names_and_texts_is_two_posts(opened: Callable[..., Told]) -> None:
    url = "https://vk.com/wall-12_456"
    head = ("Дата", "Время", "Текст сообщения", "URL", "Автор")
    told, posts = opened(
        "vk.csv",
        lines(
            head, ("05.07.2026", "15:10", "Чашка разбилась", url, "Анна"), ("05.07.2026", "15:20", "моя", url, "Борис")
        ),
    )
    assert len(posts) == 2 and len({p["post_id"] for p in posts}) == 2 and "1 id stands on different posts" in told


def test_a_table_that_ends_in_times_is_no_chat(opened: Callable[..., Told]) -> None:
    rows = "".join(f'{i}\tu{i}\tscreen {i} is 5" wide\t2026-07-05 10:{i:02d}:00\n' for i in range(1, 50))
    _, posts = opened("screens.tsv", f"id\tuser\ttext\tcreated_at\n{rows}")
    assert len(posts) == 49 and posts[0]["text"] == 'screen 1 is 5" wide'


def test_posts_whose_ids_were_rounded_are_known_by_their_addresses(opened: Callable[..., Told]) -> None:
    head = ("tweet_id", "author", "text", "created_at", "url")
    told, posts = opened(
        "rounded.csv",
        lines(
            head,
            ("1.941e+18", "ann", "cup broke", "2026-07-05 10:00", "https://x.com/ann/status/1941000000000000001"),
            ("1.941e+18", "bob", "mine", "2026-07-05 10:01", "https://x.com/bob/status/1941000000000000002"),
        ),
    )
    assert [(p["post_id"], p["kind"]) for p in posts] == [
        ("x:1941000000000000001", "post"),
        ("x:1941000000000000002", "post"),
    ]
    assert "2 ids were rounded" in told


def test_folders_in_a_folder_are_read(place: Path, crisis: Callable[..., Ran]) -> None:
    for n, where in enumerate(("export/general", "export/random/old")):
        (place / where).mkdir(parents=True)
        line = f'[{{"type": "message", "user": "U{n}", "text": "cup {n} broke", "ts": "178324560{n}.000100"}}]'
        (place / where / "2026-07-05.json").write_text(line, encoding="utf-8")
    (place / "export" / "users.json").write_text('[{"id": "U0", "name": "ann"}]', encoding="utf-8")
    told = crisis("import", str(place / "export"), "--watch", "acme")
    assert told.returncode == 0, told.stderr
    assert len(Lake(place / "lake").read("POSTS", watch="acme")) == 2 and "users.json was left out" in told.stdout


def test_messages_of_two_channels_with_one_number_are_two(opened: Callable[..., Told]) -> None:
    head = ("channel", "message_id", "date", "text", "views", "forwards", "reply_to_msg_id")
    row = ("2026-07-05 10:00:00+00:00", "cup broke", 900, 4)
    _, posts = opened("telegram.csv", lines(head, ("acmenews", 12, *row, ""), ("town", 12, *row, 11)))
    assert [p["post_id"] for p in posts] == ["telegram:acmenews/12", "telegram:town/12"]
    assert posts[1]["parent_id"] == "telegram:town/11"


@pytest.mark.parametrize(
    ("written", "local"),
    [
        ("05/07/2026;3:10 da tarde", "15:10"),
        ("05/07/2026;9:05 de la mañana", "09:05"),
        ("2026-07-05;9:05 PM", "21:05"),
    ],
)
def test_halves_of_a_day_in_more_languages(opened: Callable[..., Told], written: str, local: str) -> None:
    _, posts = opened("horas.csv", f"Data;Hora;Autor;Mensagem\n{written};Ana;o copo quebrou\n")
    assert f"{posts[0]['created_at']:%H:%M}" == local and posts[0]["created_precision_s"] == 60


@pytest.mark.parametrize(
    ("written", "utc"),
    [("今早 8:05", "05 08:05"), ("昨晚9点", "04 21:00"), ("1小时前 来自 iPhone客户端", "05 09:30")],
)
def test_times_against_their_collection(opened: Callable[..., Told], written: str, utc: str) -> None:
    row = ("甲", "水有怪味", written, "2026-07-05 10:30")
    _, posts = opened("采集.csv", lines(("用户昵称", "内容", "发布时间", "抓取时间"), row))
    assert f"{posts[0]['created_at']:%d %H:%M}" == utc


def test_one_article_from_three_tools_is_one(opened: Callable[..., Told]) -> None:
    head = ("Query Id", "Query Name", "Date", "Url", "Page Type", "Author", "Full Text", "Thread Entry Type")
    row = (1, "a", "2026-07-05 11:00:00", "https://www.news.example/a/1?utm_source=x", "news", "Jane", "cups", "post")
    opened("one.csv", lines(head, row))
    head = ("url", "published", "title_snippet", "content_snippet", "parent_url", "source_type")
    told, _ = opened(
        "two.csv", lines(head, ("http://news.example/a/1/", "1783249200000", "", "cups", "", "ONLINENEWS_NEWSPAPER"))
    )
    assert "0 posts added" in told
    _, posts = opened("three.csv", "Date,Text,Link,Source\n2026-07-05 11:00,cups,https://news.example/a/1,news\n")
    assert len({p["post_id"] for p in posts}) == 1 and {p["kind"] for p in posts} == {"news"}


def test_comments_in_a_post_hang_on_it_though_its_address_has_another_id(opened: Callable[..., Told]) -> None:
    comment = '{"id": "1790002", "text": "mine too", "username": "bob", "timestamp": "2026-07-05T10:05:00+0000"}'
    post = (
        '{"id": "1790001", "caption": "cup broke", "permalink": "https://www.instagram.com/p/DAabc/", "username": '
        f'"ann", "timestamp": "2026-07-05T10:00:00+0000", "comments": {{"data": [{comment}]}}}}'
    )
    _, posts = opened("graph.json", f'{{"data": [{post}], "paging": {{"cursors": {{"after": "x"}}}}}}')
    assert [p["post_id"] for p in posts] == ["instagram:DAabc", "instagram:1790002"]
    assert posts[1]["parent_id"] == "instagram:DAabc" and posts[1]["kind"] == "reply"


def test_places_are_without_the_words_before_them(opened: Callable[..., Told]) -> None:
    rows = [
        ("甲", f"水有怪味{n}", f"2026-07-05 10:0{n}", p)
        for n, p in enumerate(("来自北京", "IP属地：上海", "发布于 广州"))
    ]
    _, posts = opened("评论.csv", lines(("用户昵称", "评论内容", "评论时间", "IP属地"), *rows))
    assert [p["place"] for p in posts] == ["北京", "上海", "广州"]


def test_counts_as_pages_write_them_and_the_address_of_each_post(opened: Callable[..., Told]) -> None:
    head = ("标题", "标题链接", "回答者", "回答内容", "赞同", "评论", "发布时间", "页面网址")
    page = "https://www.zhihu.com/question/123"
    _, posts = opened(
        "回答.csv",
        lines(
            head,
            ("怎么样", f"{page}/answer/456", "丙", "水有怪味", "赞同 1.2 万", "33 条评论", "2026-07-05 10:30", page),
            ("怎么样", f"{page}/answer/457", "丁", "还行", "千+", "添加评论", "2026-07-05 11:30", page),
        ),
    )
    assert [(p["post_id"], p["n_likes"], p["n_replies"]) for p in posts] == [
        ("zhihu:456", 12_000, 33),
        ("zhihu:457", 1000, 0),
    ]


def test_numbers_of_rows_are_no_ids(opened: Callable[..., Told]) -> None:
    head = ("编号", "内容", "发布时间", "IP")
    opened("周一.csv", lines(head, (1, "水有怪味", "2026-07-05 10:00", "上海")))
    _, posts = opened("周二.csv", lines(head, (1, "客服不理人", "2026-07-06 10:00", "北京")))
    assert len(posts) == 2 and {p["place"] for p in posts} == {"上海", "北京"}
