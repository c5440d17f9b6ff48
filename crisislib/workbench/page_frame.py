"""What frames every page: its head with the level and the moment of reading, headings of sections, and its foot."""

from __future__ import annotations

from html import escape
from importlib import resources

from crisislib import __version__
from crisislib.charts import LEVEL_COLOURS, level_name
from crisislib.core.i18n import N_, tr
from crisislib.core.phrase import render
from crisislib.core.zone_names import zone_name
from crisislib.engine import period_title
from crisislib.workbench import finding_cards
from crisislib.workbench.display import Fragment
from crisislib.workbench.page_text import SECTIONS, TITLES
from crisislib.workbench.report_context import ReportContext
from crisislib.workbench.selection import note_on

MANIFEST_MIME = "application/vnd.crisis.manifest+json"
READ = N_("Data as at {now} ({zone}); the versions of the data are at the foot of the page.")
LEVEL = N_("Level: {level}")
MADE = N_(
    "Made with crisislib {version} from these table versions: {versions}. "
    "Texts come from the sources; names are masked."
)


def page_style() -> str:
    """The style of what notebooks show; the head of a page brings it, a notebook without one asks for it.

    Returns
    -------
    str
        A style element.
    """
    style = resources.files("crisislib.workbench").joinpath("page.css").read_text(encoding="utf-8")
    return f"<style>{style}</style>"


def page_head(title: str, more: str, *, note: str = "") -> str:
    """Styles and title of a page.

    Parameters
    ----------
    title : str
        Plain text.
    more : str
        HTML that this package has made.
    note : str
        Plain text that stands out, such as that the page is a demonstration.

    Returns
    -------
    str
        HTML.
    """
    words = f'<p class="cw-drill">{escape(note)}</p>' if note else ""
    return f'{page_style()}<div class="cw-head"><h1>{escape(title)}</h1>{words}{more}</div>'


def heading(context: ReportContext, title: str, every: str = "") -> Fragment:
    """Head of a page: title, watch, level, moment of reading; and its styles.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    title : str
        Key of :data:`crisislib.workbench.page_text.TITLES`; anything else is shown as it is.
    every : {"", "day", "week", "month", "quarter"}
        Of a report of a period: its length, by which it is called.

    Returns
    -------
    Fragment
    """
    language, now = context.language, context.now.astimezone(context.watch.zone)
    read = tr(READ, language, now=now.strftime("%Y-%m-%d %H:%M"), zone=zone_name(context.zone, language))
    called = tr(TITLES.get(title, title), language)
    if every:
        message, period = period_title(context.watch, every, now=min(context.until, context.now))
        called = tr(message, language, period=render(period, language))
    words = f"{context.watch.name(language)} · {called}"
    empty = not context.row_count("POSTS") and not context.home.filled()
    note = note_on(context.home, language, zone=context.watch.zone, empty=empty)
    return Fragment(page_head(words, f"{_badge(context)}<p>{escape(read)}</p>", note=note), f"{words}\n{note}")


def _badge(context: ReportContext) -> str:
    level = context.standing.level
    name = tr(LEVEL, context.language, level=level_name(level, context.language))
    ink = "#fff" if level in {"red", "blue", "orange"} else "#1f2933"
    return f'<span class="cw-badge" style="background:{LEVEL_COLOURS[level]};color:{ink}">{escape(name)}</span>'


def section(context: ReportContext, name: str) -> Fragment:
    """Heading of a section, and one line on how to read it.

    Parameters
    ----------
    context : ReportContext
        Gives the language.
    name : str
        Key of :data:`crisislib.workbench.page_text.SECTIONS`; anything else is a title of its own.

    Returns
    -------
    Fragment
    """
    title, words = (tr(message, context.language) if message else "" for message in SECTIONS.get(name, (name, "")))
    html = f'<h2 class="cw-h2">{escape(title)}</h2><p class="cw-read">{escape(words)}</p>'
    return Fragment(html, f"## {title}\n{words}")


def foot(context: ReportContext) -> Fragment:
    """Foot of a page: the version of the program and of each table.

    Parameters
    ----------
    context : ReportContext
        What the page was made from.

    Returns
    -------
    Fragment
    """
    listed = ", ".join(f"{k} {v}" for k, v in context.table_versions().items()) or "–"
    words = tr(MADE, context.language, version=__version__, versions=listed)
    return Fragment(f'<p class="cw-foot">{escape(words)}</p>', words)


def manifest(context: ReportContext) -> Fragment:
    """Foot of a page, and for the machine what the page was made from.

    Parameters
    ----------
    context : ReportContext
        What the page was made from.

    Returns
    -------
    Fragment
        With a JSON object of the type :data:`MANIFEST_MIME`.
    """
    data, sources = context.table_versions(), context.health.sources
    facts = {
        "watch": context.watch.watch,
        "language": context.language,
        "now": context.now.isoformat(),
        "since": context.since.isoformat() if context.since else None,
        "until": context.until.isoformat(),
        "data": data,
        "code": __version__,
        "rows": {name: context.row_count(name) for name in data},
        "sources": [
            {"source": s, "state": v, "posts": int(n)} for s, v, n in sources[["source", "state", "n"]].to_numpy()
        ],
        "level": context.standing.level,
        "findings": [f.render(context.language) for f in finding_cards.findings(context, "brief")],
    }
    shown = foot(context)
    return Fragment(shown.html, shown.text, {MANIFEST_MIME: facts})
