"""The posts of a drill as they appear: an incident that nobody has answered, bent by what the team says and does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.watch import Watch
from crisislib.simulation.drill_responses import SHARE, SPOKEN, Response, rate_left, replies_to
from crisislib.simulation.incident import simulate
from crisislib.simulation.incident_truth import Truth
from crisislib.simulation.scenario_definition import Inject, Scenario

QUIET = timedelta(minutes=60)
"""Ordinary talk between the begin of a drill and the first post of its crisis: the team does not know when it comes."""
UNDER = 0.35
"""Share of later replies that speak to the answer, as under a statement of the simulator."""
COLUMNS = [
    "post_id", "platform", "kind", "account_id", "name", "followers", "verified", "created_at", "parent_id", "root_id",
    "text", "url", "likes", "reposts", "comments", "shown_at",
]  # fmt: skip
COPIES = 12
"""Posts that pass a leaked memo on within three quarters of an hour: enough to be seen as a version of its own."""


@dataclass
class DrillStream:
    """A simulated incident whose posts come as its clock runs.

    Parameters
    ----------
    pack : Scenario
        What happens.
    begin : datetime
        The day of the drill; its clock starts on that day, :data:`QUIET` before the first post of the crisis.
    seed : int
        Same seed, same incident.
    posts : int
        Of the whole simulation, three weeks of ordinary talk included.
    watch : str
        Name of the watch.
    language : str
        `zh` or `en`, of the watch.
    """

    pack: Scenario
    begin: datetime
    seed: int
    posts: int
    watch: str
    language: str
    cursor: int = 0
    answered: dict[str, str] = field(default_factory=dict)
    """Response -> the brand's own post with it."""

    def __post_init__(self) -> None:
        made = simulate(self.seed, self.posts, pack=self.pack, answers=False, watch=self.watch, language=self.language)
        assert made.truth.onset is not None
        days = (self.begin.date() - made.truth.onset.date()).days
        self.shift = timedelta(days=days)
        self.truth: Truth = made.truth
        self.brand: Watch = made.watch
        self.onset = made.truth.onset + self.shift
        self.start = self.onset - QUIET
        self._rng = np.random.default_rng(np.random.SeedSequence([self.seed, 7]))
        self._frame = self._table(made.posts.to_pandas(), made.accounts.to_pandas())
        self._luck = self._rng.random(len(self._frame))
        self._dropped: set[str] = set()

    def _table(self, posts: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
        crisis = self.truth.posts.set_index("post_id")[["crisis", "sentiment"]]
        people = accounts.drop_duplicates("account_id").set_index("account_id")
        posts = posts.join(crisis, on="post_id").sort_values("created_at", kind="stable")
        own = {
            "created_at": posts["created_at"] + self.shift, "likes": posts["n_likes"], "reposts": posts["n_reposts"],
            "comments": posts["n_replies"], "name": posts["account_id"].map(people["name"].to_dict()),
            "followers": posts["account_id"].map(people["n_followers"].to_dict()),
            "verified": posts["account_id"].map(people["is_verified"].to_dict()),
        }  # fmt: skip
        return posts.assign(**own).reset_index(drop=True)

    # -- what comes --------------------------------------------------------------------------------

    def until(self, at: datetime, responses: Sequence[Response]) -> pd.DataFrame:
        """The posts that have appeared since the last call.

        Parameters
        ----------
        at : datetime
            The drill's clock.
        responses : sequence of Response
            Everything that the team has done by then.

        Returns
        -------
        pandas.DataFrame
            :data:`COLUMNS`, in the order in which they can be seen; `shown_at` is later than `created_at` where a
            platform was out of order.
        """
        end = int(self._frame["created_at"].searchsorted(pd.Timestamp(at), side="right"))
        chunk, luck = self._frame.iloc[self.cursor : end], self._luck[self.cursor : end]
        self.cursor = end
        spoken = self._own_posts(responses, at)
        chunk = self._bent(chunk, luck, responses)
        chunk = self._under(chunk, responses)
        leaked = self._leaked(at)
        frame = pd.concat([part for part in (chunk, spoken, leaked) if len(part)] or [chunk], ignore_index=True)
        return self._delayed(frame)[COLUMNS].sort_values("shown_at", kind="stable", ignore_index=True)

    def injects(self) -> list[tuple[datetime, Inject]]:
        """What happens beside the posts, in order: calls, leaks, outages, with the moment of each."""
        timed = [(self.onset + timedelta(minutes=one.at_minutes), one) for one in self.pack.injects]
        return sorted(timed, key=lambda pair: pair[0])

    # -- how it bends ------------------------------------------------------------------------------

    def _bent(self, chunk: pd.DataFrame, luck: npt.NDArray[np.float64], responses: Sequence[Response]) -> pd.DataFrame:
        """Which posts appear; a negative one is the first not to, so that the mood turns with the volume."""
        if chunk.empty:
            return chunk.assign(shown_at=chunk["created_at"])
        rates = np.array([rate_left(self.pack, self.onset, t.to_pydatetime(), responses) for t in chunk["created_at"]])
        mild = (chunk["sentiment"] != "negative").to_numpy()
        appears = luck < np.where(mild & (rates < SHARE), np.sqrt(rates * SHARE), rates)
        first = chunk["post_id"].isin([self.truth.root_id, self.truth.influencer_id]).to_numpy()
        shown = ~chunk["crisis"].to_numpy(dtype=bool) | appears | first
        self._dropped |= set(chunk.loc[~shown, "post_id"])
        chunk = chunk[shown]
        gone = chunk["parent_id"].isin(self._dropped)
        chunk = chunk.assign(parent_id=chunk["parent_id"].mask(gone, chunk["root_id"]), shown_at=chunk["created_at"])
        lost = chunk["root_id"].isin(self._dropped)
        return chunk.assign(
            parent_id=chunk["parent_id"].mask(lost, None), root_id=chunk["root_id"].mask(lost, None),
            kind=chunk["kind"].mask(lost & (chunk["kind"] == "repost"), "post"),
        )  # fmt: skip

    # -- the brand's own words, and what people say to them ------------------------------------------

    def _own_posts(self, responses: Sequence[Response], at: datetime) -> pd.DataFrame:
        """A post of the brand for each public answer that has not been shown yet."""
        new = [r for r in responses if r.kind in SPOKEN and r.response_id not in self.answered and r.at <= at]
        if not new:
            return self._frame.iloc[:0].assign(shown_at=self._frame["created_at"].iloc[:0])
        home = "weibo" if self.pack.root.lang == "zh" else "x"
        account = next(one for one in self.brand.brand.accounts if one.startswith(f"{home}:"))
        mine = self._frame[self._frame["account_id"] == account]
        rows = []
        for one in new:
            native = str(5_200_000_000_000_000 + int(self._rng.integers(1 << 40)))
            self.answered[one.response_id] = f"{home}:{native}"
            rows.append({
                "post_id": f"{home}:{native}", "platform": home, "kind": "post", "account_id": account,
                "name": mine["name"].iloc[0] if len(mine) else self.brand.brand.names[0], "followers": 800_000,
                "verified": True, "created_at": pd.Timestamp(one.at), "parent_id": None, "root_id": None,
                "text": one.text, "url": f"https://{home}.example/{native}", "likes": 0, "reposts": 0, "comments": 0,
                "sentiment": "neutral", "crisis": True, "shown_at": pd.Timestamp(at),
            })  # fmt: skip
        return pd.DataFrame(rows)

    def _under(self, chunk: pd.DataFrame, responses: Sequence[Response]) -> pd.DataFrame:
        """Some of the later replies speak to the brand's newest answer, as people do who accept or doubt it."""
        spoken = [r for r in responses if r.response_id in self.answered]
        if not spoken or chunk.empty:
            return chunk
        last = max(spoken, key=lambda r: r.at)
        post = self.answered[last.response_id]
        replies = chunk["kind"].isin(["comment", "reply", "repost"]) & chunk["crisis"].astype(bool)
        replies &= (chunk["platform"] == post.split(":")[0]) & (chunk["created_at"] > pd.Timestamp(last.at))
        chosen = np.flatnonzero(replies.to_numpy() & (self._rng.random(len(chunk)) < UNDER))
        if not len(chosen):
            return chunk
        text = chunk["text"].to_numpy(dtype=object, copy=True)
        text[chosen] = replies_to(last, self.pack, self._rng, len(chosen))
        under = np.isin(np.arange(len(chunk)), chosen)
        kind = "reply" if post.startswith("x:") else "comment"
        return chunk.assign(
            text=text, kind=chunk["kind"].mask(under, kind), parent_id=chunk["parent_id"].mask(under, post),
            root_id=chunk["root_id"].mask(under, post),
        )  # fmt: skip

    # -- injects that are seen in the posts ----------------------------------------------------------

    def _leaked(self, at: datetime) -> pd.DataFrame:
        """Posts with a leaked memo: one with its words at its moment, and copies in the half hour after."""
        rows = []
        for number, (moment, one) in enumerate(self.injects()):
            if one.kind != "memo":
                continue
            rng = np.random.default_rng(np.random.SeedSequence([self.seed, 11, number]))
            minutes = np.concatenate([[0.0], np.sort(rng.uniform(2, 45, COPIES))])
            owner = self._frame["account_id"][self._frame["platform"] == self.pack.root.platform].to_numpy(dtype=object)
            for place, after in enumerate(minutes):
                made = moment + timedelta(minutes=float(after))
                native = f"{4_900_000_000_000_000 + number * 1_000_000 + place}"
                key = f"{self.pack.root.platform}:{native}"
                if made <= at and key not in self.answered:
                    self.answered[key] = ""
                    text = one.words[self.pack.root.lang]
                    rows.append({
                        "post_id": key, "platform": self.pack.root.platform, "kind": "post",
                        "account_id": str(owner[rng.integers(len(owner))]), "name": "", "followers": 900,
                        "verified": False, "created_at": pd.Timestamp(made), "parent_id": None, "root_id": None,
                        "text": text if place == 0 else f"{text} {self.pack.hashtag[self.pack.root.lang]}",
                        "url": f"https://{self.pack.root.platform}.example/{native}", "likes": 0, "reposts": 0,
                        "comments": 0, "sentiment": "negative", "crisis": True, "shown_at": pd.Timestamp(made),
                    })  # fmt: skip
        return pd.DataFrame(rows)

    def _delayed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """While a platform is out of order nothing of it can be seen; what was written meanwhile comes afterwards."""
        for moment, one in self.injects():
            if one.kind != "outage":
                continue
            end = pd.Timestamp(moment + timedelta(minutes=one.minutes))
            dark = (frame["platform"] == one.platform) & frame["created_at"].between(pd.Timestamp(moment), end)
            frame = frame.assign(shown_at=frame["shown_at"].mask(dark, end))
        return frame
