"""Where quotations begin inside a text: findings quote a sentence or a clause, seldom a whole post."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from crisislib.core.memory_database import session
from crisislib.core.tables import TABLES
from crisislib.lake.personal_data.trace_words import WORDS
from crisislib.lake.queries import Bounds, read_sql
from crisislib.lake.store import Lake

_BREAK = (
    r"[。！？!?；;…，,：:\n]+\s*|[.]\s+|\s+[–—-]\s+|https?://\S+\s*|[@＠][^\s:：,，@/]+[:：]?\s*"
    r"|[#＃][^#＃\s]+[#＃]?\s*|\[[^\[\]\s]{1,12}\]\s*|[【】]"
)
"""After which a sentence or clause begins: marks, and what is no word of the writer's (addresses, names, hashtags)."""
CLAUSES = 8
"""Of which the beginning of a passage is made: far more than its letters need."""
_PASSAGES = f"""
SELECT DISTINCT passage FROM (
    SELECT left(
        trim(regexp_replace(array_to_string(list_slice(parts, place, place + {CLAUSES}), ''), '\\s+', ' ', 'g')),
        {2 * WORDS}
    ) AS passage
    FROM (SELECT parts, unnest(range(2, len(parts) + 1)) AS place FROM (
        SELECT string_split(regexp_replace(value, '{_BREAK}', '\\0' || chr(30), 'g'), chr(30)) AS parts
        FROM ($values) WHERE value IS NOT NULL
    ))
) WHERE length(passage) >= {WORDS}
"""
_OTHERS = r"""
SELECT regexp_replace(unnest([text, title]), '(?s)(//\s*[@＠]|\bRT\s+@).*', '') AS value FROM ({rows})
WHERE account_id IS DISTINCT FROM $account
"""
"""Texts of others up to where they quote somebody: what they repeat of a person is not their own."""


def own_passages(lake: Lake, texts: Collection[str], account_id: str) -> frozenset[str]:
    """The beginnings of sentences and clauses of some texts that nobody else wrote.

    Parameters
    ----------
    lake : Lake
        With the posts of others.
    texts : collection of str
        What a person wrote.
    account_id : str
        Of the person.

    Returns
    -------
    frozenset of str
        Each with the letters by which a quotation is known, without the beginnings of the texts themselves.
    """
    if not texts:
        return frozenset()
    spec = TABLES["POSTS"]
    files = lake.tables.files(spec, lake.tables.present(spec.name), [Bounds()])
    with session() as db:
        db.register("own_texts", pa.table({"value": pa.array(sorted(texts), pa.string())}))
        db.execute(f"CREATE TEMP TABLE own AS {_PASSAGES.replace('$values', 'FROM own_texts')}")
        if files:
            others = _PASSAGES.replace("$values", _OTHERS.format(rows=read_sql(spec, files)))
            db.execute(f"DELETE FROM own WHERE passage IN ({others})", {"account": account_id})
        return frozenset(row[0] for row in db.execute("FROM own").fetchall())
