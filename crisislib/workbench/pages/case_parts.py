"""On the response page: what was done last time, and what a language model of the user says of the posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from crisislib.engine.case_library import case_in_words, like_incident
from crisislib.engine.explanation import model_is_set
from crisislib.workbench.evidence_table import short
from crisislib.workbench.pages.evidence_model import web_address
from crisislib.workbench.pages.reading import Reading

CASES = 3
"""Cases that a reader takes in beside the plan; `crisis cases` has more."""
LETTERS = 160
"""Letters of a cited post that a line shows."""


@dataclass(frozen=True)
class Summary:
    """What the model wrote of an incident's posts when somebody last asked.

    Attributes
    ----------
    offered : bool
        Whether a model is set, so that it can be asked.
    text : str
        The sentences that their posts bear out, or that there are none; empty where nobody has asked.
    lines : sequence of str
        When, and what to mind.
    cited : sequence of sequence
        Number and words of each cited post, with its address.
    """

    offered: bool
    text: str = ""
    lines: Sequence[str] = ()
    cited: Sequence[Sequence[object]] = ()


def cases_of(reading: Reading, incident: str) -> list[tuple[str, list[str]]]:
    """The past cases most like an incident, as `crisis cases` has them.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id; empty where there is none.

    Returns
    -------
    list of (str, list of str)
        Head with the reasons, and lines.
    """
    if not incident:
        return []
    home, watch = reading.snapshot.home, reading.snapshot.watch
    found = reading.snapshot.once(
        ("cases", incident), lambda: like_incident(home, watch, incident_id=incident, most=CASES)
    )
    parts = [case_in_words(one, reading.language) for one in found]
    return [(head, [line.strip() for line in lines]) for head, *lines in parts]


def summary_of(reading: Reading, incident: str) -> Summary:
    """What a language model wrote of an incident when it was last asked.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id; empty where there is none.

    Returns
    -------
    Summary
    """
    offered = bool(incident) and model_is_set()
    found = reading.findings("llm.summary", incident) if incident else []
    if not found:
        return Summary(offered)
    made = found[-1]
    return Summary(
        offered, made.render(reading.language), made.caveats(reading.language), _cited(reading, made.post_ids)
    )


def _cited(reading: Reading, posts: Sequence[str]) -> list[list[object]]:
    snapshot, wanted = reading.snapshot, list(posts)

    def read() -> pd.DataFrame:
        ids = ", ".join("'" + one.replace("'", "''") + "'" for one in wanted)
        rows = snapshot.lake.sql("POSTS", watch=snapshot.watch.watch).filter(f"post_id IN ({ids or 'NULL'})")
        made: pd.DataFrame = rows.project("post_id, text, url").to_arrow_table().to_pandas()
        return made.drop_duplicates("post_id", keep="last").set_index("post_id")

    rows = snapshot.once(("cited", *wanted), read)
    shown: list[list[object]] = []
    for number, post in enumerate(wanted, 1):
        text = short(rows.at[post, "text"], LETTERS) if post in rows.index else post
        link = web_address(rows.at[post, "url"]) if post in rows.index else ""
        shown.append([f"[{number}]", {"text": text, "href": link} if link else text])
    return shown
