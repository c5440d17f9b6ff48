"""More kinds of exports, each made here: pages with tables, nesting without end, times of other languages, monitors."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crisislib.collect.importing.moments import read_moment
from crisislib.core.errors import InputError

from .helpers import record, rows
from .test_kinds_of_files import at, column, read, said

PAGE = (
    "<html><head><meta charset='utf-8'><style>td {color: red}</style></head><body><h1>Export</h1>"
    "<table><tr><th>Date</th><th>Author</th><th>Text</th><th>Likes</th></tr>"
    "<tr><td>2026-07-05 10:00</td><td>ann</td><td>cup <b>broke</b> &amp; cut</td><td>1,234</td></tr>"
    "<tr><td>2026-07-05 10:05</td><td>bob</td><td>mine<br>too</td><td>3</td></tr></table></body></html>"
)
SHEET = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="A"><Table>'
    "<Row><Cell><Data>Date</Data></Cell><Cell><Data>Author</Data></Cell><Cell><Data>Text</Data></Cell></Row>"
    '<Row><Cell><Data>2026-07-05 10:00</Data></Cell><Cell ss:Index="3"><Data>cup broke</Data></Cell></Row>'
    "</Table></Worksheet></Workbook>"
)


def test_a_page_with_a_table_is_a_table_under_any_name(tmp_path: Path) -> None:
    for name in ("page.html", "page.xls"):
        batch = read(tmp_path, PAGE, name, "UTC")
        assert column(batch, "text") == ["cup broke & cut", "mine\ntoo"] and column(batch, "n_likes") == [1234, 3]
    chinese = PAGE.replace("utf-8", "gb2312").replace("cup", "水有怪味，客服不理人").encode("gb18030")
    assert column(read(tmp_path, chinese, "b.xls", "UTC"), "text")[0].startswith("水有怪味")
    sheet = read(tmp_path, SHEET, "c.xml", "UTC")
    assert column(sheet, "text") == ["cup broke"] and column(sheet, "created_at") == [at(2026, 7, 5, 10)]


@pytest.mark.parametrize("form", ["array", "lines", "envelope"])
def test_nesting_without_end_costs_its_record_only(tmp_path: Path, form: str) -> None:
    good = [{"post_id": n, "created_at": "2026-07-05T10:00:00Z", "text": f"cup [{n}"} for n in ("1", "3")]
    deep = '{"post_id": "2", "created_at": "2026-07-05T10:00:00Z", "text": "two", "x": ' + "[" * 3000 + "]" * 3000 + "}"
    parts = [json.dumps(good[0]), deep, json.dumps(good[1])]
    whole = {
        "array": f"[{', '.join(parts)}]",
        "lines": "\n".join(parts),
        "envelope": f'{{"data": {{"list": [{", ".join(parts)}]}}}}',
    }
    batch = read(tmp_path, whole[form], "a.json")
    assert column(batch, "text") == ["cup [1", "cup [3"]
    assert ["nested" in r["reason"] for r in rows(batch.rejects)] == [True]


def test_a_file_of_nothing_but_nesting_says_so(tmp_path: Path) -> None:
    deep = '[{"post_id": "1", "created_at": "2026-07-05T10:00:00Z", "text": "a", "x": ' + "[" * 3000 + "]" * 3000 + "}]"
    with pytest.raises(InputError, match="nested"):
        read(tmp_path, deep, "a.json")


def test_characters_written_as_two_halves_are_whole_and_a_lone_half_is_one_loss(tmp_path: Path) -> None:
    lines = [
        "post_id,created_at,text",
        "1,2026-07-05 10:00,星河 \ud83d\ude02 笑",
        "2,2026-07-05 10:01,玻璃 \ud83d 求处理",
    ]
    batch = read(tmp_path, "\n".join(lines).encode("utf-8", "surrogatepass"))
    assert column(batch, "text") == ["星河 😂 笑", "玻璃 � 求处理"] and said(batch, "1 place", "3")


@pytest.mark.parametrize(
    ("written", "hours", "precision"),
    [
        ("il y a 3 heures", 3, 3600), ("vor 2 Tagen", 48, 86400), ("hace 5 minutos", 5 / 60, 60),
        ("há 3 dias", 72, 86400), ("3 ore fa", 3, 3600), ("2시간 전", 2, 3600), ("3 小時前", 3, 3600),
        ("1時間前", 1, 3600), ("Edited 3h ago", 3, 3600), ("编辑于 3天前 上海", 72, 86400),
        ("昨天 12:00 北京", 22, 60), ("gestern um 9:00", 25, 60), ("어제 오후 3:10", 18 + 5 / 6, 60),
        ("发布于 07-04 10:00・IP 属地上海", 24, 60), ("2026年7月5日 9時", 1, 3600),
        ("2026-07-05 09.00.00", 1, 1), ("05/Jul/2026:11:00:00 +0200", 1, 1),
    ],
)  # fmt: skip
def test_times_in_other_languages(written: str, hours: float, precision: int) -> None:
    now = datetime(2026, 7, 5, 10, tzinfo=UTC)
    moment = read_moment(written, ZoneInfo("UTC"), reference=now)
    assert moment.at is not None and (now - moment.at).total_seconds() == pytest.approx(hours * 3600)
    assert moment.precision == precision


def test_when_rows_were_collected_is_no_time_of_posts(tmp_path: Path) -> None:
    batch = read(tmp_path, "id,time,text,scraped_at\n1,soonish,cup broke,2026-07-05T10:00:00Z\n")
    assert record(batch)["n_kept"] == 0 and rows(batch.rejects)[0]["column"] == "time"


def test_tables_of_chinese_monitors(tmp_path: Path) -> None:
    text = (
        "序号,文章标题,摘要,信息属性,媒体来源,发布人,粉丝数,发布时间,链接地址,转发类型\n"
        "1,,水有怪味,敏感,微博,甲,1.5万,2026/7/5 9:05,https://weibo.com/11/PAa1aaaaa,原创\n"
        "2,,转发微博,非敏感,微博,乙,12,2026/7/5 9:15,https://weibo.com/12/PAa2aaaaa,转发\n"
    )
    batch = read(tmp_path, text.encode("gb18030"))
    assert column(batch, "platform") == ["weibo"] * 2 and column(batch, "kind") == ["post", "repost"]
    assert column(batch, "sentiment_given") == ["negative", "neutral"] and column(batch, "account_id")[0] == "weibo:11"
    chain = (
        "微博ID,用户名,用户ID,发布时间,微博内容,上级微博ID,原微博ID,层级\n"
        "5000000000000001,甲,11,2026-07-05 10:00:00,水有怪味,,,1\n"
        "5000000000000002,乙,12,2026-07-05 10:05:00,转发微博,5000000000000001,5000000000000001,2\n"
        "5000000000000003,丙,13,2026-07-05 10:09:00,//@乙:转发微博,5000000000000002,5000000000000001,3\n"
    )
    batch = read(tmp_path, chain, "b.csv")
    assert column(batch, "parent_id")[1:] == ["weibo:5000000000000001", "weibo:5000000000000002"]
    assert column(batch, "root_id")[2] == "weibo:5000000000000001" and column(batch, "kind")[2] == "repost"
    account = "公众号,微信号,文章标题,发布时间,阅读数,位置,原文链接\n观察,acme_w,水有怪味,2026-07-05 10:00,10w+,头条,https://mp.weixin.qq.com/s/abcdefghijk\n"
    batch = read(tmp_path, account, "c.csv")
    assert column(batch, "account_id") == ["wechat:acme_w"] and column(batch, "place") == [None]


def test_column_names_in_traditional_characters(tmp_path: Path) -> None:
    text = "帳號名稱,發佈時間,貼文內容,按讚數,留言數,分享數,連結\n阿明,2026/7/5 下午3:10,杯子破了,1.2萬,3,4,https://www.facebook.com/1001/posts/345\n"
    batch = read(tmp_path, text, zone="Asia/Taipei")
    post = rows(batch.posts)[0]
    assert (post["platform"], post["post_id"], post["text"]) == ("facebook", "facebook:345", "杯子破了")
    assert (post["n_likes"], post["n_replies"], post["n_reposts"]) == (12000, 3, 4)
    assert post["created_at"] == at(2026, 7, 5, 7, 10)


def test_addresses_without_their_host(tmp_path: Path) -> None:
    text = "title,text,user,date,permalink,upvotes\ncup,broke,ann,2026-07-05 10:00,/r/acme/comments/1aaaaaa/cup/,3\n"
    post = rows(read(tmp_path, text).posts)[0]
    assert post["post_id"] == "reddit:1aaaaaa" and post["url"] == "https://www.reddit.com/r/acme/comments/1aaaaaa/cup/"


def test_stars_are_no_likes_and_reviews_are_of_one_shop(tmp_path: Path) -> None:
    text = "id,userName,content,at,score\nr1,ann,crashes,2026-07-05 10:00,1\nr2,bob,fine,2026-07-05 11:00,5\n"
    assert column(read(tmp_path, text), "n_likes") == [None, None]
    text = (
        "Review,Posted,Link\ncrashes,2026-07-05 10:00,https://play.google.com/x?reviewId=gp:A\nok,2026-07-05 11:00,\n"
    )
    assert column(read(tmp_path, text, "b.csv"), "platform") == ["googleplay"] * 2


def test_times_of_chinese_platforms_are_read_in_their_zone_wherever_the_watch_is(tmp_path: Path) -> None:
    weibo = "博主,发文时间,博文,微博链接\n甲,2026-07-05 10:00,水有怪味,//weibo.com/11/PAa1aaaaa?refer=1\n"
    batch = read(tmp_path, weibo, zone="America/New_York")
    assert column(batch, "created_at") == [at(2026, 7, 5, 2)] and said(batch, "Asia/Shanghai", "America/New_York")
    told = read(tmp_path, weibo, zone="America/New_York", mapping={"timezone": "UTC"})
    assert column(told, "created_at") == [at(2026, 7, 5, 10)]
    mixed = "标题,发布时间,内容,原文链接,媒体类型\n怪味,2026-07-05 10:00,水有怪味,https://a.example/1,网站\n,2026-07-05 10:05,客服不理人,https://weibo.com/11/PAa1aaaaa,微博\n"
    assert column(read(tmp_path, mixed, "b.csv", "America/New_York"), "created_at")[0] == at(2026, 7, 5, 2)
    other = "user,date,text,link\nann,2026-07-05 10:00,cup broke,https://www.reddit.com/r/a/comments/1aaaaaa/x\n"
    assert column(read(tmp_path, other, "c.csv", "America/New_York"), "created_at") == [at(2026, 7, 5, 14)]


def test_a_zone_is_said_to_be_assumed_for_times_against_their_collection(tmp_path: Path) -> None:
    text = "作者,正文,发布时间,采集时间\n甲,杯子碎了,今天 10:27,2026-07-05 12:00\n"
    assert said(read(tmp_path, text, zone="America/New_York"), "time zone", "America/New_York")


def test_ids_and_names_have_no_hidden_characters(tmp_path: Path) -> None:
    text = (
        "post_id,created_at,author,text\n1\x1b[2J,2026-07-05 10:00,ev\u202eil\x07,cup\n2,2026-07-05 10:01,\u200b,tea\n"
    )
    batch = read(tmp_path, text)
    assert column(batch, "post_id") == ["web:1[2J", "web:2"] and column(batch, "account_id") == ["web:@evil", None]
    assert said(batch, "control characters", "post_id, author")


def test_ids_that_a_spreadsheet_wrote_out_whole_are_rounded_too(tmp_path: Path) -> None:
    lines = [f"1900{n // 2}00000000000000,u{n},cup {n},2026-07-05 10:0{n}" for n in range(3)]
    batch = read(tmp_path, "\n".join(["tweet_id,author,text,created_at", *lines]))
    assert column(batch, "kind") == ["post"] * 3 and len(set(column(batch, "post_id"))) == 3
    assert not any("1900" in p for p in column(batch, "post_id")) and said(batch, "3 ids were rounded")
