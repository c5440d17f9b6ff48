"""People as salted hashes: before anything is stored, where a watch asks for it.

The salt lies in the lake and nowhere else; without it a hash cannot be made from a known id. The same account has the
same hash in all watches of a lake, so that spread and coordination are found as with ids. Addresses of posts stay,
since evidence leads to them; where a platform has an address without its writer, that one. People whom a text calls by
name are masked in it, unless the watch keeps texts as they were written.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect import Batch
from crisislib.core.ids import mask_name
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.mention_masks import MentionMasks
from crisislib.lake.shared_files import SALT
from crisislib.respond import contact_key

CONTACT = "contact"
"""What stands in place of a platform before the contact of a person who has no account: mail address or number."""
MARK = "~"
"""Begins a hashed id, so that it is not taken for a platform's own."""
DIGITS = 20
"""Hexadecimal digits of a hash: 80 bits, so that two of a billion accounts are alike with a chance of one in two
million."""
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._-]+")
"""Accounts inside ids and addresses of Bluesky's posts."""
_WRITERS = tuple(
    (re.compile(rf"(?<![\w.])(https?://(?:\w+\.)?){pattern}", re.IGNORECASE), without)
    for pattern, without in (
        (r"((?:twitter|x)\.com)/\w{1,15}(/status(?:es)?/\d+)", r"\1\2/i\3"),
        (r"(tiktok\.com)/@[\w.]+(/(?:video|photo)/\d+)", r"\1\2/@\3"),
        (r"(instagram\.com)/(?!p/|reels?/|tv/|explore/)[\w.]+(/(?:p|reel|tv)/[\w-]+)", r"\1\2\3"),
        (r"(threads\.(?:net|com))/@[\w.]+/post(/[\w-]+)", r"\1\2/t\3"),
        (r"(reddit\.com)/u(?:ser)?/[\w-]+(/comments/\w+)", r"\1\2\3"),
        (r"weibo\.(?:com|cn)/\d{5,}/(\w{6,})", r"https://m.weibo.cn/status/\2"),
        (r"(xiaohongshu\.com)/user/profile/\w+/(\w+)", r"\1\2/explore/\3"),
    )
)
"""Who wrote a post, in its address, and the address without, which leads to the same post."""
_PERSONAL = re.compile(
    r"user|author|account|name|nick|screen|handle|mention|profile|avatar|e-?mail|phone|creator|owner|poster"
    r"|sender|(?:^|[._])(?:uid|did|by|from|ip|ip_?location|open_?id|union_?id)(?:$|[._])"
    r"|作者|用户|昵称|博主|账号|帐号|头像|发布者|发布人|发帖|发言人|楼主|微博名|电话|手机号|邮箱|(?i:up)主",
    re.I,
)
"""Keys of a source's own cells that say who somebody is."""


def pseudonymised(home: Home, watch: Watch, batch: Batch) -> Batch:
    """A batch as it is stored: people hashed and masked where the watch asks for it.

    Parameters
    ----------
    home : Home
        Whose lake has the salt; it is made when it is first needed.
    watch : Watch
        `privacy.accounts`; accounts of the brand stay.
    batch : Batch
        As it was collected.
    """
    if watch.privacy.accounts != "hashed":
        return batch
    salt = salt_of(home)
    own = set(watch.brand.accounts)

    def account(value: str) -> str:
        return value if value in own or f":{MARK}" in value else pseudonym(value, salt)

    def inside(value: str) -> str:
        value = _DID.sub(lambda found: MARK + _digest(found[0], salt), value)
        for written, without in _WRITERS:
            value = written.sub(without, value)
        return value

    masks = MentionMasks(watch) if watch.privacy.mentions == "masked" else None

    def written(value: str) -> str:
        value = inside(value)
        return masks.text(value) if masks is not None else value

    def cells(value: str) -> str:
        return _without_people(value, written)

    posts = batch.posts
    for name, change in (("account_id", account), ("post_id", inside), ("parent_id", inside), ("root_id", inside),
                         ("url", inside), ("extra", cells)):  # fmt: skip
        posts = _mapped(posts, name, change)
    if masks is not None:
        for name in ("text", "title"):
            posts = _with(posts, name, masks.column(posts[name]))
    accounts = _mapped(batch.accounts, "account_id", account)
    theirs = [value in own for value in batch.accounts["account_id"].to_pylist()]
    names = [n if kept else mask_name(n) for n, kept in zip(accounts["name"].to_pylist(), theirs, strict=True)]
    accounts = _with(accounts, "name", pa.array(names, pa.string()))
    rejects = _mapped(batch.rejects, "cells", cells)
    return replace(batch, posts=conform(posts, "POSTS"), accounts=conform(accounts, "ACCOUNTS"), rejects=rejects)


def pseudonym(account_id: str, salt: bytes) -> str:
    """The hash that stands for an account.

    Parameters
    ----------
    account_id : str
        `platform:id`; of a person affected by a breach `contact:` and the mail address or telephone number.
    salt : bytes
        Of the lake.

    Notes
    -----
    HMAC-SHA256 of the id with the salt as the key; the platform stays. A contact has one hash, however it is written.
    """
    platform, _, native = account_id.partition(":")
    native = contact_key(native) if platform == CONTACT else native
    return f"{platform}:{MARK}{_digest(native, salt)}"


def pseudonym_of(home: Home, account_id: str) -> str | None:
    """Under what a person is stored whose id is known; None where this lake has no hashes.

    Parameters
    ----------
    home : Home
        The workbench.
    account_id : str
        `platform:id`.
    """
    salt = home.lake.shared.read_once(SALT)
    return None if salt is None else pseudonym(account_id, salt)


def _digest(native: str, salt: bytes) -> str:
    return hmac.new(salt, native.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:DIGITS]


def salt_of(home: Home) -> bytes:
    """The lake's salt; of two processes or machines that make it at once the first counts.

    Parameters
    ----------
    home : Home
        Whose lake has it; it is made when it is first needed.

    Returns
    -------
    bytes
        32 random bytes.
    """
    return home.lake.shared.write_once(SALT, secrets.token_bytes(32))


def _mapped(table: pa.Table, name: str, change: Callable[[str], str]) -> pa.Table:
    """A table with each different value of a column changed once."""
    column = table[name].combine_chunks()
    values = pc.unique(column.drop_null())
    known = {value: change(value) for value in values.to_pylist()}
    return _with(table, name, pa.array([known.get(v) for v in column.to_pylist()], pa.string()))


def _with(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(place), column)


def _without_people(cells: str, change: Callable[[str], str]) -> str:
    """The JSON of a source's own cells without those that say who somebody is; what is said in others is changed."""
    try:
        found = json.loads(cells)
    except ValueError:
        return "{}"
    return json.dumps(_pruned(found, change), ensure_ascii=False)


def _pruned(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, dict):
        return {key: _pruned(inner, change) for key, inner in value.items() if not _PERSONAL.search(str(key))}
    if isinstance(value, list):
        return [_pruned(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value
