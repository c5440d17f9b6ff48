"""What the address of a post says: its platform, its id there, whose it is."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect.importing.address_patterns import COMMENTS, DOMAINS, PATHS, QUERY
from crisislib.collect.importing.weibo_ids import mid_of


class Address(NamedTuple):
    """Parts of one address; None where it does not say."""

    platform: str | None = None
    id: str | None = None
    account: str | None = None
    """Id of the account, where the platform has numbers for them."""
    name: str | None = None
    """Handle of the account."""
    kind: str | None = None
    """`video` or `comment`, where the address is of nothing else."""
    root: str | None = None
    """Id of the post under which a comment stands."""


NOWHERE = Address()

_BY_DOMAIN = {domain: platform for platform, domains in DOMAINS.items() for domain in domains.split()} | {
    f"{platform}.example": platform for platform in DOMAINS
}
"""The reserved domain (RFC 2606) lets made-up samples and drills have addresses that lead to nobody's post."""
_SPLIT = re.compile(
    r"(?:https?:)?//(?:[^/@\s]*@)?([^/:?#\s]+)(?::\d+)?([^?#\s]*)(?:\?([^#\s]*))?(?:#(\S*))?", re.IGNORECASE
)

_NO_SCHEME = r"^(?://)?((?:www\.[\w-]+|[\w-]+(?:\.[\w-]+)*)\.(?:com|cn|net|org|me|app|tv|ru|be)/)"

_READERS = {platform: [(re.compile(p), kind) for p, kind in some] for platform, some in PATHS.items()}
_FEDIVERSE = re.compile(
    r"^/(?:web/)?(?:@(?P<name>[\w.]+)(?:@[\w.-]+)?/|users/(?P<user>[\w.]+)/statuses/)(?P<id>\d{15,20})/?$"
)
"""Mastodon's paths on any host; its ids are of 18 digits."""
_NOBODY = {"i", "home", "search", "hashtag", "explore", "www", "user", "channel"}
_BEFORE_PATH = 3
"""Slashes up to the path of an address that begins with its scheme, or with two slashes."""
_CACHE = 1 << 16
"""Addresses kept: parents and profiles stand in many rows."""


@lru_cache(maxsize=_CACHE)
def read_address(url: str) -> Address:
    """What one address says.

    Parameters
    ----------
    url : str
        Address of a post or of an account.

    Returns
    -------
    Address
        Empty for an address of no known platform.
    """
    found = _SPLIT.match(url)
    if found is None:
        return NOWHERE
    host, path, query = found[1].casefold(), found[2] or "", found[3] or ""
    platform = _platform(host)
    if platform is None:
        fediverse = _FEDIVERSE.match(path)
        return (
            Address("mastodon", fediverse["id"], None, fediverse["name"] or fediverse["user"]) if fediverse else NOWHERE
        )
    post = _of_post(platform, host, path, query)
    comment = re.search(COMMENTS[platform], query) if query and platform in COMMENTS else None
    if comment is None:
        return post
    native = f"{post.account}_{comment['id']}" if platform == "vk" and post.account else comment["id"]
    return Address(platform, native, kind="comment", root=post.id)  # it says whose the post is, not whose the comment


def _of_post(platform: str, host: str, path: str, query: str) -> Address:
    """What an address says when nothing behind the question mark makes it that of a comment."""
    for pattern in QUERY.get(platform, ()):
        if hit := re.search(pattern, query):
            return _address(platform, hit.groupdict(), "video" if platform == "youtube" else None)
    if platform == "youtube" and host.endswith("youtu.be"):
        return Address(platform, path.strip("/") or None, kind="video")
    for reader, kind in _READERS.get(platform, ()):
        if hit := reader.search(path):
            return _address(platform, hit.groupdict(), kind)
    return Address(platform)


def whole_addresses(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of addresses with scheme and host, where a tool leaves out what is the same on its whole platform.

    Parameters
    ----------
    cells : pyarrow.ChunkedArray
        Strings, null where there is none: `/r/NAME/comments/ID/…` of Reddit, `//weibo.com/…`, `www.example.org/…`.

    Returns
    -------
    pyarrow.ChunkedArray
        The column itself where all have them; what is no address stays as it is.
    """
    if pc.all(pc.starts_with(cells, "http")).as_py():
        return cells
    reddit = pc.replace_substring_regex(cells, r"^(/(?:r|u|user)/[\w-]+/comments/\w+)", r"https://www.reddit.com\1")
    return pc.replace_substring_regex(reddit, _NO_SCHEME, r"https://\1")


def _platform(host: str) -> str | None:
    parts = host.split(".")
    return next((_BY_DOMAIN[name] for i in range(len(parts) - 1) if (name := ".".join(parts[i:])) in _BY_DOMAIN), None)


def _address(platform: str, parts: dict[str, str | None], kind: str | None) -> Address:
    who = parts.get("who")
    account = parts.get("account") or (who if who and who.isdigit() else None)
    name = parts.get("name") or (who if who and not who.isdigit() else None)
    if name and name.casefold() in _NOBODY:
        name = None
    native = parts.get("id")
    if platform == "weibo" and native is not None:
        native = mid_of(native)
    return Address(platform, native, account, name, kind, parts.get("root"))


def read_addresses(cells: pa.ChunkedArray) -> dict[str, pa.Array]:
    """Columns of the parts of a column of addresses.

    Parameters
    ----------
    cells : pyarrow.ChunkedArray
        Strings; null where there is none.

    Returns
    -------
    dict of str to pyarrow.Array
        One array of strings for each field of :class:`Address`.
    """
    flat = whole_addresses(cells).combine_chunks()
    flat = flat.combine_chunks() if isinstance(flat, pa.ChunkedArray) else flat
    places = _known_places(flat)
    read = [read_address(cell) for cell in flat.take(places).to_pylist()]
    columns = zip(*read, strict=True) if read else [()] * len(Address._fields)
    if len(places) == len(flat):
        return {name: pa.array(list(part), pa.string()) for name, part in zip(Address._fields, columns, strict=True)}
    # Rows of no known platform are null: the place of a null past the end of what was read.
    where = np.full(len(flat), -1, dtype=np.int64)
    where[places.to_numpy(zero_copy_only=False)] = np.arange(len(places))
    index = pa.array(where, mask=where < 0)
    return {
        name: pa.array(list(part), pa.string()).take(index) for name, part in zip(Address._fields, columns, strict=True)
    }


def _known_places(cells: pa.Array) -> pa.Array:
    """Places of the addresses that say something: of a known platform, or with a path like Mastodon's.

    Hosts are few; each is looked up once, so that a million addresses of news sites cost no reading in Python.
    """
    pieces = pc.split_pattern(pc.fill_null(cells, ""), "/", max_splits=_BEFORE_PATH)  # scheme, nothing, host, the rest
    starts, ends = pieces.offsets[:-1].to_numpy(), pieces.offsets[1:].to_numpy()
    addressed = np.flatnonzero(ends - starts >= _BEFORE_PATH)
    hosts = pieces.values.take(pa.array(starts[addressed] + _BEFORE_PATH - 1)).dictionary_encode()
    found = [_SPLIT.match(f"//{host}") for host in hosts.dictionary.to_pylist()]
    known = np.array([host is not None and _platform(host[1].casefold()) is not None for host in found], dtype=bool)
    of_platform = np.zeros(len(cells), dtype=bool)
    of_platform[addressed] = known[hosts.indices.to_numpy()]
    fediverse = pc.fill_null(
        pc.match_substring_regex(cells, r"/@[\w.]+(@[\w.-]+)?/\d{15,20}/?$|/statuses/\d{15,20}/?$"), False
    )
    return pc.indices_nonzero(pc.or_(pa.array(of_platform), fediverse))


def has_addresses(cells: pa.ChunkedArray) -> bool:
    """Whether any cell of a column is an address.

    Parameters
    ----------
    cells : pyarrow.ChunkedArray
        Strings.
    """
    return bool(pc.any(pc.match_substring_regex(cells, r"^(https?:)?//")).as_py())
