"""What people decided about incidents: opened, retyped, renamed, merged, split, closed; by whom, when and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.core.levels import LEVEL_NAMES
from crisislib.core.phrase import Listing, Phrase
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_corrections import history
from crisislib.engine.rendering import KINDS
from crisislib.warn.classification import STANDINGS

BY_RULE = re.compile(r"@\d+$")
"""How the author of a row ends that a rule wrote, such as `index@1`."""
DECISION = N_("{at}: {incident}: {what}, by {by}: {why}")
_OPENED, _CLOSED, _REOPENED = N_("incident opened, level {level}"), N_("incident closed"), N_("incident opened again")
_TAKEN, _LEVEL = N_("incident acknowledged"), N_("level changed to {level}")
_KIND, _STANDING = N_("kind changed from {before} to {now}"), N_("the claim counts as {standing}")
_RENAMED, _CONFIRMED = N_("renamed “{title}”"), N_("kind {kind} confirmed")
_MERGED, _JOINED = N_("merged into {other}"), N_("{other} merged into it")
_SPLIT, _SPLIT_OFF = N_("split: what came after {cut} is {other}"), N_("split off {other}")


def incident_decisions(
    home: Home, watch: Watch, *, since: datetime, until: datetime, incident_id: str = ""
) -> list[tuple[pd.Timestamp, Phrase]]:
    """What people decided about the incidents of a watch in a span of time.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    since, until : datetime
        From when to when.
    incident_id : str
        Of one incident only; of all when empty.

    Returns
    -------
    list of (pandas.Timestamp, Phrase)
        When, and what with the incident, who and why; oldest first. What rules did is not among it.
    """
    rows = [{str(key): value for key, value in one.items()} for one in history(home, watch).to_dict("records")]
    latest: dict[str, dict[str, Any]] = {}
    found = []
    for row in rows:
        own = str(row["incident_id"])
        before, latest[own] = latest.get(own), row
        wanted = since <= row["at"] <= until and (not incident_id or own == incident_id)
        if wanted and (what := _decided(row, before, rows, watch)):
            at = f"{row['at'].astimezone(watch.zone):%m-%d %H:%M}"
            facts = {"at": at, "incident": own, "what": Listing(tuple(what)), "by": _text(row, "by")}
            found.append((row["at"], Phrase(DECISION, facts | {"why": _text(row, "note") or "–"})))
    return found


def _decided(
    row: Mapping[str, Any], before: Mapping[str, Any] | None, rows: list[dict[str, Any]], watch: Watch
) -> list[Phrase]:
    """What a row changes, where a person wrote it."""
    by, note = _text(row, "by"), _text(row, "note")
    if not by or BY_RULE.search(by) or (before is None and not note):
        return []
    level = Phrase(LEVEL_NAMES.get(str(row["level"]), str(row["level"])))
    if before is None:
        origin = _split_from(row, rows)
        return [Phrase(_OPENED, {"level": level}), *([Phrase(_SPLIT_OFF, {"other": origin})] if origin else [])]
    what = _state(row, before, rows, watch)
    if row["level"] != before["level"]:
        what.append(Phrase(_LEVEL, {"level": level}))
    if row["kind"] != before["kind"]:
        what.append(Phrase(_KIND, {"before": _kind(before), "now": _kind(row)}))
    if (standing := _text(row, "standing")) and standing != _text(before, "standing"):
        what.append(Phrase(_STANDING, {"standing": Phrase(STANDINGS.get(standing, standing))}))
    if (title := _text(row, "title")) != _text(before, "title"):
        what.append(Phrase(_RENAMED, {"title": title}))
    if gone := _joining(row, rows):
        what.append(Phrase(_JOINED, {"other": gone}))
    return what or [Phrase(_CONFIRMED, {"kind": _kind(row)})]


def _state(row: Mapping[str, Any], before: Mapping[str, Any], rows: list[dict[str, Any]], watch: Watch) -> list[Phrase]:
    """That an incident was taken, closed, merged, split or opened again."""
    state = str(row["status"])
    if state == before["status"] and _text(row, "merged_into") == _text(before, "merged_into"):
        return []
    if into := _text(row, "merged_into"):
        return [Phrase(_MERGED, {"other": into})]
    if state == "closed":
        second = next((one for one in rows if _split_from(one, [dict(row)])), None)
        if second is None:
            return [Phrase(_CLOSED)]
        cut = f"{row['closed_at'].astimezone(watch.zone):%m-%d %H:%M}"
        return [Phrase(_SPLIT, {"cut": cut, "other": str(second["incident_id"])})]
    return [Phrase(_TAKEN if state == "acknowledged" else _REOPENED)]


def _split_from(second: Mapping[str, Any], rows: list[dict[str, Any]]) -> str:
    """The incident that ended where another begins, by the same hand for the same reason."""
    return next((
        str(one["incident_id"]) for one in rows
        if one["incident_id"] != second["incident_id"] and one["status"] == "closed" and pd.notna(one["closed_at"])
        and one["closed_at"] == second["opened_at"] and one["by"] == second["by"] and one["note"] == second["note"]
    ), "")  # fmt: skip


def _joining(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> str:
    """The incident that was merged into this one, by the same hand for the same reason, just before."""
    return next((
        str(one["incident_id"]) for one in reversed(rows)
        if one["merged_into"] == row["incident_id"] and one["by"] == row["by"] and one["note"] == row["note"]
        and one["at"] <= row["at"]
    ), "")  # fmt: skip


def _kind(row: Mapping[str, Any]) -> Phrase:
    kind = _text(row, "kind") or "other"
    return Phrase(KINDS.get(kind, kind))


def _text(row: Mapping[str, Any], column: str) -> str:
    return value if isinstance(value := row.get(column), str) else ""
