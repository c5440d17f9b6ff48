"""Playbooks: steps, clocks, drafts and duties as YAML, checked by a schema; errors name file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from crisislib.core.errors import PlaybookError
from crisislib.respond.words import RESOURCES, ROLES

Both = dict[Literal["zh", "en"], str]
Cluster = Literal["victim", "accidental", "preventable"]
AlertLevel = Literal["blue", "yellow", "orange", "red"]
PHASES = ("assess", "decide", "speak", "act", "watch", "close")
# the C loader is ten times as fast where libyaml is there; both are safe loaders
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BY_ID = ("steps", "duties", "statements", "five_s")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Strict):
    """One thing to do: who, with what, by when at each level (minutes from opening)."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    phase: Literal["assess", "decide", "speak", "act", "watch", "close"]
    title: Both
    what: Both
    owner: str
    resources: list[str] = []
    due: dict[AlertLevel, int] = Field(min_length=1)

    @model_validator(mode="after")
    def _known(self) -> Step:
        if self.owner not in ROLES:
            raise ValueError(f"owner {self.owner!r} is not a role; use one of {', '.join(ROLES)}")
        unknown = [r for r in self.resources if r not in RESOURCES]
        if unknown:
            raise ValueError(f"resources {unknown} are not known; use some of {', '.join(RESOURCES)}")
        times = [self.due[level] for level in ("blue", "yellow", "orange", "red") if level in self.due]
        if times != sorted(times, reverse=True) or min(times) <= 0:
            raise ValueError(f"due minutes must be positive and not grow with the level, got {self.due}")
        return self


class Duty(_Strict):
    """A duty towards an authority; always to be checked with counsel."""

    id: str
    jurisdiction: str
    authority: Both
    rule: str
    due_hours: int = Field(gt=0)
    from_level: AlertLevel
    what: Both


class Draft(_Strict):
    """A statement skeleton with `{named}` places."""

    id: str
    audience: Literal["public", "press", "customer", "partner", "staff", "authority"]
    title: Both
    zh: str
    en: str


class Check(_Strict):
    """One item of the 5S checklist."""

    id: str
    title: Both
    check: Both


class Playbook(_Strict):
    """One kind of crisis, from the first minute to the review."""

    playbook: str
    base: str = ""
    title: Both
    kinds: list[str] = Field(min_length=1)
    cluster: Cluster
    open_question: Both
    places: dict[str, Both] = {}
    steps: list[Step]
    five_s: list[Check]
    monitoring: list[Both]
    closing: list[Both]
    duties: list[Duty] = []
    statements: list[Draft]

    @model_validator(mode="after")
    def _whole(self) -> Playbook:
        for draft in self.statements:
            for language in ("zh", "en"):
                used = {place for _, place, _, _ in Formatter().parse(getattr(draft, language)) if place is not None}
                if unknown := sorted(used - set(self.places)):
                    raise ValueError(
                        f"statement {draft.id!r} ({language}) uses places {unknown} not listed in `places`"
                    )
        for name in _BY_ID:
            ids = [item.id for item in getattr(self, name)]
            if twice := sorted({i for i in ids if ids.count(i) > 1}):
                raise ValueError(f"{name}: ids {twice} stand twice")
        return self

    def draft(self, name: str) -> Draft:
        """The statement skeleton of that id."""
        for draft in self.statements:
            if draft.id == name:
                return draft
        known = ", ".join(d.id for d in self.statements)
        raise PlaybookError(f"there is no draft {name!r} in {self.playbook}", do=f"use one of {known}")


def load_playbook(path: Path, *, folder: Path | None = None) -> Playbook:
    """Read and check one playbook file.

    Parameters
    ----------
    path : Path
        The YAML file.
    folder : Path, optional
        Where its `base` lies; the file's own folder, then the shipped one, when not given.

    Returns
    -------
    Playbook
        With what it takes from its base; its own items replace those of the same id.

    Raises
    ------
    PlaybookError
        Unreadable, or against the schema; says file, line and what to do.
    """
    own, node = _parsed(path)
    whole = dict(own)
    if base := own.get("base"):
        places = [folder or path.parent, Path(str(resources.files(__package__) / "playbooks"))]
        found = next((p / f"{base}.yml" for p in places if (p / f"{base}.yml").is_file()), None)
        if found is None:
            raise PlaybookError(f"its base {base!r} is not there", where=str(path), do=f"add {base}.yml beside it")
        whole = _merged(_parsed(found)[0], own)
    try:
        return Playbook.model_validate(whole)
    except ValidationError as fault:
        said = [
            f"{_place(node, own, whole, e['loc'])}{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in fault.errors()
        ]
        raise PlaybookError(
            "; ".join(said), where=str(path), do="mend these lines; common.yml shows every key"
        ) from fault


def _parsed(path: Path) -> tuple[dict[str, Any], yaml.Node]:
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=_LOADER)
        data = yaml.load(text, Loader=_LOADER)
    except OSError as fault:
        raise PlaybookError(f"cannot be read: {fault}", where=str(path), do="check the name") from fault
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise PlaybookError(
            f"is not UTF-8 YAML: {fault}", where=str(path), do="mend the line named; quote text that holds , : # or {"
        ) from fault
    if not isinstance(data, dict) or node is None:
        raise PlaybookError("a playbook is a mapping of keys", where=str(path), do="start from common.yml")
    return data, node


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The base with the own keys in place of its own; listed items by id."""
    whole = {**base, **own}
    whole["places"] = {**base.get("places", {}), **own.get("places", {})}
    for name in _BY_ID:
        mine = {item["id"]: item for item in own.get(name, []) if isinstance(item, dict) and "id" in item}
        kept = [mine.pop(item["id"], item) for item in base.get(name, [])]
        whole[name] = kept + list(mine.values())
    return whole


def _place(node: yaml.Node, own: Mapping[str, Any], whole: Mapping[str, Any], loc: Sequence[int | str]) -> str:
    """`line N: ` of an error's location in the file itself; empty for what comes from the base."""
    here, position = node, list(loc)
    if len(position) >= 2 and position[0] in _BY_ID and isinstance(position[1], int):
        item = whole[str(position[0])][position[1]]
        listed = own.get(str(position[0]), [])
        if item not in listed:
            return ""
        position[1] = listed.index(item)
    for step in position:
        if isinstance(here, yaml.MappingNode):
            below = next((value for key, value in here.value if key.value == str(step)), None)
        else:
            below = here.value[step] if isinstance(here, yaml.SequenceNode) and isinstance(step, int) else None
        if below is None:
            break
        here = below
    return f"line {here.start_mark.line + 1}: "


class _Shelf(Mapping[str, Playbook]):
    """The shipped playbooks by name, each read once when first asked for."""

    def __init__(self) -> None:
        self._folder = resources.files(__package__) / "playbooks"
        self._names = sorted(e.name.removesuffix(".yml") for e in self._folder.iterdir() if e.name.endswith(".yml"))
        self._read: dict[str, Playbook] = {}

    def __getitem__(self, name: str) -> Playbook:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = load_playbook(Path(str(self._folder / f"{name}.yml")))
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


PLAYBOOKS: Mapping[str, Playbook] = _Shelf()
"""Name -> playbook, from `respond/playbooks/*.yml`."""


def playbook_for(kind: str | None) -> Playbook:
    """The playbook of a crisis type; the common one where the type is not known."""
    return next((p for p in PLAYBOOKS.values() if kind in p.kinds), PLAYBOOKS["common"])
