"""Shapes of real exports that a table of made-up column names would not have; each made up here after such a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crisislib.collect.importing.id_clocks import CLOCKS, id_clock
from crisislib.collect.importing.json_records import records
from crisislib.collect.importing.weibo_ids import mid_of
from crisislib.collect.importing.zone_words import zone_in_name
from crisislib.core.errors import LayoutError

from .helpers import record, rows
from .test_kinds_of_files import at, column, read, said


def test_prose_with_commas_below_a_quote_stays_in_its_row(tmp_path: Path) -> None:
    prose = "\n".join(["So, I paid, twice, for, one, cup, there", "", "And, now, they, want, a, receipt, too"] * 3)
    head = "Date,Title,Text,Score,Comments,Link,Full_Text\n"
    line = '2026-07-{d:02d} 10:00:00,"Cup {d}","{p}",{d},2,https://www.reddit.com/r/tea/comments/1aaa{d:02d}/x/,"{p}"\n'
    batch = read(tmp_path, head + "".join(line.format(d=d, p=prose) for d in range(1, 21)))
    assert record(batch)["n_kept"] == 20 and record(batch)["n_rejected"] == 0
    assert set(column(batch, "text")) == {prose}


def test_two_tables_in_one_are_both_read(tmp_path: Path) -> None:
    head = "reviewId,userName,content,thumbsUpCount,at,score,review_id,username,comments,likes,created_at\n"
    batch = read(
        tmp_path,
        f"{head}a1,Ann,Broken,3,2026-07-05 10:00:00,1,,,,,\n,,,,,5,b2,Bob,Fine,1,2026-07-05 11:00:00\n",
        zone="UTC",
    )
    assert column(batch, "post_id") == ["googleplay:a1", "googleplay:b2"] and column(batch, "n_likes") == [3, 1]
    assert {a["name"] for a in rows(batch.accounts)} == {"Ann", "Bob"}


def test_columns_of_the_same_meaning_fill_each_other(tmp_path: Path) -> None:
    head = "created_at,text,author,Post date,Post text,Screen name\n"
    batch = read(
        tmp_path,
        head + "2026-07-05 10:00:00,the first cup broke,ann,,,\n,,,2026-07-05 11:00:00,the second cup broke,bob\n",
        zone="UTC",
    )
    assert column(batch, "created_at") == [at(2026, 7, 5, 10), at(2026, 7, 5, 11)]
    assert column(batch, "text") == ["the first cup broke", "the second cup broke"]


def test_a_table_without_column_names_is_read_whole(tmp_path: Path) -> None:
    ids = [((1_783_245_600 + 60 * i) * 1000 - 1_288_834_974_657) << 22 for i in range(3)]
    texts = ("The cup broke again today", "Mine broke too last week", "So did that of my sister")
    lines = (f"{ids[i]},Sun Jul 05 10:0{i}:00 +0000 2026,{texts[i]},1{i}\n" for i in range(3))
    batch = read(tmp_path, "".join(lines))
    assert column(batch, "created_at")[0] == at(2026, 7, 5, 10) and record(batch)["n_kept"] == 3
    assert [p.split(":")[0] for p in column(batch, "post_id")] == ["x"] * 3
    assert said(batch, "platform", "x", "ids")


def test_the_time_with_a_clock_goes_before_the_day(tmp_path: Path) -> None:
    batch = read(tmp_path, "date,headline,seendate\n2026-07-05,Cups break in shops,20260705T181500Z\n")
    assert column(batch, "created_at") == [at(2026, 7, 5, 18, 15)]


def test_comments_under_a_video_answer_it(tmp_path: Path) -> None:
    lines = "".join(f"@u{i},2026-07-05T10:{i:02d}:00Z,{i},this is comment number {i},nxdjgqKkOlI\n" for i in range(9))
    batch = read(tmp_path, f"author,updated_at,like_count,text,video_id\n{lines}")
    assert set(column(batch, "kind")) == {"comment"} and set(column(batch, "parent_id")) == {"youtube:nxdjgqKkOlI"}
    assert len(set(column(batch, "post_id"))) == 9


def test_the_counts_of_an_account_are_not_those_of_its_posts(tmp_path: Path) -> None:
    head = "created_at,screen_name,full_text,retweet_count,favourites_count,friends_count,statuses_count,source\n"
    batch = read(
        tmp_path,
        head + '2026-07-05 10:00:00,ann,the cup broke,2,5303,9,11,"<a rel=""nofollow"">Twitter for iPhone</a>"\n',
    )
    assert column(batch, "n_likes") == [None] and column(batch, "n_reposts") == [2]
    assert column(batch, "platform") == ["x"]


def test_names_that_begin_with_a_bracket_stay(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        "time,user,text\n2026-07-05 10:00,[GM] Bob,hello there all\n2026-07-05 10:01,[deleted],me too indeed\n",
    )
    assert {a["name"] for a in rows(batch.accounts)} == {"[GM] Bob", "[deleted]"}


def test_a_table_of_downloads_is_no_table_of_posts(tmp_path: Path) -> None:
    lines = "".join(f'Acme Bank,com.acme.app,2026-07-{d:02d},"100,000+"\n' for d in range(1, 20))
    with pytest.raises(LayoutError):
        read(tmp_path, f"bank,appId,date,downloads\n{lines}")


def test_texts_in_a_wrong_encoding_are_restored(tmp_path: Path) -> None:
    broken = ["schÃ¶n kaputt", "it isnâ€™t", "café’s own – plain", "ÐŸÑ€Ð¸Ð²ÐµÑ‚"]
    lines = "".join(f"2026-07-05 10:0{i},ann,{t}\n" for i, t in enumerate(broken))
    batch = read(tmp_path, f"time,author,text\n{lines}")
    assert column(batch, "text") == ["schön kaputt", "it isn’t", "café’s own – plain", "Привет"]
    assert said(batch, "3", "encoding")


def test_ids_tell_the_zone_that_an_export_was_written_in(tmp_path: Path) -> None:
    day = 1_783_245_600  # 2026-07-05 10:00 UTC
    ids = [str(((day + 60 * i) * 1000 - 1_288_834_974_657) << 22) for i in range(5)]
    lines = "".join(f"{ids[i]},2026-07-05 12:0{i}:00,ann,the cup broke {i}\n" for i in range(5))
    batch = read(tmp_path, f"tweet_id,created_at,author,text\n{lines}", zone="UTC")
    assert said(batch, "ids of x", "+2 h")
    assert column(batch, "created_at")[0] == at(2026, 7, 5, 12)


def test_ids_by_chance_tell_nothing() -> None:
    assert id_clock([str(10**18 + i * 10**13) for i in range(50)], [at(2026, 7, 5, 10, i) for i in range(50)]) is None
    assert id_clock(["1"] * 9, [at(2026, 7, 5)] * 9) is None
    assert set(CLOCKS) >= {"x", "weibo", "tiktok", "discord", "mastodon", "bluesky", "xhs"}


def test_answers_below_a_post_are_posts() -> None:
    thread = {
        "id": "1", "text": "the cup broke", "created_at": "2026-07-05T10:00:00Z",
        "replies": [{"id": "2", "text": "mine too", "created_at": "2026-07-05T10:01:00Z", "replies": []}],
    }  # fmt: skip
    first, answer = records([thread])
    assert first["replies"] == 1 and answer["id"] == "2" and answer["parent_id"] == "1"


def test_a_captured_line_is_what_it_wraps(tmp_path: Path) -> None:
    wrapped = {
        "nav_index": "1", "source_platform": "forum.example", "timestamp_collected": 1783245600000, "media": [],
        "data": {"post_id": "7", "content": "the cup broke", "created_at": "2026-07-05T10:00:00Z",
                 "images": [{"url": "a", "height": 1}, {"url": "b", "height": 2}]},
    }  # fmt: skip
    batch = read(tmp_path, json.dumps(wrapped) + "\n" + json.dumps(wrapped | {"nav_index": "2"}), "a.ndjson")
    assert set(column(batch, "text")) == {"the cup broke"}


def test_a_page_of_mixed_results_gives_its_posts() -> None:
    page = {
        "accounts": [{"id": str(i), "acct": f"ann{i}", "created_at": "2020-01-01"} for i in range(2)],
        "statuses": [{"id": "9", "content": "<p>cup</p>", "created_at": "2026-07-05T10:00:00Z"}],
    }  # fmt: skip
    assert [r["id"] for r in records(page)] == ["9"]


def test_both_numbers_of_a_weibo_post_are_one_post(tmp_path: Path) -> None:
    assert mid_of("JfPN5uFIT") == "4537740077310227" and mid_of("123456789") == "123456789" and mid_of("Aa1") == "Aa1"
    by_address = read(
        tmp_path, "发布时间,微博内容,页面网址\n2026-07-05 10:00,杯子又破了真的,https://weibo.com/11/JfPN5uFIT\n"
    )
    by_number = read(
        tmp_path, "id,bid,微博正文,用户昵称,发布时间\n4537740077310227,JfPN5uFIT,杯子又破了真的,安,2026-07-05 10:00\n"
    )
    by_bid = read(tmp_path, "微博id,微博正文,发布工具,发布时间\nJfPN5uFIT,杯子又破了真的,网页,2026-07-05 10:00\n")
    assert {p for b in (by_address, by_number, by_bid) for p in column(b, "post_id")} == {"weibo:4537740077310227"}


def test_chats_of_other_programs(tmp_path: Path) -> None:
    line = "[LINE] Tea\n\n2026/07/05(日)\n10:00\tAnn\tthe cup broke\nreally\n10:05\tBob\tmine too\n"
    qq = "消息记录\n\n2026-07-05 18:00:00 小安(10001)\n杯子又破了\n\n2026-07-05 18:05:00 小波<b@x.example>\n我的也是\n"
    signal = "[2026-07-05, 10:00] Ann: the cup broke\n[2026-07-05, 10:05] Bob: mine too\n"
    texts = [["the cup broke\nreally", "mine too"], ["杯子又破了", "我的也是"], ["the cup broke", "mine too"]]
    for text, platform, wanted in zip((line, qq, signal), ("line", "qq", "signal"), texts, strict=True):
        batch = read(tmp_path, text, f"{platform}-export.txt", zone="UTC")
        assert column(batch, "text") == wanted and set(column(batch, "platform")) == {platform}


@pytest.mark.parametrize(
    ("name", "zone"),
    [("Date (EST)", "Etc/GMT+5"), ("Published (GMT-04:00) New York", "Etc/GMT+4"), ("created utc", "Etc/GMT+0"),
     ("Timestamp (ET)", "America/New_York"), ("Date", None), ("Time (IST)", None)],
)  # fmt: skip
def test_a_column_name_may_state_the_zone(name: str, zone: str | None) -> None:
    assert zone_in_name(name) == zone


def test_a_vendors_own_number_gives_way_to_the_id_in_the_address(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        "ARTICLE_ID,CONTENT,ARTICLE_URL,PUBLISH_DATE\n7,the cup broke,https://x.com/a/status/1900000000000000001,2026-07-05\n",
    )
    assert column(batch, "post_id") == ["x:1900000000000000001"]


def test_words_of_other_languages(tmp_path: Path) -> None:
    head = "Data da publicação;Hora;Autor;Mensagem;Curtidas;Seguidores;Sentimento\n"
    first = "01/08/2026;10h05;Ana;A xícara quebrou;1.234;3,2 mil;Negativo"
    second = "25/08/2026;11h00;Bia;A minha;12;28;Neutro"
    batch = read(tmp_path, f"{head}{first}\n{second}\n", zone="UTC")
    assert column(batch, "created_at")[0] == at(2026, 8, 1, 10, 5)
    assert column(batch, "n_likes") == [1234, 12] and column(batch, "sentiment_given") == ["negative", "neutral"]
