"""Files as other languages, tools and archives write them, through `read_export`; all of it made up."""

from __future__ import annotations

import io
import json
import lzma
import sqlite3
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crisislib.collect import Batch, read_export
from crisislib.collect.importing.moments import read_moment
from crisislib.collect.importing.text_encoding import decoded, text_encoding
from crisislib.core.errors import InputError
from tests.collect.helpers import NOW, rows, watch

SHANGHAI = ZoneInfo("Asia/Shanghai")
SUNDAY = datetime(2026, 7, 5, 2, 30, tzinfo=UTC)
PLAIN = "id,text,created_at\n1,cup,2026-07-05T10:00:00Z\n2,broke,2026-07-05T10:01:00Z\n"


def read(folder: Path, name: str, data: bytes | str, **changes: Any) -> Batch:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_export(path, watch(timezone="Asia/Shanghai", **changes), now=NOW)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("big5", "編號,作者,內容\n1,小明,這杯奶茶裡有玻璃，請處理\n2,阿珍,客服都不理人，差評\n"),
        ("gb18030", "编号,作者,正文\n1,小明,这杯奶茶里有玻璃，请处理\n2,联通,等退款等了三天\n"),
        ("cp932", "投稿ID,ユーザー名,本文\n1,たろう,お茶にガラスが入っていた\n"),
        ("euc_jp", "投稿ID,ユーザー名,本文\n1,たろう,お茶にガラスが入っていた\n"),
        ("euc_kr", "번호,작성자,내용\n1,철수,차에서 유리가 나왔어요\n2,영희,환불해 주세요\n"),
        ("cp1251", "Дата;Автор;Текст\n05.07.2026;Анна;Чашка разбилась, верните деньги\n"),
        ("cp1252", "Fecha;Usuario;Texto\n1;josé;La taza se rompió ¡otra vez! ¿Qué pasó, señor?\n"),
        ("cp1250", "Data;Tekst\n1;Filiżanka pękła, proszę o zwrot pieniędzy, dziękuję\n"),
        ("utf-16-be", "日期,作者,内容\n2026-07-05,甲,水有怪味\n"),
    ],
)
def test_the_encoding_is_that_in_which_the_characters_are_common_ones(encoding: str, text: str) -> None:
    found, _ = text_encoding(text.encode(encoding))
    assert found is not None and decoded(text.encode(encoding), found)[0] == text


def test_lines_in_another_encoding_than_the_others_are_read_in_theirs_and_named(tmp_path: Path) -> None:
    first = "编号,作者,正文,发布时间\n1,小明,这杯奶茶里有玻璃，请处理,2026-07-05 10:00:00\n"
    late = "2,小红,客服态度很差，再也不来了,2026-07-05 11:00:00\n3,老王,等退款等了三天,2026-07-05 12:00:00\n"
    batch = read(tmp_path, "two.csv", first.encode() + late.encode("gbk"))
    assert [post["text"] for post in rows(batch.posts)][1:] == ["客服态度很差，再也不来了", "等退款等了三天"]
    assert any("gb18030" in line and "3, 4" in line for line in batch.warnings)


@pytest.mark.parametrize(
    ("written", "local"),
    [
        ("周三 12:00", "2026-07-01 12:00"),
        ("上周五", "2026-06-26 00:00"),
        ("Monday at 5:00 PM", "2026-06-29 17:00"),
        ("월요일 오후 3:10", "2026-06-29 15:10"),
        ("2026-07-05 24:00", "2026-07-06 00:00"),
        ("2026-W27-7T10:00:00", "2026-07-05 10:00"),
        ("1.78324566E+12", "2026-07-05 18:01"),
        ("domingo, 5 de julio de 2026, 15:10", "2026-07-05 15:10"),
        ("2026년 7월 5일 (일) 오후 3시 10분", "2026-07-05 15:10"),
        ("令和8年7月6日 09:05", "2026-07-06 09:05"),
        ("5 июля 2026 г., 15:10", "2026-07-05 15:10"),
        ("5 ก.ค. 2569 15:10", "2026-07-05 15:10"),
        ("٥ يوليو ٢٠٢٦ ٣:١٠ م", "2026-07-05 15:10"),
        ("Sunday, July 5, 2026 10:00:00 AM (Pacific Daylight Time)", "2026-07-06 01:00"),
        ("2 часа назад", "2026-07-05 08:30"),
        ("几分钟前", "2026-07-05 10:27"),
    ],
)
def test_times_of_more_languages(written: str, local: str) -> None:
    at = read_moment(written, SHANGHAI, reference=SUNDAY).at
    assert at is not None and f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" == local


def test_a_number_of_which_a_spreadsheet_has_left_too_little_is_no_time() -> None:
    assert read_moment("1.783E+12", SHANGHAI).at is None


def test_a_zone_in_a_column_of_its_own_is_that_of_the_times(tmp_path: Path) -> None:
    table = "Date,Time,Time Zone,Author,Text\n2026-07-05,3:10 PM,EST,ann,cup broke\n2026-07-05,11:10 PM,PST,bob,same\n"
    batch = read(tmp_path, "zones.csv", table)
    assert [f"{p['created_at'].astimezone(UTC):%d %H:%M}" for p in rows(batch.posts)] == ["05 20:10", "06 07:10"]


@pytest.mark.parametrize(
    "text",
    [
        '{"columns": ["id", "text", "created_at"], "data": [["1", "cup", "2026-07-05T10:00:00Z"]]}',
        '{"id": {"0": "1"}, "text": {"0": "cup"}, "created_at": {"0": 1783245600000}}',
        'show({"data": [{"id": "1", "text": "cup", "created_at": "2026-07-05T10:00:00Z"}]});',
        '{"_id": {"$oid": "1"}, "text": "cup", "created_at": {"$date": {"$numberLong": "1783245600000"}}}',
        "<?xml version='1.0'?><list><post><id>1</id><text>cup</text><created>2026-07-05T10:00:00Z</created></post>"
        "<post><id>2</id><text>more</text><created>2026-07-05T10:01:00Z</created></post></list>",
        "id,text,created_at\r1,cup,2026-07-05T10:00:00Z\r",
    ],
    ids=["names apart", "columns", "call", "typed values", "xml", "carriage returns"],
)
def test_other_ways_of_writing_a_table(tmp_path: Path, text: str) -> None:
    post = rows(read(tmp_path, "table.json", text).posts)[0]
    assert (post["post_id"], post["text"]) == ("web:1", "cup")
    assert post["created_at"] == datetime(2026, 7, 5, 10, tzinfo=UTC)


def tarred(names: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in names.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


def zipped(names: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return packed.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        tarred({"x/a.csv": PLAIN, "x/readme.txt": "hi"}),
        lzma.compress(tarred({"a.csv": PLAIN})),
        lzma.compress(PLAIN.encode()),
        zipped({"b/inner.zip": zipped({"a.csv": PLAIN.encode()}), "__MACOSX/b/._inner.zip": b"\0"}),
    ],
    ids=["tar", "tar.xz", "xz", "zip in zip"],
)
def test_packed_files_are_unpacked(tmp_path: Path, data: bytes) -> None:
    assert read(tmp_path, "packed.bin", data).posts.num_rows == 2


def test_a_stream_packed_to_harm_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"bomb\.xz.*unpacks to more than"):
        read(tmp_path, "bomb.xz", lzma.compress(lzma.compress(bytes(80 << 20))))


def test_comments_in_a_database_hang_below_their_posts(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "all.db")
    db.executescript(
        "CREATE TABLE posts(id, content, created_at); CREATE TABLE comments(id, post_id, content, created_at);"
        "INSERT INTO posts VALUES (1, 'the cup broke', '2026-07-05 10:00:00');"
        "INSERT INTO comments VALUES (5, 1, 'mine too I fear', '2026-07-05 10:02:00');"
    )
    db.commit()
    db.close()
    found = {
        p["post_id"]: (p["kind"], p["parent_id"])
        for p in rows(read_export(tmp_path / "all.db", watch(), now=NOW).posts)
    }
    assert found == {"web:1": ("post", None), "web:5": ("comment", "web:1")}


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("2026년 7월 5일 오후 3:10, 철수 : 유리\n2026년 7월 5일 오후 3:11, 영희 : 저도요\n", "whatsapp"),
        ("대화\n\n------- 2026년 7월 5일 일요일 -------\n[철수] [오후 3:10] 유리\n[영희] [오후 3:11] 저도요\n",
         "kakaotalk"),
        ("甲 2026-07-05 15:10:00\n水有怪味\n\n乙 2026-07-05 15:11:00\n我也是\n", "wechat"),
        ("\u200f٢٥\u200f/٧\u200f/٢٠٢٦، ٣:١٠ م - أحمد: كوب\n"
         "\u200f٢٥\u200f/٧\u200f/٢٠٢٦، ٣:١١ م - سارة: وأنا\n", "whatsapp"),
    ],
)  # fmt: skip
def test_chats_saved_as_text(tmp_path: Path, text: str, platform: str) -> None:
    posts = rows(read(tmp_path, "chat.txt", text).posts)
    assert len({p["account_id"] for p in posts}) == 2 and {p["platform"] for p in posts} == {platform}
    assert [f"{p['created_at'].astimezone(SHANGHAI):%H:%M}" for p in posts] == ["15:10", "15:11"]


def test_a_telegram_page_has_names_answers_and_reactions(tmp_path: Path) -> None:
    def message(n: int, inner: str, more: str = "") -> str:
        date = f'<div class="pull_right date details" title="05.07.2026 18:0{n}:00 UTC+08:00">x</div>'
        return (
            f'<div class="message default clearfix{more}" id="message{n}"><div class="body">{date}{inner}</div></div>'
        )

    count = '<span class="reactions"><span class="reaction"><span class="count">4</span></span></span>'
    reply = '<div class="reply_to details">In reply to <a href="#go_to_message2">this</a></div>'
    page = (
        "<!DOCTYPE html><html><body>"
        + message(2, f'<div class="from_name">Ann</div><div class="text">cup <b>broke</b></div>{count}')
        + message(3, '<div class="text">again</div>', " joined")
        + message(4, f'<div class="from_name">Bob</div>{reply}<div class="text">mine too</div>')
        + "</body></html>"
    )
    posts = rows(read(tmp_path, "messages.html", page).posts)
    assert [(p["text"], p["kind"], p["n_likes"]) for p in posts] == [
        ("cup broke", "post", 4), ("again", "post", None), ("mine too", "reply", None)]  # fmt: skip
    assert posts[0]["account_id"] == posts[1]["account_id"] != posts[2]["account_id"]
    assert posts[2]["parent_id"] == posts[0]["post_id"] and posts[0]["created_at"].astimezone(UTC).hour == 10


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'aaaa'>]><rss><item>&a;</item></rss>", "entities"),
        ("<?xml version='1.0'?>" + "<a>" * 5000 + "</a>" * 5000, "nested"),
        (",".join(f"c{i}" for i in range(20_000)) + "\nx\n", "so many columns"),
        (json.dumps({"a": 1})[:-1], "damaged"),
    ],
)
def test_what_is_made_to_harm_says_what_is_wrong(tmp_path: Path, data: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        read(tmp_path, "harm.bin", data)


def test_a_cut_end_is_damage_and_no_other_encoding(tmp_path: Path) -> None:
    table = "".join(f"{i},用户{i},这杯奶茶里有玻璃 {i},2026-07-05 10:00:00\n" for i in range(30))
    batch = read(tmp_path, "cut.csv", ("id,author,text,created_at\n" + table).encode() + b"31,\xe7\x94")
    assert batch.posts.num_rows == 30 and any("�" in line and "32" in line for line in batch.warnings)
