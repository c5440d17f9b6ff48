"""Weibo repost chains: `own words//@B:…//@C:…` says that the parent is B, whose parent is C."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.ids import normal_name, short_hash
from crisislib.core.tables import conform
from crisislib.spread.cascades.forest import Ints
from crisislib.spread.edges.confidence import CONFIDENCE
from crisislib.spread.edges.edge_builder import Board, joint, latest_before
from crisislib.spread.post_arrays import Frame, codes, find

_CHAIN = r"//\s*[@＠](?P<name>[^:：/@＠\s]{1,40})\s*[:：](?P<tail>(?s:.*))$"
_MARK = r"//\s*[@＠]"
_FILLER = r"(?i)转发微博|轉發微博|^repost$|\s|…|展开全文"
_PREFIX = 24
_ROUNDS = 12


@dataclass
class _Open:
    """Nodes that quote somebody: the node, its root, its time, and the rest of the text."""

    node: Ints
    root: Ints
    at: Ints
    text: pa.Array


def chain(board: Board, accounts: Frame) -> npt.NDArray[np.bool_]:
    """Edges from repost chains; people who are quoted but not held become ghosts.

    Returns
    -------
    numpy.ndarray of shape (n,)
        Posts of sources that write chains: one without a chain came straight from its root.

    Notes
    -----
    The parent is B's latest post that is not later, in the same root where roots are known, whose
    text equals the quoted tail; else whose text begins like it (posts were cut at 140 characters);
    where no words of B are quoted, B's latest post there. Without any, a ghost stands for B's post and
    the rest of the chain is followed from it. (B's latest post whatever its words was tried: right in
    a sixth of the cases only, for mostly B's post is missing then.)
    """
    text = pc.fill_null(board.posts["text"], "").combine_chunks() if board.n else pa.array([], pa.string())
    marked = pc.match_substring_regex(text, _MARK).to_numpy(zero_copy_only=False)
    who = np.flatnonzero(board.open & marked)
    if not len(who):
        return np.zeros(board.n, dtype=bool)
    book = _Book(board, accounts, text)
    todo = _Open(who, board.root[who], board.at[who], text.take(pa.array(who)))
    for _ in range(_ROUNDS):
        if not len(todo.node):
            break
        todo = book.step(todo)
    source = joint(codes(board.posts["source"])[0] + 1, codes(board.posts["platform"])[0] + 1)
    repost = board.kind == "repost"
    return np.asarray(np.isin(source, source[marked & repost]) & repost, dtype=np.bool_)


class _Book:
    """Who is called what, and the held posts as candidates for a parent."""

    def __init__(self, board: Board, accounts: Frame, text: pa.Array) -> None:
        self.board = board
        self.names, post, name = _authors(board, accounts)
        plain = _plain(text)
        whole, self.words = codes(plain)
        start, self.heads = codes(pc.utf8_slice_codeunits(plain, 0, _PREFIX))
        self.post, self.name = post, name
        self.root, self.at = board.root[post], board.at[post]
        self.text, self.starts = whole[post], start[post]
        self.ghosts: dict[str, int] = {}

    def step(self, todo: _Open) -> _Open:
        """One step up every chain; returns the ghosts whose text goes on."""
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
            self.board.link(todo.node[mine], parent[mine], method="chain", confidence=CONFIDENCE[confidence])
        return self._haunt(_pick(todo, np.flatnonzero(parent < 0)), name, tail, np.flatnonzero(parent < 0))

    def _parents(self, todo: _Open, name: pa.Array, tail: pa.Array) -> tuple[Ints, np.ndarray]:
        """Held post that each chain points at, and by which rule."""
        plain = _plain(tail)
        exact = find(plain, self.words)
        head = find(pc.utf8_slice_codeunits(plain, 0, _PREFIX), self.heads)
        person = find(_named(name), self.names)
        cut = pc.equal(plain, "").to_numpy(zero_copy_only=False)  # nothing left to tell B's posts apart
        parent = np.full(len(todo.node), -1, dtype=np.int64)
        how = np.full(len(todo.node), "", dtype=object)
        rules = ((exact, self.text, "chain"), (head, self.starts, "chain"), (None, None, "name"))
        for wanted, held, method in rules:
            keys = [todo.root + 1, person] + ([] if wanted is None else [wanted])
            have = [self.root + 1, self.name] + ([] if held is None else [held])
            both = joint(*(np.r_[k, h] for k, h in zip(keys, have, strict=True)))
            asked = len(todo.node)
            hit = latest_before(both[:asked], todo.at, both[asked:], self.at, np.full(asked, -1))
            post = np.append(self.post, -1)[hit]
            new = (parent < 0) & (post >= 0) & (post != todo.node) & (cut | (method == "chain"))
            parent[new], how[new] = post[new], method
        return parent, how

    def _haunt(self, todo: _Open, name: pa.Array, tail: pa.Array, rows: Ints) -> _Open:
        """Make a ghost for each quoted post that is not held, one for all who quote it."""
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
        known = np.array([self.ghosts.get(key, -1) for key in keys], dtype=np.int64)
        fresh = np.flatnonzero(known < 0)
        base = self.board.add_nodes(pa.array([keys[i] for i in fresh], pa.string()))
        known[fresh] = base + np.arange(len(fresh))
        self.ghosts.update({keys[i]: int(known[i]) for i in fresh})
        self.board.link(todo.node, known[number], method="ghost", confidence=CONFIDENCE["ghost"])
        earliest = np.full(len(first), np.iinfo(np.int64).max)
        np.minimum.at(earliest, number, todo.at)
        row = first[fresh]
        return _Open(known[fresh], todo.root[row], earliest[fresh], tails.take(pa.array(row)))

    def _root_id(self, root: int) -> str:
        return "" if root < 0 else str(self.board.ids[0][int(root)].as_py())

    def _end(self, todo: _Open) -> None:
        """A ghost at the top of its chain hangs on the stated root."""
        under = (todo.root >= 0) & (todo.node >= self.board.n)
        self.board.link(todo.node[under], todo.root[under], method="ghost", confidence=CONFIDENCE["ghost"])


def _pick(todo: _Open, rows: Ints) -> _Open:
    return _Open(todo.node[rows], todo.root[rows], todo.at[rows], todo.text.take(pa.array(rows)))


def _plain(text: pa.Array) -> pa.Array:
    """Text as compared: without spaces, dots of omission, and the words that the site fills in."""
    return pc.replace_substring_regex(pc.utf8_normalize(text, form="NFKC"), _FILLER, "")


def _named(name: pa.Array) -> pa.Array:
    """Names as compared; the same as `core.ids.normal_name`, for a whole column."""
    bare = pc.utf8_trim_whitespace(pc.utf8_normalize(name, form="NFKC"))
    return pc.utf8_lower(pc.utf8_trim_whitespace(pc.utf8_ltrim(bare, characters="@")))


def _authors(board: Board, accounts: Frame) -> tuple[pa.Array, Ints, Ints]:
    """Names, and which held post is by whom: post and name, a row for each name that its account had."""
    table = conform(accounts, "ACCOUNTS")
    known = table.filter(pc.is_valid(table["name"]))
    account = find(known["account_id"], board.account_ids)
    named = _named(known["name"].combine_chunks() if known.num_rows else pa.array([], pa.string()))
    in_id = pc.extract_regex(board.account_ids, r":@(?P<name>.+)$")
    own = np.flatnonzero(pc.is_valid(in_id).to_numpy(zero_copy_only=False))
    name, names = codes(pa.concat_arrays([named, in_id.take(pa.array(own)).field("name")]))
    pairs = np.unique(np.stack([np.r_[account, own], name]), axis=1)
    pairs = pairs[:, pairs[0] >= 0]
    start = np.searchsorted(pairs[0], board.account)
    count = np.searchsorted(pairs[0], board.account, side="right") - start
    post = np.repeat(np.arange(board.n), count)
    within = np.arange(len(post)) - np.repeat(np.cumsum(count) - count, count)
    return names, post, pairs[1][np.repeat(start, count) + within]


__all__ = ["chain"]
