"""The playbooks of a workbench: the user's own before the shipped ones, read when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crisislib.core.errors import PlaybookError
from crisislib.core.i18n import N_
from crisislib.core.located import at_line, line_of
from crisislib.core.phrase import Both
from crisislib.core.schema_faults import near
from crisislib.core.watch import Watch
from crisislib.respond.playbook import Playbook
from crisislib.respond.playbook_files import read_playbook
from crisislib.respond.roles_resources import FILES, SHIPPED, Vocabulary, titles, vocabulary
from crisislib.respond.yaml_files import parsed

COMMON = "common"
"""The playbook of a crisis whose kind is not known."""
_SHIPPED = SHIPPED / "playbooks"


class Playbooks:
    """Playbooks by name and by kind of crisis.

    Parameters
    ----------
    folders : sequence of Path
        The user's folders, the first of which counts most; one that does not exist has none. The shipped playbooks
        come last, whether their folder is named or not.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        own = [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
        self._own = [folder for folder in own if folder.resolve() != _SHIPPED.resolve()]
        self._words: tuple[Vocabulary, list[PlaybookError]] | None = None
        self._read: dict[Path, tuple[Playbook | None, list[PlaybookError]]] = {}

    @property
    def words(self) -> Vocabulary:
        """Roles, resources and kinds, shipped and added."""
        return self._vocabulary()[0]

    def _vocabulary(self) -> tuple[Vocabulary, list[PlaybookError]]:
        if self._words is None:
            self._words = vocabulary(self._own)
        return self._words

    @property
    def kinds(self) -> dict[str, Both]:
        """Kinds of crisis with titles: shipped, of `kinds.yml`, and of every playbook of the user's that is right."""
        result = dict(self.words.kinds)
        for path in reversed(self.files(shipped=False)):
            book, _ = self.read(path)
            result |= titles(book.kind_titles) if book is not None else {}
        return result

    @property
    def faults(self) -> list[PlaybookError]:
        """What is wrong in the files read so far; such a file was left out."""
        return [*self._vocabulary()[1], *(fault for _, faults in self._read.values() for fault in faults)]

    def files(self, *, shipped: bool = True) -> list[Path]:
        """Every playbook file, the user's first.

        Parameters
        ----------
        shipped : bool
            Whether those of the package are listed, too.

        Returns
        -------
        list of Path
            By folder, then by name; files of titles are left out.
        """
        places = [*self._own, *([_SHIPPED] if shipped else [])]
        return [path for place in places for path in sorted(place.glob("*.yml")) if path.stem not in FILES]

    def read(self, path: Path) -> tuple[Playbook | None, list[PlaybookError]]:
        """One file, and what is wrong in it; read once.

        Parameters
        ----------
        path : Path
            A playbook file.

        Returns
        -------
        tuple of (Playbook or None, list of PlaybookError)
            None where the file is wrong; then there is at least one error.
        """
        if path not in self._read:
            self._read[path] = read_playbook(path, [*self._own, _SHIPPED], self.words)
        return self._read[path]

    def names(self) -> list[str]:
        """Names that :meth:`named` takes."""
        return sorted({path.stem for path in self.files()})

    def named(self, name: str) -> Playbook:
        """The playbook of that name, the user's before the shipped one.

        Parameters
        ----------
        name : str
            File name without `.yml`.

        Returns
        -------
        Playbook
            With its base merged in.

        Raises
        ------
        PlaybookError
            There is none, or its file is wrong.
        """
        path = next((p for p in self.files() if p.stem == name), None)
        if path is None:
            raise PlaybookError(
                N_("there is no playbook {name}"),
                do=N_("use {near}"),
                facts={"name": repr(name), "near": near(name, self.names())},
            )
        book, faults = self.read(path)
        if book is None:
            raise faults[0]
        return book

    def for_kind(self, kind: str | None) -> Playbook:
        """The playbook of a kind of crisis; the common one where the kind is not known.

        A user's file that is wrong is left out, so that a slip never takes the plan away; :attr:`faults` has it.

        Parameters
        ----------
        kind : str or None
            Kind of crisis, such as `product_harm`.

        Returns
        -------
        Playbook
            The first that lists the kind.
        """
        for path in self.files():
            book, _ = self.read(path)
            if book is not None and kind in book.kinds:
                return book
        for path in self.files():
            book = self.read(path)[0] if path.stem == COMMON else None
            if book is not None:
                return book
        return self.named(COMMON)


def load_playbooks(folders: Sequence[Path] = ()) -> Playbooks:
    """The shipped playbooks, with those of a user's folders before them; nothing is read yet.

    Parameters
    ----------
    folders : sequence of Path
        The user's folders, the first of which counts most.

    Returns
    -------
    Playbooks
        Reads a file when it is asked for.
    """
    return Playbooks(folders)


def check_playbook(path: Path, folders: Sequence[Path] = ()) -> list[PlaybookError]:
    """Everything that is wrong in one file, each with file, line and what to do; nothing where it is right.

    Parameters
    ----------
    path : Path
        A playbook, or the titles of a folder (`roles.yml`, `resources.yml`, `kinds.yml`).
    folders : sequence of Path
        The user's playbook folders, for its base and titles; its own folder counts in any case.
    """
    books = Playbooks([path.parent, *folders])
    if path.stem in FILES:
        return [fault for fault in books.faults if fault.where.startswith(str(path))]
    return [*books.read(path)[1], *_rivals(path, books)]


def _rivals(path: Path, books: Playbooks) -> list[PlaybookError]:
    """Kinds of crisis that another playbook of the same folder is for, too."""
    book, _ = books.read(path)
    found = []
    for other in sorted(path.parent.glob("*.yml")):
        theirs = None if other == path or other.stem in FILES else books.read(other)[0]
        both = sorted(set(theirs.kinds) & set(book.kinds)) if theirs and book else []
        if both:
            found.append(
                PlaybookError(
                    N_("{name} is for {both}, too; only {used} is used"),
                    where=at_line(path, line_of(parsed(path)[1], ["kinds"])),
                    do=N_("leave the kind to one of them"),
                    facts={"name": other.name, "both": ", ".join(both), "used": min(path, other).name},
                )
            )
    return found


def check_owners(watch: Watch, books: Playbooks) -> list[PlaybookError]:
    """Owners that a watch names for roles that no playbook has.

    Parameters
    ----------
    watch : Watch
        Whose `respond.owners` and `respond.deputies` are checked.
    books : Playbooks
        All that the watch can use.

    Returns
    -------
    list of PlaybookError
        One for each unknown role; empty where all is well.
    """
    roles = dict(books.words.roles)
    for path in books.files(shipped=False):
        book, _ = books.read(path)
        roles |= dict.fromkeys(book.roles if book else ())  # type: ignore[arg-type]
    return [
        PlaybookError(
            N_("respond.{key}: {role} is the role of no playbook, so {person} is asked for nothing"),
            where=watch.watch,
            do=N_("use {near}"),
            facts={"key": key, "role": repr(role), "person": repr(person), "near": near(role, roles)},
        )
        for key, names in (("owners", watch.respond.owners), ("deputies", watch.respond.deputies))
        for role, person in names.items()
        if role not in roles
    ]
