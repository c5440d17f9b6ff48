"""Columns of written counts as whole numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

UNITS = {
    "": 1, "千": 10**3, "k": 10**3, "tsd": 10**3, "mil": 10**3, "thousand": 10**3, "万": 10**4, "萬": 10**4,
    "w": 10**4, "m": 10**6, "mio": 10**6, "million": 10**6, "百万": 10**6, "千万": 10**7, "亿": 10**8, "億": 10**8,
    "b": 10**9, "bn": 10**9, "billion": 10**9, "mrd": 10**9, "mln": 10**6, "mld": 10**9,
    "millones": 10**6, "millions": 10**6, "g": 10**9,
    "천": 10**3, "만": 10**4, "백만": 10**6, "천만": 10**7, "억": 10**8, "тыс": 10**3, "млн": 10**6, "млрд": 10**9,
    "lakh": 10**5, "lakhs": 10**5, "lac": 10**5, "crore": 10**7, "crores": 10**7, "rb": 10**3, "jt": 10**6,
    "bin": 10**3, "ألف": 10**3, "مليون": 10**6,
}  # fmt: skip
"""How tools shorten counts."""
LARGEST = 9 * 10**18
"""No count is larger: it would not fit 64 bits."""
_NOTHING = {"-", "–", "—", "--", "/", "无", "暂无", "n/a", "na", "not available", "hidden", "隐藏", "-1"}
"""Written for an absent count."""
_BUTTONS = {
    "赞同",
    "添加评论",
    "抢首评",
    "转发",
    "分享",
    "评论",
    "回复",
    "赞",
    "点赞",
    "喜欢",
    "收藏",
    "like",
    "likes",
    "reply",
    "comment",
    "comments",
    "share",
    "repost",
    "retweet",
    "いいね",
    "返信",
    "좋아요",
    "댓글",
    "megusta",
    "j'aime",
    "gefälltmir",
}
"""A page shows the button's word where nobody has pressed it: a count of 0."""
_ALONE = {"十+": 10, "百+": 100, "千+": 10**3, "万+": 10**4, "十万+": 10**5, "百万+": 10**6}
"""How Xiaohongshu rounds counts that it does not show."""
_THINGS = (
    r"(?:次|人|条|件|回|회|개|명|个|位|赞|点赞|评论|转发|回复|播放|阅读|浏览|粉丝|关注|likes?|views?|comments?|shares?|replies|reply|"
    r"retweets?|reposts?|plays?|followers?|upvotes?|points?|reactions?|people|vues|aufrufe|visualizaciones|visualizações|reproducciones|просмотр(?:ов|а)?)"
)
_LABELS = r"(?:조회수?|阅读量?|播放量?|点赞数?|评论数?|转发数?|赞同|赞|转发|评论|粉丝数?|浏览量?)"
_UNIT = "|".join(sorted((u for u in UNITS if u), key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?:{_LABELS}[::]?)?(?P<n>\d[\d.,'’]*?(?:e\+?\d{{1,2}})?)(?P<unit>{_UNIT})?\.?\+?(?:{_THINGS}){{0,2}}\+?"
)
_REACTION = r"(?=[^()]*[^\d.,%()])[^()]+\((\d{1,9})\)"
_REACTIONS = re.compile(rf"(?:{_REACTION})+")
"""A cell that counts each reaction, `👍(4),❤(2)`; their sum is the count, as in lists of reactions."""
_DOTS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_MANY_DOTS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3}){2,}(?:,\d+)?|[1-9]\d{0,2}(?:\.\d{3})+,\d+")
_COMMAS = re.compile(r"\d{1,3}(?:[,'’]\d{3})+(?:\.\d+)?|\d{1,2}(?:,\d{2})+,\d{3}")
_FRACTION = re.compile(r"\d+\.(?!0+$)(?:\d{1,2}|\d{4,})|0\.\d+")


@dataclass
class Counts:
    """A column of counts as read.

    Attributes
    ----------
    values : pyarrow.Array
        int64, null where there is no count.
    unread : numpy.ndarray of bool
        Cells that hold something else.
    doubt : str
        A cell such as `1.234` whose dot was taken for a thousands separator without proof; empty where none.
    """

    values: pa.Array
    unread: npt.NDArray[np.bool_]
    doubt: str


def read_counts(cells: pa.ChunkedArray) -> Counts:
    """Read a column of counts, each distinct cell once.

    Parameters
    ----------
    cells : pyarrow.ChunkedArray
        Strings; null where there is none.
    """
    encoded = cells.combine_chunks().dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    words: list[str] = encoded.dictionary.to_pylist()
    dots, doubt = dotted(words)
    read = [read_count(word, dots) for word in words]
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    numbers = np.array([n if n is not None else -1 for n in read] + [-1], dtype=np.int64)[index]
    strange = [n is None and _bare(w) not in _NOTHING for n, w in zip(read, words, strict=True)]
    unread = np.array([*strange, False], dtype=bool)[index]
    return Counts(pa.array(numbers, mask=numbers < 0), unread, doubt)


def dotted(words: Sequence[str]) -> tuple[bool, str]:
    """Whether dots separate thousands in a column, and a cell that does not prove it.

    Parameters
    ----------
    words : sequence of str
        Distinct cells.

    Returns
    -------
    dots : bool
    doubt : str
        A cell such as `1.234`, where the column has no `1.234.567` that leaves one reading only.

    Notes
    -----
    A count is whole, so three digits behind a dot are thousands unless another cell has a true fraction.
    """
    plain = [_bare(word) for word in words]
    if any(_MANY_DOTS.fullmatch(p) for p in plain):
        return True, ""
    if any(_FRACTION.fullmatch(p) for p in plain):
        return False, ""
    single = next((w for w, p in zip(words, plain, strict=True) if _DOTS.fullmatch(p)), "")
    return bool(single), single


def read_count(text: str, dots: bool = False) -> int | None:
    """One written count.

    Parameters
    ----------
    text : str
        `1,234`, `1.2万`, `10万+`, `3.4k`, `1,2K`, `12 likes`, `转发`.
    dots : bool
        Whether dots separate thousands.

    Returns
    -------
    int or None
        None for `12%`, other words, negative numbers and what cannot be a count.
    """
    bare = _bare(text)
    if bare in _BUTTONS:
        return 0
    if bare in _ALONE:
        return _ALONE[bare]
    found = _NUMBER.fullmatch(bare)
    if found is None:
        return sum(map(int, re.findall(_REACTION, bare))) if _REACTIONS.fullmatch(bare) else None
    number, unit = found["n"], UNITS[found["unit"] or ""]
    value = _value(number, dots and unit == 1, unit > 1)
    return None if value is None or value * unit > LARGEST else round(value * unit)


def _value(number: str, dots: bool, shortened: bool) -> float | int | None:
    if number.isdigit():
        return int(number)
    if _COMMAS.fullmatch(number) and not (shortened and re.fullmatch(r"\d,\d{3}", number)):
        return float(re.sub(r"[,'’]", "", number)) if "." in number else int(re.sub(r"[,'’]", "", number))
    if dots and (_DOTS.fullmatch(number) or _MANY_DOTS.fullmatch(number)):
        return int(number.split(",")[0].replace(".", ""))
    if shortened and re.fullmatch(r"\d+,\d+", number):
        number = number.replace(",", ".")
    if re.fullmatch(r"\d+(\.\d+)?(e\+?\d{1,2})?", number):
        return float(number)
    return None


def _bare(text: str) -> str:
    """Full width folded, lower case, no space, no sign of about or of more."""
    return re.sub(r"[\s~≈约約]+", "", unicodedata.normalize("NFKC", text)).casefold()
