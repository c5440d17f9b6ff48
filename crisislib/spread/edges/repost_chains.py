"""Weibo repost chains: `own words//@B:…//@C:…` says that the parent is B, whose parent is C."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.ids import normal_name, short_hash
from crisislib.core.tables import conform
from crisislib.spread.cascades.forest import Ints
from crisislib.spread.edges.confidence import CONFIDENCE
from crisislib.spread.edges.edge_builder import EdgeSet, PostColumns, concat, edge_set, no_edges
from crisislib.spread.edges.keyed_search import joint, latest_before
from crisislib.spread.post_arrays import Frame, codes, find

_CHAIN = r"//\s*[@＠](?P<name>[^:：/@＠\s]{1,40})\s*[:：](?P<tail>(?s:.*))$"
_MARK = r"//\s*[@＠]"
_FILLER = r"(?i)转发微博|轉發微博|^repost$|\s|…|展开全文"
_MASKED = "***"
"""Stands in a name that was masked when it was stored (:func:`crisislib.core.ids.mask_name`)."""
_PREFIX = 24
"""Characters that two texts must begin with alike: long enough to be one post's, short enough for cut texts."""
_ROUNDS = 12
"""Steps that are followed up a chain: 140 characters hold no more than a dozen names."""


@dataclass
class _Quoting:
    """Nodes that quote somebody: the node, its root, its time, and the rest of the text."""

    node: Ints
    root: Ints
    at: Ints
    text: pa.Array


def repost_chains(columns: PostColumns, known: EdgeSet, *, accounts: Frame) -> EdgeSet:
    """Edges from repost chains.

    Parameters
    ----------
    columns : PostColumns
    known : EdgeSet
        Edges of the methods before.
    accounts : ACCOUNTS
        For the names that the chains quote.

    Returns
    -------
    EdgeSet
        Method `chain`; people who are quoted, but whose post is not in the data, become placeholders with edges of
        method `ghost`.

    Notes
    -----
    The parent is B's latest post that is not later, in the same root where roots are known, whose
    text equals the quoted tail; else whose text begins like it (posts were cut at 140 characters);
    where no words of B are quoted, B's latest post there. Without any, a placeholder stands for B's post and
    the rest of the chain is followed from it. (B's latest post whatever its words was tried: right in
    a sixth of the cases only, for mostly B's post is missing then.)
    """
    text = _text(columns)
    post = np.flatnonzero(~known.linked(columns.n) & _marked(text))
    if not len(post):
        return no_edges()
    search = _ChainSearch(columns, accounts, text, columns.n + len(known.placeholders))
    quoting = _Quoting(post, columns.root[post], columns.at[post], text.take(pa.array(post)))
    for _ in range(_ROUNDS):
        if not len(quoting.node):
            break
        quoting = search.step(quoting)
    return search.edges()


def writes_chains(columns: PostColumns, known: EdgeSet) -> npt.NDArray[np.bool_]:
    """Reposts of sources that write chains: one without a chain came straight from its root.

    Parameters
    ----------
    columns : PostColumns
    known : EdgeSet
        The stated edges.

    Returns
    -------
    numpy.ndarray of shape (n,)
        All False where every post with a chain has a stated parent.
    """
    marked = _marked(_text(columns))
    if not (marked & ~known.linked(columns.n)).any():
        return np.zeros(columns.n, dtype=bool)
    source = joint(codes(columns.posts["source"])[0] + 1, codes(columns.posts["platform"])[0] + 1)
    repost = columns.kind == "repost"
    return np.asarray(np.isin(source, source[marked & repost]) & repost, dtype=np.bool_)


def _text(columns: PostColumns) -> pa.Array:
    return pc.fill_null(columns.posts["text"], "").combine_chunks() if columns.n else pa.array([], pa.string())


def _marked(text: pa.Array) -> npt.NDArray[np.bool_]:
    """Texts that quote somebody."""
    return np.asarray(pc.match_substring_regex(text, _MARK).to_numpy(zero_copy_only=False), dtype=np.bool_)


class _ChainSearch:
    """Who is called what, the posts as candidates for a parent, and the edges found so far."""

    def __init__(self, columns: PostColumns, accounts: Frame, text: pa.Array, next_node: int) -> None:
        self.columns, self.next_node = columns, next_node
        self.names, post, name = _authors(columns, accounts)
        plain = _plain(text)
        whole, self.words = codes(plain)
        start, self.heads = codes(pc.utf8_slice_codeunits(plain, 0, _PREFIX))
        self.post, self.name = post, name
        self.root, self.at = columns.root[post], columns.at[post]
        self.text, self.starts = whole[post], start[post]
        self.placeholders: dict[str, int] = {}
        self.parts: list[EdgeSet] = []

    def edges(self) -> EdgeSet:
        """All edges found."""
        return replace(concat(no_edges(), *self.parts), placeholders=pa.array(list(self.placeholders), pa.string()))

    def step(self, todo: _Quoting) -> _Quoting:
        """One step up every chain; returns the placeholders whose text goes on."""
        parts = pc.extract_regex(todo.text, _CHAIN)
        named = np.flatnonzero(pc.is_valid(parts).to_numpy(zero_copy_only=False))
        end = np.setdiff1d(np.arange(len(todo.node)), named)
        self._end(_pick(todo, end))
        todo = _pick(todo, named)
        parts = parts.take(pa.array(named))
        name, tail = parts.field("name"), parts.field("tail")
        parent, how = self._parents(todo, name, tail)
        for method, confidence in (("chain", "chain"), ("name", "chain_name")):
            mine = how == method
            self._link(todo.node[mine], parent[mine], "chain", confidence)
        missing = np.flatnonzero(parent < 0)
        return self._add_placeholders(_pick(todo, missing), name, tail, missing)

    def _link(self, child: Ints, parent: Ints, method: str, confidence: str) -> None:
        self.parts.append(edge_set(child, parent, method=method, confidence=CONFIDENCE[confidence]))

    def _parents(self, todo: _Quoting, name: pa.Array, tail: pa.Array) -> tuple[Ints, np.ndarray]:
        """Post that each chain points at, -1 where it is not in the data, and by which rule."""
        plain = _plain(tail)
        exact = find(plain, self.words)
        head = find(pc.utf8_slice_codeunits(plain, 0, _PREFIX), self.heads)
        person = find(_named(name), self.names)
        cut = pc.equal(plain, "").to_numpy(zero_copy_only=False)  # nothing left to tell B's posts apart
        # of a masked name many may be the bearer: it points at a post only together with its words
        cut = cut & ~pc.match_substring(name, _MASKED).to_numpy(zero_copy_only=False)
        parent = np.full(len(todo.node), -1, dtype=np.int64)
        how = np.full(len(todo.node), "", dtype=object)
        rules = ((exact, self.text, "chain"), (head, self.starts, "chain"), (None, None, "name"))
        for wanted, present, method in rules:
            keys = [todo.root + 1, person] + ([] if wanted is None else [wanted])
            have = [self.root + 1, self.name] + ([] if present is None else [present])
            both = joint(*(np.r_[k, h] for k, h in zip(keys, have, strict=True)))
            queries = len(todo.node)
            hit = latest_before(both[:queries], todo.at, both[queries:], self.at, np.full(queries, -1))
            post = np.append(self.post, -1)[hit]
            new = (parent < 0) & (post >= 0) & (post != todo.node) & (cut | (method == "chain"))
            parent[new], how[new] = post[new], method
        return parent, how

    def _add_placeholders(self, todo: _Quoting, name: pa.Array, tail: pa.Array, rows: Ints) -> _Quoting:
        """Add a placeholder for each quoted post that is not in the data, one for all who quote it."""
        if not len(rows):
            return _pick(todo, rows)
        names, tails = name.take(pa.array(rows)), tail.take(pa.array(rows))
        frame = pd.DataFrame({"root": todo.root, "name": names.to_pandas(), "tail": _plain(tails).to_pandas()})
        number, _ = pd.factorize(pd.MultiIndex.from_frame(frame))
        first = np.unique(number, return_index=True)[1]
        keys = [
            "ghost:" + short_hash(str(self._root_id(r)), normal_name(n), t)
            for r, n, t in frame.iloc[first].itertuples(index=False)
        ]
        known = np.array([self.placeholders.get(key, -1) for key in keys], dtype=np.int64)
        fresh = np.flatnonzero(known < 0)
        known[fresh] = self.next_node + len(self.placeholders) + np.arange(len(fresh))
        self.placeholders.update({keys[i]: int(known[i]) for i in fresh})
        self._link(todo.node, known[number], "ghost", "ghost")
        earliest = np.full(len(first), np.iinfo(np.int64).max)
        np.minimum.at(earliest, number, todo.at)
        row = first[fresh]
        return _Quoting(known[fresh], todo.root[row], earliest[fresh], tails.take(pa.array(row)))

    def _root_id(self, root: int) -> str:
        return "" if root < 0 else str(self.columns.ids[int(root)].as_py())

    def _end(self, todo: _Quoting) -> None:
        """Link a placeholder at the top of its chain to the stated root."""
        under = (todo.root >= 0) & (todo.node >= self.columns.n)
        self._link(todo.node[under], todo.root[under], "ghost", "ghost")


def _pick(todo: _Quoting, rows: Ints) -> _Quoting:
    return _Quoting(todo.node[rows], todo.root[rows], todo.at[rows], todo.text.take(pa.array(rows)))


def _plain(text: pa.Array) -> pa.Array:
    """Text as compared: without spaces, dots of omission, and the words that the site fills in."""
    return pc.replace_substring_regex(pc.utf8_normalize(text, form="NFKC"), _FILLER, "")


def _named(name: pa.Array) -> pa.Array:
    """Names as compared; the same as `core.ids.normal_name`, for a whole column."""
    bare = pc.utf8_trim_whitespace(pc.utf8_normalize(name, form="NFKC"))
    return pc.utf8_lower(pc.utf8_trim_whitespace(pc.utf8_ltrim(bare, characters="@")))


def _authors(columns: PostColumns, accounts: Frame) -> tuple[pa.Array, Ints, Ints]:
    """Names, and which post is by whom: post and name, a row for each name that its account had."""
    table = conform(accounts, "ACCOUNTS")
    known = table.filter(pc.is_valid(table["name"]))
    account = find(known["account_id"], columns.account_ids)
    named = _named(known["name"].combine_chunks() if known.num_rows else pa.array([], pa.string()))
    in_id = pc.extract_regex(columns.account_ids, r":@(?P<name>.+)$")
    own = np.flatnonzero(pc.is_valid(in_id).to_numpy(zero_copy_only=False))
    name, names = codes(pa.concat_arrays([named, in_id.take(pa.array(own)).field("name")]))
    pairs = np.unique(np.stack([np.r_[account, own], name]), axis=1)
    pairs = pairs[:, pairs[0] >= 0]
    start = np.searchsorted(pairs[0], columns.account)
    count = np.searchsorted(pairs[0], columns.account, side="right") - start
    post = np.repeat(np.arange(columns.n), count)
    within = np.arange(len(post)) - np.repeat(np.cumsum(count) - count, count)
    return names, post, pairs[1][np.repeat(start, count) + within]
