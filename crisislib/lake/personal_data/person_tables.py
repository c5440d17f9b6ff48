"""The tables as a store of personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crisislib.core.table_definitions import Table
from crisislib.core.tables import TABLES
from crisislib.lake.personal_data import rows as rules
from crisislib.lake.personal_data.person import Person
from crisislib.lake.personal_data.personal_store import Place, Removal
from crisislib.lake.personal_data.retention import Expired, expired_posts
from crisislib.lake.rewriting import chunks, purge, replace_rows
from crisislib.lake.store import Lake

LAST = ("POSTS", "ACCOUNTS")
"""A person is recognised by these, and accounts are kept for their posts: a run that was killed finds them again."""
ABOUT, REFERRING, QUOTING = "rows about it", "rows that refer to it", "rows of others that name it"
OLD, CITING, VERSIONS = "rows", "rows that quote older posts", "files of older versions"
QUOTING_POSTS = ("FINDINGS", "TOPICS", "INCIDENTS", "ALERTS", "GROUPS", "RISKS", "RUNS")
"""Newer rows of these quote older posts, by their words or, in lists of evidence, by their ids; in the other tables an
id is the place of a newer post in a tree, which stays."""


class Tables:
    """Every table of the lake, with its log and the files of its older versions."""

    name = "tables"

    def erase(self, place: Place, person: Person, *, quotes: bool, dry_run: bool) -> list[Removal]:
        """Delete the person's rows, replace references to them by placeholders, redact what was derived from them.

        Parameters as for :meth:`.Store.erase`; without `quotes`, rows of others that name the person are only counted;
        unless it is a dry run, every table is purged of its older versions, also one without such rows.

        Returns
        -------
        list of Removal
            Rows deleted, referring and quoting, table by table.

        Raises
        ------
        LakeError
            A table has columns of a newer version of this software.
        """
        result = []
        for spec in _in_order():
            change = self._counts(place.lake, spec, person, quotes=quotes)
            for what, n in ((ABOUT, change[0]), (REFERRING, change[1]), (QUOTING, change[2])):
                if n:
                    result.append(Removal(self.name, spec.name, what, n, quotes=what == QUOTING))
            if dry_run:
                continue
            if change[0] or change[1] or (quotes and change[2]):
                parts = chunks(place.lake, spec.name)
                clean = (rules.erased(spec, part, person, quotes=quotes).rows for part in parts)
                replace_rows(place.lake, spec.name, clean)
            purge(place.lake, spec.name)
        return result

    def _counts(self, lake: Lake, spec: Table, person: Person, *, quotes: bool) -> tuple[int, int, int]:
        deleted = redacted = quoted = 0
        for part in chunks(lake, spec.name):
            change = rules.erased(spec, part, person, quotes=quotes)
            deleted, redacted = deleted + change.deleted, redacted + change.redacted
            quoted += change.quoted
        return deleted, redacted, quoted

    def expire(self, place: Place, watch: str, before: datetime, *, dry_run: bool) -> list[Removal]:
        """Delete a watch's rows from before an instant, what newer rows quote of them, and accounts without posts.

        Parameters as for :meth:`.Store.expire`; the instant is an event time.

        Returns
        -------
        list of Removal
            Rows deleted, rows that lose a quotation, and files of older versions removed, table by table.

        Raises
        ------
        LakeError
            A table has columns of a newer version of this software.
        """
        lake = place.lake
        posts = expired_posts(lake, watch, before)
        result = []
        for spec in _in_order():
            old = Expired(lake, spec, watch, before)
            traces = posts if spec.name in QUOTING_POSTS else None
            n, quotes = old.count(), old.quotations(traces)
            result += [Removal(self.name, spec.name, OLD, n)] if n else []
            result += [Removal(self.name, spec.name, CITING, quotes)] if quotes else []
            if dry_run or not (n or quotes or old.stale(traces)):
                continue
            if n or quotes:
                replace_rows(lake, spec.name, old.others(traces))
            result.append(Removal(self.name, spec.name, VERSIONS, purge(lake, spec.name)))
        return result

    def export(self, place: Place, person: Person) -> dict[str, list[dict[str, Any]]]:
        """The person's rows of each table.

        Parameters as for :meth:`.Store.export`.

        Returns
        -------
        dict[str, list of dict]
            Table → rows as column → value; tables without such rows are left out.
        """
        result = {}
        for spec in _in_order():
            parts = [part.filter(rules.own(spec, part, person)).to_pylist() for part in chunks(place.lake, spec.name)]
            if any(parts):
                result[spec.name] = [row for part in parts for row in part]
        return result


def _in_order() -> list[Table]:
    return [TABLES[n] for n in (*(n for n in TABLES if n not in LAST), *LAST)]
