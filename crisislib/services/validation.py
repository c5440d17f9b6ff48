"""Load and check everything that a user writes: watches with what they name, playbooks, layouts, notebooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from crisislib.collect import check_use, own_query, queries_asked
from crisislib.collect.importing.layout_files import read_layout
from crisislib.core.errors import CrisisError, InputError, ReportError, SourceError, WatchError
from crisislib.core.i18n import N_
from crisislib.core.located import Located, at_line, read_located
from crisislib.core.watch import Watch, load_watch
from crisislib.core.watch_sections import SourceUse
from crisislib.engine.home import Home
from crisislib.engine.machine_state import machine_state
from crisislib.engine.response_plan import playbook_folders
from crisislib.engine.source_use import placed
from crisislib.engine.user_code import enter_indicator, enter_source, try_indicator
from crisislib.nlp import check_embedder
from crisislib.nlp.classify.sensitive_subjects import industry_of
from crisislib.notify import check_channels
from crisislib.report import declared
from crisislib.respond import check_owners, check_playbook, load_playbooks, without_address

Place = tuple[int | str, ...]
NAMED_PEOPLE = (
    "people are stored with their ids and names, as privacy.accounts is not given: write privacy: {accounts: hashed} "
    "for hashes and masks from the next collection on, or {accounts: plain} where you may keep them"
)


@dataclass(frozen=True)
class Checked:
    """One file and what is wrong with it.

    Attributes
    ----------
    kind : str
        watch, playbook, layout, indicator, source or notebook; or the folder that stands for a lake on a store.
    path : Path
        The file.
    own : bool
        Whether it is the user's and not the package's.
    faults : tuple of CrisisError
        What is wrong, where, and what to do; empty where all is well.
    notes : tuple of str
        What its writer should know although it is right, such as how a source is asked for the watch's query.
    """

    kind: str
    path: Path
    own: bool
    faults: tuple[CrisisError, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of file: where it lies, how it ends, and what is checked of it.

    Attributes
    ----------
    folders : Callable[[Home], Sequence of Path]
        Where its files are, the user's first.
    ending : str
        Of the files' names.
    check : Callable[[Home, Path], list of CrisisError]
        What is wrong with one file.
    """

    folders: Callable[[Home], Sequence[Path]]
    ending: str
    check: Callable[[Home, Path], list[CrisisError]]

    def files(self, home: Home) -> list[Path]:
        """The files of this kind; of two with the same name the first, which is the user's.

        Parameters
        ----------
        home : Home
            The workbench.

        Returns
        -------
        list of Path
            In the order of the folders, then by name.
        """
        result: dict[str, Path] = {}
        for path in (p for folder in self.folders(home) for p in sorted(folder.glob(f"*.{self.ending}"))):
            result.setdefault(path.name, path)
        return list(result.values())


def check(home: Home, names: Sequence[str] = ()) -> list[Checked]:
    """Check the files of a workbench.

    Parameters
    ----------
    home : Home
        Whose files.
    names : sequence of str
        Files, or names of watches, playbooks, layouts and notebooks; everything when empty.

    Raises
    ------
    InputError
        A name stands for nothing here.
    """
    every = [(kind, path) for kind, what in KINDS.items() for path in what.files(home)]
    chosen = [pair for name in names for pair in _named(home, name, every)] if names else every
    package = {folder.resolve() for folder in (*Home.playbooks, *Home.layouts, *Home.notebooks)}
    found = [_checked(home, kind, path, path.resolve().parent not in package) for kind, path in chosen]
    apart = () if names else tuple(machine_state(home))
    return [*found, Checked("lake", home.lake_root, True, (), apart)] if apart else found


def _checked(home: Home, kind: str, path: Path, own: bool) -> Checked:
    faults = tuple(KINDS[kind].check(home, path))
    if faults:
        return Checked(kind, path, own, faults)
    notes = {"watch": lambda: _in_watch(load_watch(path)), "playbook": lambda: _in_playbook(home, path)}
    return Checked(kind, path, own, faults, tuple(notes[kind]()) if kind in notes else ())


def _named(home: Home, name: str, every: Sequence[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """What a word of the command line stands for: a file, or everything of that name."""
    path = Path(name)
    if path.is_file():
        return [(_kind_of(home, path), path)]
    result = [pair for pair in every if name in (pair[1].stem, pair[1].name)]
    if not result:
        near = get_close_matches(name, {p.stem for _, p in every}, n=5, cutoff=0.5) or sorted(home.names())
        raise InputError(
            N_("nothing here is called {name}"),
            where=str(home.root),
            do=N_("give a file or a name, such as {near}") if near else N_("give a file"),
            facts={"name": repr(name), "near": ", ".join(near)},
        )
    return result


def _kind_of(home: Home, path: Path) -> str:
    """What a file is: by its ending, by the folder that it lies in, else by what it says."""
    for kind, what in KINDS.items():
        if path.resolve().parent in {folder.resolve() for folder in what.folders(home)}:
            return kind
    if path.suffix == ".ipynb":
        return "notebook"
    try:
        keys = read_located(path).data
    except (ValueError, OSError):
        return "watch"  # whose check says what is wrong with it
    return next((kind for kind in ("layout", "playbook", "watch") if kind in keys), "watch")


# -- what is checked of each kind -----------------------------------------------------------------


def _watch(home: Home, path: Path) -> list[CrisisError]:
    """Keys, query, name, industry, sources with their options, channels with their variables."""
    try:
        watch, text = load_watch(path), read_located(path)
    except WatchError as fault:
        return [fault]
    result: list[tuple[Place, list[CrisisError]]] = [(("brand", "industry"), _faults(partial(industry_of, watch)))]
    result += [(("sources", n), _source(home, watch, use)) for n, use in enumerate(watch.sources)]
    result += [(("notify", n), _faults(partial(check_channels, [c]))) for n, c in enumerate(watch.notify)]
    result.append((("text", "topics", "embedder"), _faults(lambda: check_embedder(watch.text.topics.embedder))))
    books = load_playbooks(playbook_folders(home))
    result.append((("respond", "owners"), list(check_owners(watch, books))))
    if watch.watch != path.stem:
        problem = WatchError(
            N_("the file is called {stem}, the watch in it {watch}"),
            do=N_("give both one name"),
            facts={"stem": path.stem, "watch": watch.watch},
        )
        result.append((("watch",), [problem]))
    return [_located(path, text, place, fault) for place, faults in result for fault in faults]


def _in_watch(watch: Watch) -> list[str]:
    """How its query is asked, and what it stores of people where it does not say."""
    unsaid = "accounts" not in watch.privacy.model_fields_set
    return [*queries_asked(watch), *([NAMED_PEOPLE] if unsaid else [])]


def _source(home: Home, watch: Watch, use: SourceUse) -> list[CrisisError]:
    """That there is such a source, its options, that it can be asked, and the folders that they name."""
    faults = _faults(lambda: check_use(use)) or _faults(lambda: own_query(use, watch))
    if faults:
        return faults
    source, here = check_use(use), placed(home, use)
    given = {name: Path(str(here.options[name])) for name in source.paths if use.options.get(name)}
    # What a command of the source writes need not be there yet, but the folder that it will lie in.
    there = {name: path.parent if use.options.get("command") else path for name, path in given.items()}
    return [
        SourceError(
            N_("there is no folder {path}"),
            do=N_("make it, or correct the option {name}"),
            facts={"path": path, "name": name},
        )
        for name, path in there.items()
        if not path.exists()
    ]


def _playbook(home: Home, path: Path) -> list[CrisisError]:
    """Everything that is wrong in it."""
    return list(check_playbook(path, playbook_folders(home)))


def _in_playbook(home: Home, path: Path) -> list[str]:
    """What it holds beside its steps, and what must be filled in before it is needed."""
    book, _ = load_playbooks([path.parent, *playbook_folders(home)]).read(path)
    if book is None:
        return []  # the titles of a folder
    counts: dict[str, Sequence[object]] = {
        "triggers": book.triggers, "steps": book.steps, "conditions": [s for s in book.steps if s.only_if],
        "contacts": book.contacts, "forbidden phrases": book.forbidden, "exit criteria": book.closing,
    }  # fmt: skip
    lines = [", ".join(f"{len(items)} {name}" for name, items in counts.items())]
    if names := without_address(book.contacts):
        lines.append(f"no address yet (contacts: how): {'; '.join(one.en or one.zh for one in names)}")
    return lines


def _layout(home: Home, path: Path) -> list[CrisisError]:
    """Its schema and its name."""
    return _faults(lambda: read_layout(path))


def _notebook(home: Home, path: Path) -> list[CrisisError]:
    """That it can be read, and that its parameters say their type and what they are for."""
    try:
        result = declared(path)
    except ReportError as fault:
        return [fault]
    where, do = str(path), 'write each as: name: str = ""  # what it is for'
    bare = [p.name for p in result.values() if not p.help or p.kind not in {"str", "int", "float", "bool"}]
    faults: list[CrisisError] = []
    if bare:
        faults.append(
            ReportError(
                N_("parameters without a type or a word on them: {bare}"),
                where=where,
                do=N_("{remedy}"),
                facts={"bare": ", ".join(bare), "remedy": do},
            )
        )
    if "watch" not in result:
        faults.append(
            ReportError(N_("there is no parameter watch"), where=where, do=N_('add: watch: str = ""  # which one'))
        )
    return faults


def _faults(work: Callable[[], object]) -> list[CrisisError]:
    """What a check raises."""
    try:
        work()
    except CrisisError as fault:
        return [fault]
    return []


def _located(path: Path, text: Located, place: Place, fault: CrisisError) -> CrisisError:
    """A fault of one entry, with the line at which the entry stands."""
    return type(fault)(
        N_("{entry}: {what}") if fault.where else N_("{what}"),
        where=at_line(path, text.line(place)),
        do=N_("{remedy}"),
        facts={"entry": fault.place, "what": fault.wrong, "remedy": fault.remedy},
    )


def _indicator(home: Home, path: Path) -> list[CrisisError]:
    """Whether it loads, is entered, and gives its columns over a simulated crisis."""
    return _faults(lambda: enter_indicator(path)) or _faults(lambda: try_indicator(path))


def _own_source(home: Home, path: Path) -> list[CrisisError]:
    """Whether it loads and is entered."""
    return _faults(lambda: enter_source(path))


KINDS: Mapping[str, Kind] = {
    "watch": Kind(lambda home: [home.watches], "yml", _watch),
    "playbook": Kind(lambda home: [*playbook_folders(home), *type(home).playbooks], "yml", _playbook),
    "layout": Kind(lambda home: home.layouts, "yml", _layout),
    "indicator": Kind(lambda home: [home.indicators], "py", _indicator),
    "source": Kind(lambda home: [home.sources], "py", _own_source),
    "notebook": Kind(lambda home: home.notebooks, "ipynb", _notebook),
}
"""What can be checked."""
