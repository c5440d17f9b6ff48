"""From a YAML file to a playbook, or to every fault in it with file, line and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from crisislib.core.errors import PlaybookError
from crisislib.core.i18n import N_
from crisislib.core.located import at_line, line_of, spot
from crisislib.core.phrase_types import Phrase
from crisislib.core.schema_faults import Place, Words
from crisislib.core.schema_faults import faults as schema_faults
from crisislib.respond.playbook import BY_ID, Playbook
from crisislib.respond.roles_resources import Vocabulary, titles
from crisislib.respond.yaml_files import parsed

_OWN = ("playbook", "kinds", "title")
"""Keys that a playbook does not take from its base: it is another one, for other crises."""
_TITLES = {"roles": "roles", "resources": "resources", "kind_titles": "kinds"}


def read_playbook(
    path: Path, folders: Sequence[Path], words: Vocabulary
) -> tuple[Playbook | None, list[PlaybookError]]:
    """Read one file.

    Parameters
    ----------
    path : Path
        The YAML file, named like its `playbook:`.
    folders : sequence of Path
        Where its `base` is looked for, in order.
    words : Vocabulary
        Roles, resources and kinds that it may name; what it brings along itself is added.

    Returns
    -------
    playbook : Playbook or None
        With what it takes from its base; None where something is wrong.
    faults : list of PlaybookError
        Everything that is wrong, each with file, line and what to do.
    """
    try:
        own, node = parsed(path)
        whole, chain = _with_base(path, folders, ())
        for each in chain:
            words = _with_titles(words, each)
    except PlaybookError as fault:
        return None, [fault]
    faults: list[PlaybookError] = []
    book = None
    try:
        book = Playbook.model_validate(whole, context=words)
    except ValidationError as fault:
        faults = [_fault(*one, path, node, own, whole) for one in schema_faults(fault, Playbook, whole)]
    if own.get("playbook") != path.stem and isinstance(own.get("playbook"), str):
        faults.append(
            PlaybookError(
                N_("the file is called {stem} and its playbook {playbook}"),
                where=at_line(path, line_of(node, ["playbook"])),
                do=N_("write `playbook: {stem}` or rename the file"),
                facts={"stem": path.stem, "playbook": repr(own["playbook"])},
            )
        )
    return (None if faults else book), faults


def _with_base(
    path: Path, folders: Sequence[Path], visited: tuple[Path, ...]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A file's keys over those of its base and its base's base; and the files, the base first."""
    own, node = parsed(path)
    base = own.get("base")
    if not base:
        return dict(own), [own]
    visited = (*visited, path)
    # A playbook may extend the shipped one of its own name: a file is never its own base.
    places = [folder / f"{base}.yml" for folder in dict.fromkeys([path.parent, *folders])]
    found = next((p for p in places if p.is_file() and p not in visited), None)
    if found is None:
        raise PlaybookError(
            N_("its base {base} is not there"),
            where=at_line(path, line_of(node, ["base"])),
            do=N_("write `base: common`, or add {missing}.yml beside it"),
            facts={"base": repr(base), "missing": base},
        )
    below, chain = _with_base(found, folders, visited)
    return _merged(below, own), [*chain, own]


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The base with the own keys in place of its own; listed items by id."""
    whole = {**{key: value for key, value in base.items() if key not in _OWN}, **own}
    for name in ("places", *_TITLES):
        if isinstance(own.get(name, {}), dict):
            whole[name] = {**base.get(name, {}), **own.get(name, {})}
    for name in BY_ID:
        listed, below = own.get(name, []), base.get(name, [])
        if not isinstance(listed, list) or not isinstance(below, list):
            continue  # the schema says what is wrong with it
        mine = {item["id"]: item for item in listed if isinstance(item, dict) and isinstance(item.get("id"), str)}
        kept = [mine.get(item.get("id"), item) if isinstance(item, dict) else item for item in below]
        whole[name] = kept + [item for item in listed if not any(item is one for one in kept)]
    return whole


def _with_titles(words: Vocabulary, data: Mapping[str, Any]) -> Vocabulary:
    """The vocabulary with what a playbook brings along; what is no title is left for the schema to name."""
    for key, name in _TITLES.items():
        try:
            words = words.joined(name, titles(data.get(key, {})))
        except ValidationError:
            continue
    return words


def _fault(
    place: Place, what: Words, do: Words, path: Path, node: yaml.Node, own: Mapping[str, Any], whole: Mapping[str, Any]
) -> PlaybookError:
    facts = {"spot": spot(place), "what": what, "remedy": do if do.render("en") else Phrase(N_("common.yml shows how"))}
    line, mine = _line_in_file(place, own, whole)
    if not mine:
        return PlaybookError(
            N_("{spot}, from its base: {what}"),
            where=str(path),
            do=N_("{remedy}"),
            facts=facts,
        )
    return PlaybookError(
        N_("{spot}: {what}"),
        where=at_line(path, line_of(node, line)),
        do=N_("{remedy}"),
        facts=facts,
    )


def _line_in_file(
    loc: Sequence[int | str], own: Mapping[str, Any], whole: Mapping[str, Any]
) -> tuple[list[int | str], bool]:
    """Where an error stands in the file itself, and whether it does; a base may have brought the item along."""
    place = list(loc)
    if len(place) < 2 or place[0] not in BY_ID or not isinstance(place[1], int):
        return place, True
    item, listed = whole[str(place[0])][place[1]], own.get(str(place[0]), [])
    at = next((i for i, one in enumerate(listed) if one is item), None)
    if at is None:
        return place, False
    return [place[0], at, *place[2:]], True
