"""A drill's posts as the export files that people really hold: weibo-search, twarc-csv, Brandwatch, RSS …

So that a demonstration imports files as a user would, through the same layouts, and not tables that
never met an importer. What a layout cannot hold (seconds on Weibo, parents of reposts) is lost here too.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from crisislib.simulation import made_news
from crisislib.simulation.incident import Drill

WEIBO_SEARCH = (
    "id,bid,user_id,用户昵称,微博正文,头条文章url,发布位置,艾特用户,话题,转发数,评论数,点赞数,发布时间,发布工具,"
    "微博图片url,微博视频url,retweet_id,ip,user_authentication,会员类型,会员等级"
)
TWARC = (
    "id,conversation_id,referenced_tweets.replied_to.id,referenced_tweets.retweeted.id,referenced_tweets.quoted.id,"
    "author_id,in_reply_to_user_id,created_at,text,lang,source,public_metrics.impression_count,"
    "public_metrics.reply_count,public_metrics.retweet_count,public_metrics.quote_count,public_metrics.like_count,"
    "author.id,author.created_at,author.username,author.name,author.public_metrics.followers_count,author.verified,"
    "__twarc.retrieved_at"
)
BRANDWATCH = (
    "Query Id,Query Name,Date,Title,Snippet,Url,Domain,Sentiment,Page Type,Language,Author,Full Text,"
    "Thread Entry Type,Thread Id,Thread URL,Parent Post Id,Root Post Id,Reddit Comments,Reddit Score,Resource Id"
)
DOUYIN = (
    "aweme_id,aweme_type,title,desc,create_time,user_id,sec_uid,short_user_id,user_unique_id,user_signature,nickname,"
    "avatar,liked_count,collected_count,comment_count,share_count,ip_location,last_modify_ts,aweme_url,cover_url,"
    "video_download_url,music_download_url,note_download_url,source_keyword"
)
DOUYIN_COMMENTS = (
    "comment_id,create_time,ip_location,aweme_id,content,user_id,sec_uid,short_user_id,user_unique_id,user_signature,"
    "nickname,avatar,sub_comment_count,like_count,last_modify_ts,parent_comment_id,pictures"
)
WEIBO_COMMENTS = (
    "comment_id,create_time,create_date_time,note_id,content,sub_comment_count,comment_like_count,last_modify_ts,"
    "ip_location,parent_comment_id,user_id,nickname,gender,profile_url,avatar"
)
FOURCAT = "id,thread_id,author,body,subject,timestamp,unix_timestamp"


def write_exports(drill: Drill, folder: Path) -> list[Path]:
    """Write a drill as export files, one per tool.

    Parameters
    ----------
    drill : Drill
        From :func:`~crisislib.simulation.incident.simulate`.
    folder : Path
        Made when it is not there; files of the same names are replaced.

    Returns
    -------
    list of Path
        The files: weibo-search CSV, weibo and douyin comments and videos as MediaCrawler writes them,
        twarc-csv, Brandwatch CSV (with its lines above the header) for reddit, 4CAT CSV for the forum, an RSS feed
        of the newest news, and Media Cloud's CSV of what is older than that, if anything is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    frame = _flat(drill)
    of = {name: part for name, part in frame.groupby("platform", sort=False)}
    none = frame.iloc[:0]
    weibo, douyin = of.get("weibo", none), of.get("douyin", none)
    said = weibo["kind"] == "comment"
    shot = douyin["kind"] == "video"
    files = [
        _csv(_weibo(weibo[~said]), WEIBO_SEARCH, folder / "weibo_search.csv"),
        _csv(_weibo_comments(weibo[said]), WEIBO_COMMENTS, folder / "weibo_search_comments.csv"),
        _csv(_douyin(douyin[shot]), DOUYIN, folder / "douyin_search_contents.csv"),
        _csv(_douyin_comments(douyin[~shot]), DOUYIN_COMMENTS, folder / "douyin_search_comments.csv"),
        _csv(_x(of.get("x", none)), TWARC, folder / "twarc_x.csv", bom=False),
        _csv(_forum(of.get("forum", none)), FOURCAT, folder / "4cat_forum.csv", bom=False),
    ]
    above = [
        "Report:,Luvaya mentions",
        "Brand:,Luvaya",
        f"From:,{frame['at'].min():%Y-%m-%d}",
        f"To:,{frame['at'].max():%Y-%m-%d}",
        "Label,",
    ]
    files.append(_csv(_reddit(of.get("reddit", none)), BRANDWATCH, folder / "brandwatch_reddit.csv", above=above))
    news = of.get("news", none)
    files.append(made_news.write_feed(news.tail(made_news.FEED_ITEMS), folder / "news.xml"))
    if len(older := news[: -made_news.FEED_ITEMS]):
        columns = made_news.MEDIA_CLOUD
        files.append(_csv(made_news.media_cloud(older), columns, folder / "mediacloud_news.csv", bom=False))
    return files


def _flat(drill: Drill) -> pd.DataFrame:
    """Posts with their authors' cells, native ids, and Beijing time, in text form."""
    renamed = {"created_at": "joined_at", "kind": "account_kind"}
    people = drill.accounts.to_pandas().drop(columns=["platform", "batch_id"]).rename(columns=renamed)
    frame = drill.posts.to_pandas().merge(people, on="account_id", how="left")
    for column in ("post_id", "parent_id", "root_id", "account_id"):
        frame[column.replace("_id", "")] = frame[column].str.split(":", n=1).str[1].fillna("")
    for column in ("n_likes", "n_reposts", "n_replies", "n_views"):
        frame[column] = frame[column].astype("Int64")
    frame["at"] = frame["created_at"].dt.floor("s")
    frame["local"] = frame["created_at"].dt.tz_convert("Asia/Shanghai")
    frame["tag"] = frame["extra"].str.extract(r'"hashtags": \["([^"]*)"\]', expand=False).fillna("")
    kind_of = frame.set_index("post_id")["kind"]
    frame["parent_kind"] = frame["parent_id"].map(kind_of).fillna("")
    frame["note"] = _notes(frame)
    for column in ("post", "parent"):
        frame[column] = frame[column].str.removeprefix("c")
    return pd.DataFrame(frame)


def _notes(frame: pd.DataFrame) -> pd.Series:
    """Native id of the post or repost that a comment stands under: up its chain of comments."""
    said = (frame["kind"] == "comment").to_numpy()
    above = pd.Index(frame["post_id"]).get_indexer(frame["parent_id"])
    answers = said & (above >= 0) & np.append(said, False)[above]
    top = np.arange(len(frame))
    while (still := answers[top]).any():
        top = np.where(still, above[top], top)
    note = frame["parent_id"].take(top).set_axis(frame.index).where(said)
    return note.str.split(":", n=1).str[1].fillna("")


def _csv(frame: pd.DataFrame, header: str, path: Path, *, bom: bool = True, above: list[str] | None = None) -> Path:
    columns = header.split(",")
    lines = [line + "," * (len(columns) - 2) for line in above or []]
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as out:
        out.write("".join(line + "\n" for line in lines))
        frame.reindex(columns=columns).to_csv(out, index=False)
    return path


def _seconds(moments: pd.Series) -> pd.Series:
    return (moments - pd.Timestamp(0, tz="UTC")) // pd.Timedelta("1s")


def _weibo(f: pd.DataFrame) -> pd.DataFrame:
    standing = np.select(
        [f["is_verified"] & (f["account_kind"] == "organisation"), f["is_verified"]], ["蓝V", "黄V"], "普通用户"
    )
    return pd.DataFrame(
        {
            "id": f["post"],
            "bid": "P" + f["post"],
            "user_id": f["account"],
            "用户昵称": f["name"],
            "微博正文": f["text"],
            "话题": f["tag"],
            "转发数": f["n_reposts"],
            "评论数": f["n_replies"],
            "点赞数": f["n_likes"],
            "发布时间": f["local"].dt.strftime("%Y-%m-%d %H:%M"),
            "发布工具": "iPhone客户端",
            "retweet_id": f["root"],
            "ip": f["place"],
            "user_authentication": standing,
        }
    )


def _weibo_comments(f: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "comment_id": f["post"],
            "create_time": _seconds(f["at"]),
            "create_date_time": f["local"].dt.strftime("%Y-%m-%d %H:%M:%S"),
            "note_id": f["note"],
            "content": f["text"],
            "sub_comment_count": f["n_replies"],
            "comment_like_count": f["n_likes"],
            "last_modify_ts": _seconds(f["collected_at"]) * 1000,
            "ip_location": f["place"],
            "parent_comment_id": f["parent"].where(f["parent_kind"] == "comment", ""),
            "user_id": f["account"],
            "nickname": f["name"],
        }
    )


def _douyin(f: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "aweme_id": f["post"],
            "aweme_type": "0",
            "title": f["text"],
            "desc": f["text"],
            "create_time": _seconds(f["at"]),
            "user_id": f["account"],
            "nickname": f["name"],
            "liked_count": f["n_likes"],
            "comment_count": f["n_replies"],
            "last_modify_ts": _seconds(f["collected_at"]) * 1000,
            "aweme_url": f["url"],
            "source_keyword": "鹿芽",
        }
    )


def _douyin_comments(f: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "comment_id": f["post"],
            "create_time": _seconds(f["at"]),
            "aweme_id": f["note"],
            "content": f["text"],
            "user_id": f["account"],
            "nickname": f["name"],
            "sub_comment_count": f["n_replies"],
            "like_count": f["n_likes"],
            "last_modify_ts": _seconds(f["collected_at"]) * 1000,
            "parent_comment_id": f["parent"].where(f["parent_kind"] == "comment", "0"),
        }
    )


def _x(f: pd.DataFrame) -> pd.DataFrame:
    iso = "%Y-%m-%dT%H:%M:%S.000Z"
    made = {
        "id": f["post"],
        "conversation_id": f["root"].where(f["kind"] == "reply", f["post"]),
        "author_id": f["account"],
        "created_at": f["at"].dt.strftime(iso),
        "text": f["text"],
        "lang": f["lang"],
        "public_metrics.impression_count": f["n_views"],
        "public_metrics.reply_count": f["n_replies"],
        "public_metrics.retweet_count": f["n_reposts"],
        "public_metrics.like_count": f["n_likes"],
        "author.id": f["account"],
        "author.created_at": f["joined_at"].dt.strftime(iso),
        "author.username": f["name"],
        "author.name": f["name"],
        "author.public_metrics.followers_count": f["n_followers"],
        "author.verified": f["is_verified"],
        "__twarc.retrieved_at": f["collected_at"].dt.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
    }
    for kind, column in (("reply", "replied_to"), ("repost", "retweeted"), ("quote", "quoted")):
        made[f"referenced_tweets.{column}.id"] = f["parent"].where(f["kind"] == kind, "")
    return pd.DataFrame(made)


def _reddit(f: pd.DataFrame) -> pd.DataFrame:
    opening = f["root"] == ""
    return pd.DataFrame(
        {
            "Query Id": "1998420001",
            "Query Name": "Luvaya",
            "Date": f["at"].dt.strftime("%Y-%m-%d %H:%M:%S"),
            "Title": f["text"].str[:80].where(opening, ""),
            "Snippet": f["text"].str[:120],
            "Url": f["url"],
            "Domain": "reddit.com",
            "Sentiment": "neutral",
            "Page Type": "reddit",
            "Language": "en",
            "Author": f["name"],
            "Full Text": f["text"],
            "Thread Entry Type": np.where(opening, "post", "reply"),
            "Thread Id": f["root"].where(~opening, f["post"]),
            "Parent Post Id": f["parent"],
            "Root Post Id": f["root"],
            "Reddit Comments": f["n_replies"],
            "Reddit Score": f["n_likes"],
            "Resource Id": f["post"],
        }
    )


def _forum(f: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": f["post"],
            "thread_id": f["root"].where(f["root"] != "", f["post"]),
            "author": f["name"],
            "body": f["text"],
            "subject": f["text"].str[:30].where(f["root"] == "", ""),
            "timestamp": f["at"].dt.strftime("%Y-%m-%d %H:%M:%S"),
            "unix_timestamp": _seconds(f["at"]),
        }
    )
