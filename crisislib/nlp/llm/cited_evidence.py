"""What a model may be shown: posts as data, without those that speak to the machine."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.core.tables import conform

NEEDED = 3
"""Posts below which nothing is written."""
MOST, LONGEST = 60, 400
"""Posts shown to a model and characters of each: some 10,000 tokens at most, which small models read too."""

# Posts that try to give the machine orders. Leaving out a harmless one costs one post of many.
_ORDERS = re.compile(
    r"(ignore|disregard|forget|override)\b.{0,40}\b(instruction|prompt|rule|above|previous|prior)"
    r"|\b(system|developer|hidden)\s+(prompt|message|instruction)"
    r"|\b(you are|act as|pretend to be|as an?)\s+(\w+\s+){0,4}?(ai|assistant|language model|\w*bot|llm)\b"
    r"|<\|?\s*(im_start|im_end|system|assistant|user|endoftext)\b|\[/?INST\]|^\s*(system|assistant)\s*:"
    r"|\b(respond|reply|answer|output|write|say|print|return)\s+(only\s+)?(with|exactly|verbatim|the following)\b"
    r"|(忽略|无视|無視|忘记|忘記|覆盖).{0,12}(指令|提示|规则|規則|以上|之前|前面|上述)"
    r"|(系统|系統)(提示|指令|消息)|你(现在|現在)?是.{0,6}(助手|语言模型|語言模型|机器人|AI)"
    r"|(请|請|必须|必須|只能|务必)(直接|只)?(输出|輸出|回答|回复|写出|寫出)",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Evidence:
    """Texts that may be cited.

    Attributes
    ----------
    texts : Mapping[str, str]
        Post id, or `fact:<name>` of a fact that the user has confirmed, to text.
    withheld : Sequence[str]
        Ids of posts left out because they speak to the machine; a person should read them.
    """

    texts: Mapping[str, str]
    withheld: Sequence[str] = ()


def _visible(text: str) -> str:
    """Text without control, format and direction characters; line breaks stay."""
    return "".join(c for c in text if c in "\n\t\r" or unicodedata.category(c)[0] != "C")


def plain(text: str) -> str:
    """Text on one line without invisible characters, at most LONGEST characters.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return " ".join(_visible(text).split())[:LONGEST]


def gives_orders(text: str) -> bool:
    """Whether a text tries to instruct a language model; width and invisible characters do not hide it.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
    """
    return _ORDERS.search(unicodedata.normalize("NFKC", _visible(text))) is not None


def gather(posts: pa.Table, *, facts: Mapping[str, str] | None = None, most: int = MOST) -> Evidence:
    """Evidence from posts, newest observation of each, in the order given.

    Parameters
    ----------
    posts : pyarrow.Table
        POSTS to be written about, the most telling first.
    facts : mapping, optional
        Name to sentence: what the user has confirmed and stands for.
    most : int
        Posts shown at most.

    Raises
    ------
    NotEnoughData
        Fewer than NEEDED posts with text that may be shown: without evidence nothing is written.
    """
    table = conform(posts, "POSTS")
    table = table.filter(pc.greater(pc.utf8_length(pc.fill_null(table["text"], "")), 0))
    newest = table.sort_by("collected_at").to_pandas().drop_duplicates("post_id", keep="last").set_index("post_id")
    texts: dict[str, str] = {}
    withheld: list[str] = []
    for name in dict.fromkeys(table["post_id"].to_pylist()):
        text = str(newest.at[name, "text"])
        if gives_orders(text):
            withheld.append(name)
        elif len(texts) < most and plain(text):
            texts[name] = plain(text)
    if len(texts) < NEEDED:
        raise NotEnoughData(
            N_("{n} {n:post|posts} to rest on, {needed} needed ({withheld} withheld because they give orders)"),
            do=N_("widen the window, or write it yourself"),
            facts={"n": len(texts), "needed": NEEDED, "withheld": len(withheld)},
        )
    own = {f"fact:{name}": plain(text) for name, text in (facts or {}).items()}
    return Evidence({**own, **texts}, tuple(withheld))


def as_data(evidence: Evidence) -> tuple[str, dict[str, str]]:
    """The evidence as JSON under short names, so that no id can carry a message.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    json : str
        A list of objects with `id` (short name) and `text`.
    names : dict of str to str
        Short name -> id.
    """
    names = {f"e{place + 1}": name for place, name in enumerate(evidence.texts)}
    rows = [{"id": short, "text": evidence.texts[name]} for short, name in names.items()]
    return json.dumps(rows, ensure_ascii=False), names
