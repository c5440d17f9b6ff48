"""Explain: what posts say, by a language model that the user has set; each sentence is checked against its posts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import NotEnoughData
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import incident_of, latest_incident
from crisislib.engine.records import record
from crisislib.engine.team_change import TeamChange
from crisislib.engine.team_logbook import after_others
from crisislib.nlp.llm import MODEL, URL, as_finding, endpoint_from, gather, retitle, write
from crisislib.nlp.topics import rename

_DROPPED = N_("dropped, {why}: {sentence}")
SHORT_TEXT = 12
"""Characters from which a text can report something: a Chinese clause, or two English words."""
MOST_READ = 300
"""Posts that the model's sixty are chosen from: some are withheld because they speak to the machine."""


@dataclass(frozen=True)
class Explanation:
    """What a model wrote of some posts, after the check.

    Attributes
    ----------
    finding : Finding
        The sentences that their posts bear out, with citations `[1, 2]`, and the limits.
    cited : pandas.DataFrame
        `number`, `post_id`, `url`, in order of first citation.
    dropped : tuple of (str, str)
        Sentences that fell, and why (marked messages).
    """

    finding: Finding
    cited: pd.DataFrame
    dropped: tuple[tuple[str, str], ...]

    def dropped_in_words(self, language: str) -> list[str]:
        """The sentences that fell, each with the reason.

        Parameters
        ----------
        language : str
            `zh` or `en`.

        Returns
        -------
        list of str
            One line a sentence.
        """
        return [tr(_DROPPED, language, why=tr(why, language), sentence=sentence) for sentence, why in self.dropped]


def model_is_set() -> bool:
    """Whether the user has set a language model: it is off by default."""
    return bool(os.environ.get(URL) and os.environ.get(MODEL))


def incident_began(home: Home, watch: Watch) -> datetime | None:
    """When the open incident of a watch began; None where none is open.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    """
    row = latest_incident(home, watch)
    return None if row is None or row["status"] == "closed" else pd.Timestamp(row["opened_at"]).to_pydatetime()


def explain_incident(change: TeamChange, *, incident_id: str = "") -> Explanation:
    """What the posts since an incident began report and demand, recorded with who asked.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    Explanation
        See :func:`explain`.

    Raises
    ------
    CrisisError
        No such incident, no model, too few posts, or an answer that is none.
    """
    home, watch = change.home, change.watch
    incident = incident_of(home, watch, incident_id)
    made = explain(home, watch, since=incident["opened_at"].to_pydatetime(), until=change.now)
    own = str(incident["incident_id"])
    runs = home.lake.read("RUNS", watch=watch.watch, present=False)
    now = after_others(runs.loc[runs["job"] == "explain", "at"], change.now)
    record(home, watch, "explain", [made.finding], by=change.by, now=now, at=change.now, incident_id=own)
    return made


def explain(
    home: Home,
    watch: Watch,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    facts: Mapping[str, str] | None = None,
    draft: bool = False,
) -> Explanation:
    """What the posts of a window report and demand, in a few cited sentences; or a draft of a statement on them.

    Parameters
    ----------
    home : Home
        Where the lake lies.
    watch : Watch
        Whose posts.
    since, until : datetime, optional
        Posts created in [since, until); all when left out.
    facts : mapping, optional
        Name to sentence: what the user has confirmed and stands for; a draft may cite it.
    draft : bool
        A draft of a statement instead of a summary.

    Returns
    -------
    Explanation

    Raises
    ------
    ModelError
        No language model is set in the environment (`CRISIS_LLM_URL`, `CRISIS_LLM_MODEL`): it is off by default.
    NotEnoughData
        Fewer than three posts that may be shown to a model.
    SourceError
        The model did not answer as it should.
    """
    endpoint = endpoint_from(os.environ)
    posts = posts_to_summarize(home, watch, since=since, until=until)
    task = "draft" if draft else "summary"
    written = write(task, gather(posts, facts=facts), endpoint=endpoint)
    url = dict(zip(posts["post_id"].to_pylist(), posts["url"].to_pylist(), strict=True))
    cited = written.cited()
    table = pd.DataFrame(
        {"number": range(1, len(cited) + 1), "post_id": cited, "url": [url.get(c) or "" for c in cited]}
    )
    return Explanation(as_finding(f"llm.{task}", written), table, written.dropped)


def posts_to_summarize(home: Home, watch: Watch, *, since: datetime | None, until: datetime | None) -> pa.Table:
    """The posts that a summary should read: one of each text, the most copied first, then the most engaged.

    Texts of a few words, such as “link?” or a bare repost, come last: they are copied most and report nothing.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    since : datetime or None
        Event time from which.
    until : datetime or None
        Event time up to which, exclusive.

    Returns
    -------
    pyarrow.Table
        POSTS rows, at most :data:`MOST_READ`.

    Raises
    ------
    NotEnoughData
        No post of the window has text.
    """
    scope = {"watch": watch.watch, "since": since, "until": until}
    words = f"len(text) >= {SHORT_TEXT} AS says"
    acted = "coalesce(n_likes, 0) + coalesce(n_reposts, 0) + coalesce(n_replies, 0) AS acted"
    written = home.lake.sql("POSTS", **scope).filter("text <> ''")  # type: ignore[arg-type]
    posts = written.project(f"post_id, md5(text) AS own, {words}, {acted}").df()
    stories = home.lake.sql("LABELS", **scope).filter("label = 'narrative'").project("post_id, value").df()  # type: ignore[arg-type]
    if posts.empty:
        raise NotEnoughData(
            N_("there are no posts with words"), where=watch.watch, do=N_("crisis import, or widen the window")
        )
    rows = posts.merge(stories.drop_duplicates("post_id"), on="post_id", how="left")
    rows["value"] = rows["value"].fillna(rows["own"])
    rows["n"] = rows.groupby("value")["post_id"].transform("size")
    rows = rows.sort_values(["says", "n", "acted", "post_id"], ascending=[False, False, False, True]).drop_duplicates(
        "value"
    )
    chosen = pa.array(rows["post_id"].head(MOST_READ), pa.string())
    whole = home.lake.arrow("POSTS", **scope)
    order = pc.index_in(chosen, value_set=whole["post_id"].combine_chunks())
    return whole.take(order)


def title_topics(home: Home, watch: Watch, *, now: datetime) -> pd.DataFrame:
    """Let the language model give the present topics titles, where their posts support them.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    now : datetime
        Wall clock.
    """
    endpoint = endpoint_from(os.environ)
    rows = home.lake.read("TOPICS", watch=watch.watch)
    if rows.empty:
        raise NotEnoughData(
            N_("no topics were found yet"),
            where=watch.watch,
            do=N_("crisis run --watch {watch}"),
            facts={"watch": watch.watch},
        )
    newest = conform(rows[rows["at"] == rows["at"].max()], "TOPICS")
    after = retitle(newest, home.lake.arrow("POSTS", watch=watch.watch), endpoint=endpoint).to_pandas()
    before = newest.to_pandas()
    changed: pd.DataFrame = pd.concat(
        [_changed(before, after, column) for column in ("title_zh", "title_en")], ignore_index=True
    )
    if len(changed):
        mine = after[after["topic_id"].isin(changed["topic_id"])]
        home.lake.append("TOPICS", mine.assign(at=now, run_id=None))
        titles = {t.topic_id: {"zh": t.title_zh, "en": t.title_en} for t in mine.itertuples()}
        rename(home.lake.artifact(watch.watch, "models", "topics"), watch.watch, titles)
    return changed


def _changed(before: pd.DataFrame, after: pd.DataFrame, column: str) -> pd.DataFrame:
    """Topics whose title in one language is another now."""
    both = pd.DataFrame({"topic_id": before["topic_id"], "before": before[column], "after": after[column]}).fillna("")
    other: pd.DataFrame = both[both["before"] != both["after"]]
    return other
