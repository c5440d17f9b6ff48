"""People whom a text calls by name (`@name`), masked before the text is stored, where a watch asks for it.

Whom a watch is about stays readable, and so do authorities, press and companies: no private person is behind them,
and what they are called says how serious a post is.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.brand_match import brand_match
from crisislib.core.ids import mask_name, normal_name
from crisislib.core.query import parse
from crisislib.core.watch import Watch

_SIGN = "[@＠]"
_MENTION = re.compile(rf"(?<![\w.+\-])({_SIGN})([\w·\-]{{1,40}}(?:[.@][\w\-]+)*)")
"""A name as platforms link it, with its server where it has one; an address of mail is none."""
_INSTITUTION = re.compile(
    r"(?:局|厅|委员会|政府|法院|检察院|公安|警方|警察|消防|海关|疾控|消协|协会|公司|集团|大学|医院|日报|晚报|早报|时报|周刊"
    r"|新闻|新闻网|电视台|广播|发布|辟谣)$"
    r"|^(?:gov|fda|cdc|usda|ftc|sec|cpsc|nhtsa|bbc|cnn|reuters|afp|nytimes|xinhua|cctv|央视|新华|人民)"
    r"|(?:news|police|gov|official)$",
    re.IGNORECASE,
)
"""Names that authorities, press, companies and their offices give themselves, and no private person."""

SHORTEST = 4
"""Characters of a brand's name from which a handle that begins with it is the brand's: shorter ones begin anything."""


class MentionMasks:
    """Masks the mentions of a watch's texts; every name is looked at once.

    Parameters
    ----------
    watch : Watch
        Its brand, competitors, own accounts and query say which names stay.
    """

    def __init__(self, watch: Watch) -> None:
        match = brand_match(watch)
        self._stays = [match.name, match.rival, *([parse(watch.query)] if watch.query.strip() else [])]
        self._own = {normal_name(account.partition(":")[2]) for account in watch.brand.accounts}
        rivals = [name for names in watch.brand.competitors.values() for name in names]
        joined = {_joined(name) for name in [*watch.brand.names, *rivals]}
        self._begins = tuple(name for name in joined if len(name) >= SHORTEST)
        self._known: dict[str, str] = {}

    def column(self, texts: pa.ChunkedArray) -> pa.Array:
        """Texts with their mentions masked.

        Parameters
        ----------
        texts : pyarrow.ChunkedArray
            Of posts; null stays null.
        """
        flat = texts.combine_chunks()
        rows = pc.indices_nonzero(pc.fill_null(pc.match_substring_regex(flat, _SIGN), False))
        calling = flat.take(rows).to_pylist()
        self._look_at({found[2] for text in calling for found in _MENTION.finditer(text)})
        values = flat.to_pylist()
        for row, text in zip(rows.to_pylist(), calling, strict=True):
            values[row] = self.text(text)
        return pa.array(values, pa.string())

    def text(self, text: str) -> str:
        """A text with its mentions masked.

        Parameters
        ----------
        text : str
            Any.
        """
        if "@" not in text and "＠" not in text:
            return text
        self._look_at({found[2] for found in _MENTION.finditer(text)})
        return _MENTION.sub(lambda found: found[1] + self._known[found[2]], text)

    def _look_at(self, names: set[str]) -> None:
        """Decide about names that were not met before."""
        new = sorted(names - self._known.keys())
        if not new:
            return
        table = pa.array(new, pa.string())
        stays = [node.matches(table).to_pylist() for node in self._stays]
        for row, name in enumerate(new):
            known = any(found[row] for found in stays) or normal_name(name) in self._own
            known = known or _joined(name).startswith(self._begins)
            self._known[name] = name if known or _INSTITUTION.search(name) else mask_name(name)


def _joined(name: str) -> str:
    """A name as handles write it: `Aurora Tea` is @auroratea or @Aurora_Tea."""
    return re.sub(r"[\W_]+", "", normal_name(name))
