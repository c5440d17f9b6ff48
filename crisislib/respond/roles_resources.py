"""Roles, resources and kinds of crisis that playbooks name: data, to which users add their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from crisislib.core.errors import PlaybookError
from crisislib.core.i18n import N_
from crisislib.core.located import at_line, line_of
from crisislib.core.phrase import Both
from crisislib.respond.yaml_files import parsed

Words = Annotated[dict[Literal["zh", "en"], str], Field(min_length=1)]
"""Words in Chinese, English or both; where one is missing the reader gets the other."""
_TITLES = TypeAdapter(dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Words])
FILES = ("roles", "resources", "kinds")
"""Files of a playbooks folder that hold titles, not a playbook."""
SHIPPED = Path(str(resources.files(__package__)))


def both(words: Mapping[Literal["zh", "en"], str]) -> Both:
    """Words of a YAML file, to be shown in the reader's language.

    Parameters
    ----------
    words : mapping of {"zh", "en"} to str
        One of them may be missing.

    Returns
    -------
    Both
        Empty in the language that is missing.
    """
    return Both(words.get("zh", ""), words.get("en", ""))


@dataclass(frozen=True)
class Vocabulary:
    """What steps may name.

    Attributes
    ----------
    roles, resources, kinds : Mapping[str, Both]
        Key to title: who owns a step, what it needs, what a playbook is for.
    """

    roles: Mapping[str, Both] = field(default_factory=dict)
    resources: Mapping[str, Both] = field(default_factory=dict)
    kinds: Mapping[str, Both] = field(default_factory=dict)

    def joined(self, name: str, more: Mapping[str, Both]) -> Vocabulary:
        """With more titles of one file; they go before those of the same key.

        Parameters
        ----------
        name : str
            Which titles: a field of this class, such as `roles`.
        more : mapping of str to Both
            Key to title.

        Returns
        -------
        Vocabulary
            A copy.
        """
        return replace(self, **{name: {**getattr(self, name), **more}})


def titles(data: object) -> dict[str, Both]:
    """Titles as a playbook or a file of titles gives them.

    Parameters
    ----------
    data : object
        What a YAML file holds: key -> {zh, en}.

    Returns
    -------
    dict of str to Both
        Key to title.

    Raises
    ------
    pydantic.ValidationError
        They are not `key: {zh: …, en: …}`.
    """
    return {key: both(words) for key, words in _TITLES.validate_python(data).items()}


def vocabulary(folders: Sequence[Path]) -> tuple[Vocabulary, list[PlaybookError]]:
    """The shipped titles with those of some folders, the first of which counts most.

    Parameters
    ----------
    folders : sequence of Path
        The user's folders with `roles.yml`, `resources.yml` or `kinds.yml`.

    Returns
    -------
    vocabulary : Vocabulary
        Without the files that are wrong.
    faults : list of PlaybookError
        One for each thing that is wrong in them.
    """
    whole, faults = Vocabulary(), []
    for folder in [SHIPPED, *reversed(folders)]:
        for name in FILES:
            path = folder / f"{name}.yml"
            if not path.is_file():
                continue
            try:
                data, node = parsed(path)
                whole = whole.joined(name, titles(data))
            except PlaybookError as fault:
                faults.append(fault)
            except ValidationError as fault:
                lines = sorted({line_of(node, error["loc"]) for error in fault.errors()})
                faults += [_wrong_title(path, line) for line in lines]
    return whole, faults


def _wrong_title(path: Path, line: int) -> PlaybookError:
    return PlaybookError(
        N_("this is no title"),
        where=at_line(path, line),
        do=N_('write `key: {zh: "…", en: "…"}`, the key in small letters, digits and _'),
    )
