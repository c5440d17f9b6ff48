"""Weibo repost chains: `own words//@B:…//@C:…` says that the parent is B, whose parent is C."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.ids import normal_name, short_hash
from crisislib.core.tables import conform
from crisislib.spread.forest import Ints
from crisislib.spread.links.confidence import CONFIDENCE
from crisislib.spread.links.found import Board, joint, latest_before
from crisislib.spread.posts import NEVER, Frame, codes, find

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


def chain(board: Board, accounts: Frame) -> None:
    """Edges from repost chains; people who are quoted but not held become ghosts.

    Notes
    -----
    The parent is B's latest post that is not later, in the same root where roots are known, whose
    text equals the quoted tail; else whose text begins like it (posts were cut at 140 characters);
    else B's latest post there. Without any, a ghost stands for B's post and the rest of the chain is
    followed from it.
    """
    text = pc.fill_null(board.posts["text"], "").combine_chunks()
    if board.n == 0:
        return
    who = np.flatnonzero(board.open & pc.match_substring_regex(text, _MARK).to_numpy(zero_copy_only=False))
    if not len(who):
        return
    book = _Book(board, accounts, text)
    todo = _Open(who, board.root[who], board.at[who], text.take(pa.array(who)))
    for _ in range(_ROUNDS):
        if not len(todo.node):
            return
        todo = book.step(todo)


class _Book:
    """Who is called what, and the held posts as candidates for a parent."""

    def __init__(self, board: Board, accounts: Frame, text: pa.Array) -> None:
        self.board = board
        self.names, self.account = _names(board, accounts)
        self.text, self.words = codes(_plain(text))
        self.starts, self.heads = codes(pc.utf8_slice_codeunits(_plain(text), 0, _PREFIX))
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
        person = _person(name, self.names)
        parent = np.full(len(todo.node), -1, dtype=np.int64)
        how = np.full(len(todo.node), "", dtype=object)
        own = np.where(todo.node < self.board.n, todo.node, -1)
        rules = ((exact, self.text, "chain"), (head, self.starts, "chain"), (None, None, "name"))
        for wanted, held, method in rules:
            keys = [todo.root + 1, person] + ([] if wanted is None else [wanted])
            have = [self.board.root + 1, self.account] + ([] if held is None else [held])
            both = joint(*(np.r_[k, h] for k, h in zip(keys, have, strict=True)))
            hit = latest_before(both[: len(own)], todo.at, both[len(own) :], self.board.at, own)
            new = (parent < 0) & (hit >= 0)
            parent[new], how[new] = hit[new], method
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


def _person(name: pa.Array, names: dict[str, int]) -> Ints:
    number, distinct = codes(name)
    known = np.array([names.get(normal_name(n), -1) for n in distinct.to_pylist()] + [-1], dtype=np.int64)
    return known[number]


def _names(board: Board, accounts: Frame) -> tuple[dict[str, int], Ints]:
    """Number of the person behind each name, and the person of each held post."""
    table = conform(accounts, "ACCOUNTS")
    person: dict[str, int] = {}
    of_account: dict[str, int] = {}
    pairs = zip(table["account_id"].to_pylist(), table["name"].to_pylist(), strict=True)
    known = {(a, normal_name(n)) for a, n in pairs if n}
    known |= {(a, a.split(":@", 1)[1]) for a in board.account_ids.to_pylist() if ":@" in a}
    for account, name in sorted(known):
        number = person.get(name, of_account.get(account, len(person)))
        person[name] = number
        of_account.setdefault(account, number)
    by_account = np.array([of_account.get(a, -1) for a in board.account_ids.to_pylist()] + [-1], dtype=np.int64)
    return person, by_account[board.account]


__all__ = ["NEVER", "chain"]
