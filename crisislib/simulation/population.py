"""Made-up people and outlets: names, followers, ages of accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crisislib.simulation.grammar import Ints, Texts, name_parts

ZH_PLATFORMS = ("weibo", "douyin", "forum")


def names(platform: str, index: Ints) -> Texts:
    """A unique made-up name for each account number of a platform.

    Parameters
    ----------
    platform : str
        Decides the language of the names.
    index : array of int, shape (n,)
        Account numbers from 0.

    Returns
    -------
    array of object, shape (n,)
        Names; with a number at the end once every pair of parts has been used.
    """
    lang = "zh" if platform in ZH_PLATFORMS else "en"
    head, tail = name_parts(f"head_{lang}"), name_parts(f"tail_{lang}")
    heads, tails = np.array(head, dtype=object), np.array(tail, dtype=object)
    # a multiplier prime to the number of pairs visits each pair once before a number must be added
    pair = index * 11 % (len(head) * len(tail))
    turn = index // (len(head) * len(tail))
    suffix = np.where(turn > 0, turn.astype(str).astype(object), "")
    return heads[pair % len(head)] + tails[pair // len(head)] + suffix  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Cast:
    """Who can speak on one platform: numbers 0 to `n_public` at any time, the next `n_crisis` in the crisis only.

    Number -1 is the brand's own account, -2 the influencer's.
    """

    platform: str
    n_public: int
    n_crisis: int


def accounts(rng: np.random.Generator, platform: str, index: Ints, *, end_us: int, fresh: bool = False) -> pd.DataFrame:
    """Rows of people: account number, native id, name, followers, age, kind.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    platform : str
        Where they are.
    index : array of int
        Account numbers; -1 is the brand, -2 the influencer.
    end_us : int
        Last instant of the drill, microseconds since 1970.
    fresh : bool
        Accounts made within weeks before the drill's end, with few followers.

    Returns
    -------
    pandas.DataFrame
        One row per number.
    """
    n = len(index)
    followers = np.minimum(rng.lognormal(3.0 if fresh else 5.2, 0.9 if fresh else 1.7, n), 2e7).astype(np.int64)
    age_days = rng.uniform(5, 60, n) if fresh else rng.gamma(3.0, 450.0, n) + 30
    frame = pd.DataFrame(
        {
            "number": index,
            "native": natives(index),
            "name": display_names(platform, index),
            "n_followers": followers,
            "is_verified": followers > 50_000,
            "kind": "person",
            "created_us": end_us - (age_days * 86_400e6).astype(np.int64),
        }
    )
    for number, size, kind in ((-1, 420_000, "organisation"), (-2, 3_100_000, "person")):
        at = frame["number"] == number
        frame.loc[at, "n_followers"], frame.loc[at, "is_verified"], frame.loc[at, "kind"] = size, True, kind
    if platform == "news":
        frame["kind"] = "media"
    return frame


def natives(index: Ints) -> Texts:
    """Platform ids of account numbers.

    Parameters
    ----------
    index : array of int, shape (n,)
        Account numbers; negative ones are the brand (-1) and the influencer (-2).

    Returns
    -------
    array of object, shape (n,)
        Decimal ids, the same for the same number.
    """
    return (1_000_000_000 + np.where(index < 0, 900_000_000 - index, index * 37)).astype(str).astype(object)


def display_names(platform: str, index: Ints) -> Texts:
    """Names as shown: the brand, the influencer, outlets, else made-up people.

    Parameters
    ----------
    platform : str
        Decides the pool of names.
    index : array of int, shape (n,)
        Account numbers; -1 is the brand, -2 the influencer.

    Returns
    -------
    array of object, shape (n,)
        Display names.
    """
    if platform == "news":
        pool = np.array(name_parts("outlets_zh") + name_parts("outlets_en"), dtype=object)
        return pool[np.maximum(index, 0) % len(pool)]  # type: ignore[no-any-return]
    made = names(platform, np.maximum(index, 0))
    made[index == -1] = name_parts("brand", platform)[0]
    made[index == -2] = name_parts("influencer", platform)[0]
    return made
