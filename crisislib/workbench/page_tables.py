"""Head and small tables of a page: incidents, alerts, steps, responses."""

from __future__ import annotations

from html import escape

import pandas as pd

from crisislib.charts import level_name
from crisislib.core.evidence import posts_of
from crisislib.core.i18n import N_, tr
from crisislib.core.phrase import render
from crisislib.core.platforms import platform_name
from crisislib.engine import breach_reading
from crisislib.engine.plan_in_words import PENDING, plan_in_words
from crisislib.engine.rendering import kind_words, response_word, signal_words, strategy_words
from crisislib.workbench import finding_cards, incident_tables
from crisislib.workbench.display import Fragment, cell, link, table
from crisislib.workbench.evidence_table import evidence, short
from crisislib.workbench.page_text import word
from crisislib.workbench.report_context import ReportContext

REASON = 260
"""Letters of a step's reason that are shown: two or three sentences; a longer one is in the playbook."""
NO_INCIDENTS = N_("No incident has been opened for this watch.")
NO_ALERTS = N_("No alert was raised in this window.")
ALERT = N_("{at} · {level}: {signal} weighs most; statistic {statistic}, threshold {threshold}")
ALERT_POSTS = 3
"""Posts under an alert: it names some; the pages have all."""
NO_STEPS = N_("No playbook has been started for this incident.")
NO_ANSWERS = N_("No response has been logged; its effect cannot be estimated. Log one with: crisis respond.")
NO_COMMUNITIES = N_("No community of accounts was found: nobody passed on the same people often enough.")


def _none(message: str, language: str) -> Fragment:
    return Fragment(f'<p class="cw-none">{escape(tr(message, language))}</p>')


def _local(times: pd.Series, context: ReportContext) -> pd.Series:
    return pd.to_datetime(times, utc=True).dt.tz_convert(context.zone)


def incidents_table(rows: pd.DataFrame, context: ReportContext) -> Fragment:
    """Incidents as they stand.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of INCIDENTS.
    context : ReportContext
        Gives the language, zone and names.

    Returns
    -------
    Fragment
        A sentence where there is no row.
    """
    language = context.language
    if rows.empty:
        return _none(NO_INCIDENTS, language)
    shown = pd.DataFrame(
        {
            "title": incident_tables.titles(context, rows),
            "kind": [str(render(kind_words(r), language)) for r in rows.to_dict("records")],
            "level": [level_name(v, language) for v in rows["level"]],
            "index": rows["index"].round(0),
            "status": [word(s, language) for s in rows["status"]],
            "opened": _local(rows["opened_at"], context),
            "alerted": _local(incident_tables.alerted(context, rows), context),
            "closed": _local(rows["closed_at"], context),
        }
    )
    names = {"title": N_("Incident"), "kind": N_("Type"), "level": N_("Level"),
             "index": N_("Index when its level was set"), "status": N_("Status"), "opened": N_("Opened"),
             "alerted": N_("First alert decided"),
             "closed": N_("Closed")}  # fmt: skip
    return Fragment(table(shown, {c: tr(m, language) for c, m in names.items()}))


def telling_posts(context: ReportContext, *, most: int) -> list[str]:
    """Posts that tell most about the present incident: its evidence, then the most reposted since it opened.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    most : int
        Posts by reposts at most; those of the evidence come on top.

    Returns
    -------
    list of str
        Post ids; one may occur twice.
    """
    chosen = incident_tables.chosen(context)
    opened = None if chosen is None else chosen["opened_at"]
    loud = context.sql(
        """SELECT post_id FROM posts WHERE $opened IS NULL OR created_at >= $opened::TIMESTAMPTZ
           ORDER BY coalesce(n_reposts, 0) DESC, created_at, post_id LIMIT $most""",
        "POSTS",
        opened=opened,
        most=most,
    )
    return [*([] if chosen is None else posts_of(chosen["evidence"])), *loud["post_id"]]


def alerts_table(context: ReportContext, *, most: int) -> Fragment:
    """The newest alerts, each with its posts to open.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    most : int
        Alerts at most.

    Returns
    -------
    Fragment
        A sentence where there is no alert.
    """
    language = context.language
    query = 'SELECT * FROM alerts WHERE "at" < $until ORDER BY "at" DESC, signal LIMIT $most'
    rows = context.sql(query, "ALERTS", until=context.until, most=most)
    if rows.empty:
        return _none(NO_ALERTS, language)
    titles, _ = signal_words(sorted(rows["signal"].dropna().unique()), language)
    every = [posts_of(cell) for cell in rows["evidence"]]
    context.posts_by_id([post for posts in every for post in posts[:ALERT_POSTS]])  # read at once
    parts = []
    for row, at, posts in zip(rows.to_dict("records"), _local(rows["at"], context), every, strict=True):
        facts = {"at": cell(at), "level": level_name(row["level"], language), "signal": titles[row["signal"]],
                 "statistic": cell(row["statistic"]), "threshold": cell(row["threshold"])}  # fmt: skip
        parts.append(
            f'<div class="cw-finding"><p class="cw-said">{escape(tr(ALERT, language, **facts))}</p>'
            f"{_open(context, posts)}</div>"
        )
    return Fragment("".join(parts))


def _open(context: ReportContext, ids: list[str]) -> str:
    """Posts of an alert behind a fold; nothing where none are named."""
    if not ids:
        return ""
    heading = escape(tr(finding_cards.BEHIND, context.language, n=len(ids)))
    return f"<details><summary>{heading}</summary>{evidence(context, ids, most=ALERT_POSTS).html}</details>"


def steps_table(context: ReportContext, incident: str, *, most: int) -> Fragment:
    """Next steps: what, who, by when, in which state; the done ones last.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    incident : str
        Incident id; the one that matters most when empty.
    most : int
        Steps at most.

    Returns
    -------
    Fragment
        A sentence where there is no plan.
    """
    language = context.language
    chosen = incident_tables.chosen(context, incident)
    rows = incident_tables.actions(context, "" if chosen is None else str(chosen["incident_id"]))
    if rows.empty:
        return _none(NO_STEPS, language)
    rows = plan_in_words(rows, context.watch, language=language, now=context.now, every=True)
    rows = rows.assign(done=~rows["status"].isin(PENDING)).sort_values(["done", "due_at"]).head(most)
    shown = pd.DataFrame(
        {
            "step": rows["step"],
            "owner": rows["owner"],
            "due": _local(rows["due_at"], context),
            "state": rows["state"],
            "reason": [short(r, REASON) for r in rows["reason"]],
        }
    )
    names = {"step": N_("Step"), "owner": N_("Owner"), "due": N_("Due"), "state": N_("State"), "reason": N_("Reason")}
    return Fragment(table(shown, {c: tr(m, language) for c, m in names.items()}))


def notices_line(context: ReportContext, incident: str) -> Fragment:
    """How many of the people affected by an incident have been notified; nothing where nobody is on a list.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    incident : str
        Id of the incident; the one that matters most when empty.

    Returns
    -------
    Fragment
    """
    row = incident_tables.chosen(context, incident)
    rows = context.sql("SELECT * FROM notices", "NOTICES")
    found = None if row is None else breach_reading.counts(rows, str(row["incident_id"]))
    return Fragment("") if found is None else finding_cards.findings_fragment(context, [found])


def answers_table(context: ReportContext) -> Fragment:
    """The response log, oldest first.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    Fragment
        A sentence where nothing was answered.
    """
    language = context.language
    rows = context.sql('SELECT * FROM responses ORDER BY "at"', "RESPONSES")
    if rows.empty:
        return _none(NO_ANSWERS, language)
    shown = pd.DataFrame(
        {
            "at": _local(rows["at"], context),
            "kind": [response_word(k, language) for k in rows["kind"]],
            "channel": [
                str(render(platform_name(c), language)) if isinstance(c, str) and c else None for c in rows["channel"]
            ],
            "strategy": [strategy_words(s, language) for s in rows["strategy"]],
            "text": [short(t, 140) for t in rows["text"]],
            "url": [link(u, u) if isinstance(u, str) and u else "–" for u in rows["url"]],
        }
    )
    names = {"at": N_("Time"), "kind": N_("Kind"), "channel": N_("Channel"), "strategy": N_("Strategy"),
             "text": N_("Text"), "url": N_("Link")}  # fmt: skip
    return Fragment(table(shown, {c: tr(m, language) for c, m in names.items()}, raw=["url"]))


def communities_table(context: ReportContext) -> Fragment:
    """Circles of accounts that pass things on to each other, as the run found them; names masked.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    Fragment
        A sentence where no community was found.
    """
    language = context.language
    found = finding_cards.finding_by_key(context, "spread", "spread.communities")
    if found is None or found.table.empty:
        return _none(NO_COMMUNITIES, language)
    rows = found.table
    shown = pd.DataFrame(
        {
            "community": rows["community"],
            "n_accounts": rows["n_accounts"],
            "n_posts": rows["n_posts"],
            "share": [f"{value:.0%}" for value in rows["share"]],
            "inside": [f"{value:.0%}" for value in rows["inside"]],
            "key_accounts": rows["key_accounts"],
            "post": [_open(context, [post]) for post in rows["post_id"]],
        }
    )
    names = {"community": N_("Community"), "n_accounts": N_("Accounts"), "n_posts": N_("Posts"),
             "share": N_("Share of the linked posts"), "inside": N_("Ties inside"),
             "key_accounts": N_("Accounts with most ties"), "post": N_("Most passed on")}  # fmt: skip
    listed = table(shown, {c: tr(m, language) for c, m in names.items()}, raw=["post"])
    notes = "".join(f'<p class="cw-note">{escape(line)}</p>' for line in found.caveats(language))
    return Fragment(listed + notes)
