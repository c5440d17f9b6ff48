"""How data comes in: a watch from a file, a mapping or names; an export; a simulated crisis."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from crisislib import collect, simulation
from crisislib.api.plain_frames import utc
from crisislib.core.errors import InputError, WatchError
from crisislib.core.ids import short_hash
from crisislib.core.schema_faults import faults
from crisislib.core.watch import Watch, load_watch
from crisislib.core.watch_sections import Language
from crisislib.simulation import BrandWeek, Truth

WatchLike = Watch | str | Path | Mapping[str, Any] | Sequence[str]
"""A watch, a watch file, the keys of one, or the names of what is watched."""


def open_watch(source: WatchLike, **settings: Any) -> Watch:
    """Make a watch: what is watched, in which language and time zone.

    Parameters
    ----------
    source : Watch, str, Path, mapping or sequence of str
        A watch; the path of a watch file (`.yml`); the keys of one; or a name, or the names, of a brand. In a
        mapping `names` may stand for `brand`, and `watch` and `title` follow from the names.
    **settings
        Further keys of a watch file, such as `timezone="Asia/Shanghai"`, `language="zh"` or `query="cola AND recall"`.

    Returns
    -------
    Watch
        Validated; immutable.

    Raises
    ------
    WatchError
        A key is unknown or wrong; says which.

    Examples
    --------
    >>> import crisislib
    >>> watch = crisislib.open_watch(["Luvaya", "鹿芽"], timezone="Asia/Shanghai")
    >>> watch.watch, watch.brand.names
    ('luvaya', ['Luvaya', '鹿芽'])
    >>> crisislib.open_watch({"names": ["Luvaya"], "window": {"step_minutes": 30}}).window.step_minutes
    30
    """
    if isinstance(source, str) and Path(source).suffix in (".yml", ".yaml"):
        source = Path(source)
    if isinstance(source, Path):
        source = load_watch(source)
    if isinstance(source, Watch):
        return _checked({**source.model_dump(), **settings}) if settings else source
    if isinstance(source, Mapping):
        return _checked({**source, **settings})
    names = [source] if isinstance(source, str) else source
    if not isinstance(names, Sequence) or not names or not all(isinstance(n, str) and n for n in names):
        raise WatchError(f"{source!r} names no brand", where="watch", do='give names, such as ["Luvaya", "鹿芽"]')
    return _checked({"names": names, **settings})


def _checked(keys: dict[str, Any]) -> Watch:
    names = keys.pop("names", None)
    if names and "brand" not in keys:
        keys["brand"] = {"names": list(names)}
    brand = keys.get("brand")
    known = brand.get("names") if isinstance(brand, Mapping) else None
    if known:
        slug = re.sub(r"[^a-z0-9]+", "-", " ".join(known[:1]).casefold()).strip("-")[:64]
        keys.setdefault("watch", slug or f"watch-{short_hash(*known)}")
        keys.setdefault("title", {keys.get("language", "en"): known[0]})
    try:
        return Watch.model_validate(keys)
    except ValidationError as fault:
        wrong = "; ".join(
            f"{'.'.join(map(str, place))}: {what}{f'; {do}' if do else ''}"
            for place, what, do in ((p, w.render("en"), d.render("en")) for p, w, d in faults(fault, Watch, keys))
        )
        raise WatchError(
            wrong, where="watch", do=f"correct these keys; top-level keys are {', '.join(Watch.model_fields)}"
        ) from fault


@dataclass(frozen=True)
class Export:
    """An export that was read.

    Attributes
    ----------
    posts : pandas.DataFrame
        POSTS, one row a post.
    accounts : pandas.DataFrame
        ACCOUNTS, one row an account.
    rejects : pandas.DataFrame
        Rows that could not be read: `row_no`, `column`, `reason`, `cells` (JSON).
    warnings : list of str
        What a reader of the data must know.
    layout : str
        The layout that read it.
    """

    posts: pd.DataFrame
    accounts: pd.DataFrame
    rejects: pd.DataFrame
    warnings: list[str]
    layout: str


def read_export(
    path: Path | str | Sequence[Path | str],
    watch: WatchLike | None = None,
    *,
    layout: str | None = None,
    mapping: Mapping[str, str] | None = None,
    layouts: Path | str | Sequence[Path | str] = (),
    now: datetime | None = None,
) -> Export:
    r"""Read an export of a monitoring tool or platform.

    Parameters
    ----------
    path : str, Path or sequence of these
        CSV, JSON, JSON lines, XLSX or Parquet, gzipped or not; or a folder of them.
    watch : Watch, str, Path, mapping or sequence of str, optional
        As for :func:`open_watch`; its query chooses posts, its time zone reads times without one. Left out: all
        posts, UTC.
    layout : str, optional
        Name of a layout; recognised by its columns when left out.
    mapping : mapping, optional
        Field -> column, such as `{"text": "Body", "created": "When"}`.
    layouts : str, Path or sequence of these
        Folders with layouts of your own, searched first.
    now : datetime, optional
        When it was collected, with a time zone; the present instant when left out.

    Returns
    -------
    Export

    Raises
    ------
    InputError
        The file is absent, empty, damaged or in an unknown encoding.
    LayoutError
        No layout fits; says what to map.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import crisislib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "posts.csv")
    ...     _ = file.write_text("id,when,body\n1,2026-01-31 18:00,The tea is off\n", encoding="utf-8")
    ...     export = crisislib.read_export(file, mapping={"id": "id", "created": "when", "text": "body"})
    >>> export.posts["text"].tolist(), len(export.rejects)
    (['The tea is off'], 0)
    """
    folders = [layouts] if isinstance(layouts, str | Path) else layouts
    batch = collect.read_export(
        path,
        open_watch(["posts"] if watch is None else watch),
        layout=layout,
        mapping=mapping,
        folders=[Path(folder) for folder in folders],
        now=utc(now, "now") or datetime.now(UTC),
    )
    posts, accounts, rejects = (t.to_pandas() for t in (batch.posts, batch.accounts, batch.rejects))
    return Export(posts, accounts, rejects, batch.warnings, str(batch.record["layout"][0].as_py()))


@dataclass(frozen=True)
class SimulatedCrisis:
    """A simulated crisis.

    Attributes
    ----------
    posts, accounts, responses : pandas.DataFrame
        POSTS, ACCOUNTS and the brand's RESPONSES.
    watch : Watch
        The made-up brand's.
    truth : Truth
        When it began, who passed on what from whom, every post's sentiment and story.
    """

    posts: pd.DataFrame
    accounts: pd.DataFrame
    responses: pd.DataFrame
    watch: Watch
    truth: Truth


def simulate(
    posts: int = 5_000,
    *,
    seed: int = 0,
    crisis: bool = True,
    kind: str = "rumour",
    days: float = 21.0,
    language: str = "en",
) -> SimulatedCrisis:
    """Simulate weeks of talk about a made-up brand, with or without a crisis, and with the truth beside it.

    Parameters
    ----------
    posts : int
        How many, 600 or more.
    seed : int
        Same seed, same posts.
    crisis : bool
        Whether there is one; without, the same ordinary talk.
    kind : str
        Kind of crisis: one of :func:`crisislib.simulation.scenario_names`.
    days : float
        Length; the crisis begins after 78 % of it.
    language : {"en", "zh"}
        Language of the watch; posts are Chinese and English.

    Returns
    -------
    SimulatedCrisis

    Raises
    ------
    NotEnoughData
        Fewer than 600 posts or 5 days asked for.
    PlaybookError
        There is no such kind of crisis.
    InputError
        A language other than these, or something else than a number of posts.

    Examples
    --------
    >>> import crisislib
    >>> drill = crisislib.simulate(posts=600, seed=1)
    >>> len(drill.posts), drill.truth.kind
    (600, 'rumour')
    """
    if language not in ("zh", "en"):
        raise InputError(f"there are no posts in {language!r}", where="language", do="give zh or en")
    if not isinstance(posts, int) or isinstance(posts, bool):
        raise InputError(f"{posts!r} is no number of posts", where="posts", do="give one; the crisis is named by kind=")
    made = simulation.simulate(seed, posts, crisis=crisis, kind=kind, days=days, language=language)
    posts_, accounts, responses = (t.to_pandas() for t in (made.posts, made.accounts, made.responses))
    return SimulatedCrisis(posts_, accounts, responses, made.watch, made.truth)


def simulate_week(kind: str, *, seed: int = 0, language: Language = "en", posts: int = 4_000) -> BrandWeek:
    """Simulate four weeks of a made-up brand with one event: a crisis of an odd shape, or a harmless one.

    Parameters
    ----------
    kind : str
        Harmless: `quiet`, `own_draw`, `wire_story`, `sales_day`, `donation`, `war_news`, `regulator_usual`; a crisis:
        `slow_burn`, `viral_counter`, `copy_storm`, `first_day`.
    seed : int
        Same seed, same posts.
    language : {"en", "zh"}
        Of the posts and the watch.
    posts : int
        Ordinary posts, 600 or more.

    Returns
    -------
    BrandWeek
        Posts, accounts and watch, with what is true of them.

    Examples
    --------
    >>> import crisislib
    >>> week = crisislib.simulate_week("own_draw", posts=600)
    >>> week.crisis, week.posts.num_rows > 300
    (False, True)
    """
    return simulation.brand_week(kind, seed=seed, language=language, posts=posts)
