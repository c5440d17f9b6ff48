"""Words for the keys that tables hold: one door to the stages' own words, for whoever renders them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crisislib.core.i18n import N_
from crisislib.core.phrase import Both, Phrase
from crisislib.core.watch import Watch

KINDS: dict[str, str] = {
    "rumour": N_("rumour"),
    "data_breach": N_("data breach"),
    "malicious_attack": N_("malicious attack"),
    "product_harm": N_("product harm"),
    "service_outage": N_("service outage"),
    "executive_misconduct": N_("executive misconduct"),
    "labour": N_("labour dispute"),
    "discrimination": N_("discrimination"),
    "other": N_("unclassified"),
}
"""Kinds of crisis."""

STATUS: dict[str, str] = {
    "open": N_("ongoing"),
    "acknowledged": N_("taken in hand"),
    "closed": N_("closed"),
}
"""States of an incident."""

TITLE = N_("{brand}: {kind}, since {since}")


def incident_title(row: Mapping[Any, Any], watch: Watch) -> Phrase | str:
    """Title of an incident: what a person called it, else brand, kind and begin."""
    given = row.get("title")
    if isinstance(given, str) and given:
        return given
    since = row["opened_at"].astimezone(watch.zone).strftime("%Y-%m-%d %H:%M")
    kind = str(row["kind"])
    return Phrase(TITLE, {"brand": brand(watch), "kind": Phrase(KINDS.get(kind, kind)), "since": since})


def brand(watch: Watch) -> Both:
    """The brand's name in either script, the first where there is none in it."""
    names = watch.brand.names
    latin = next((name for name in names if name.isascii()), names[0])
    return Both(next((name for name in names if not name.isascii()), names[0]), latin)


def posts_of(cell: object) -> list[str]:
    """Post ids in an evidence cell: a JSON list, or an object with a list under `post_ids` or `posts`."""
    if not isinstance(cell, str) or not cell.strip().startswith(("[", "{")):
        return []
    found = json.loads(cell)
    if isinstance(found, dict):
        found = found.get("post_ids", found.get("posts", []))
    return [p for p in found if isinstance(p, str)] if isinstance(found, list) else []
