"""Titles of topics by a language model, where their posts bear them out."""

from __future__ import annotations

import json
import re

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import NotEnoughData
from crisislib.core.tables import conform
from crisislib.nlp.llm.cited_evidence import gather
from crisislib.nlp.llm.endpoint import Endpoint
from crisislib.nlp.llm.generation import write

LONGEST = 60
"""Characters of a title: longer ones do not fit a chart's label."""


def retitle(topics: pa.Table, posts: pa.Table, *, endpoint: Endpoint) -> pa.Table:
    """The topics with titles by a language model; a title that their posts do not bear out is not taken.

    Parameters
    ----------
    topics : pyarrow.Table
        TOPICS with representative posts in `evidence`.
    posts : pyarrow.Table
        POSTS that hold them.
    endpoint : Endpoint

    Returns
    -------
    pyarrow.Table
        TOPICS. Only the title in the language of the posts changes (the other cannot be checked against them);
        `evidence` names the model. Topics with too few posts keep their titles.

    Raises
    ------
    SourceError
        The endpoint did not answer as it should.
    """
    frame = conform(topics, "TOPICS").to_pandas()
    for place, row in frame.iterrows():
        ids = json.loads(row["evidence"]).get("posts", []) if row["evidence"] else []
        mine = posts.filter(pc.is_in(posts["post_id"], value_set=pa.array(ids, pa.string())))
        try:
            evidence = gather(mine)
        except NotEnoughData:
            continue
        written = write("title", evidence, endpoint=endpoint).sentences
        if written and len(written[0].text) <= LONGEST:
            language = "zh" if re.search(r"[\u3400-\u9fff]", written[0].text) else "en"
            frame.loc[place, f"title_{language}"] = written[0].text.rstrip("。.")
            evidence_now = {**json.loads(row["evidence"]), "title_by": endpoint.model}
            frame.loc[place, "evidence"] = json.dumps(evidence_now, ensure_ascii=False)
    return conform(pd.DataFrame(frame), "TOPICS")
