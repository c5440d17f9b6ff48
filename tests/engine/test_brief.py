"""What the brief says: keys are a contract, figures are the tables', nothing breaks where there is nothing."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pytest

from crisislib.core.finding import Finding
from crisislib.engine import Home
from crisislib.engine.brief import Situation, brief
from crisislib.engine.context import RunContext, RunWindow
from crisislib.engine.findings import finding_rows, read_findings
from crisislib.engine.steps import Stopwatch, decide_now, explain
from crisislib.engine.trace import Traced
from crisislib.simulation import simulate
from tests.support.filled import DEMO_NOW as NOW
from tests.support.filled import DEMO_POSTS, demonstrated

pytestmark = pytest.mark.long

DOCUMENT = Path(__file__).parents[2] / "docs" / "findings.md"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("demo")
    demonstrated(folder)
    return Home.at(folder)


@pytest.fixture(scope="module")
def findings(home: Home) -> list[Finding]:
    return read_findings(home.lake, "demo", ["brief."], now=NOW)


def by_key(findings: list[Finding]) -> dict[str, Finding]:
    return {one.key: one for one in reversed(findings)}


def test_every_key_is_documented_and_every_documented_key_is_made(findings: list[Finding]) -> None:
    documented = set(re.findall(r"^\| `(brief\.[\w.]+)`", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    made = {one.key for one in findings}
    assert made <= documented and documented - made <= {"brief.together"}


def test_every_fact_is_documented(findings: list[Finding]) -> None:
    """Facts that only join parts of a sentence (`times`, `sides`, `lower`) are no contract."""
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        one = by_key(findings).get(cells[0].strip("`"))
        if one is not None and not one.silent:
            names = set(re.findall(r"`(\w+)`", cells[2])) | {"times", "sides", "lower"}
            assert set(one.facts) <= names, one.key


def test_the_headline_is_what_the_crisis_claims(home: Home, findings: list[Finding]) -> None:
    claim = by_key(findings)["brief.claim"]
    truth = simulate(0, DEMO_POSTS, watch="demo", language="en").truth
    known = truth.posts.set_index("post_id").reindex(claim.post_ids)
    assert (known["narrative"] == "relabel").mean() > 0.5, "the largest true narrative"
    assert claim.facts["standing_key"] in {"denied", "unverified", "disputed"}
    assert claim.facts["first_at"] >= pd.Timestamp(truth.onset).floor("min").isoformat()


def test_the_number_beside_a_quoted_claim_is_of_that_claim_in_each_language(findings: list[Finding]) -> None:
    known = by_key(findings)
    numbers = {str(one["text"]): int(one["n"]) for one in known["brief.claims"].table.to_dict("records")}
    patterns = {"en": r"“(.+)” .*; ([\d,]+) posts? states? it", "zh": r"“(.+)”.*；([\d,]+) 条帖子讲述"}
    for language, pattern in patterns.items():
        claim, n = re.search(pattern, known["brief.claim"].render(language)).groups()
        assert numbers[claim] == int(n.replace(",", "")), language


def test_every_sentence_renders_in_both_languages_and_leads_to_posts(home: Home, findings: list[Finding]) -> None:
    posts = set(home.lake.read("POSTS", watch="demo")["post_id"])
    for one in findings:
        assert "{" not in one.render("en") + one.render("zh"), one.key
        assert one.render("zh") != one.render("en") or one.key == "brief.claims.one"
        assert set(one.post_ids) <= posts
        assert one.post_ids or one.silent, f"{one.key} rests on posts or says that there are none"


def test_figures_are_those_of_the_tables(home: Home, findings: list[Finding]) -> None:
    known, moment = by_key(findings), pd.Timestamp(home.moment)
    posts = home.lake.read("POSTS", watch="demo", until=home.moment)
    last = posts[(posts["created_at"] > moment - timedelta(hours=1)) & (posts["created_at"] <= moment)]
    assert known["brief.now"].facts["now"] == len(last)
    where = known["brief.where"].table
    assert where["n"].sum() == known["brief.where"].n and where["share"].sum() == pytest.approx(1)
    assert known["brief.goes"].facts["lo"] <= known["brief.goes"].facts["mid"] <= known["brief.goes"].facts["hi"]
    reach = known["brief.reach"]
    assert reach.facts["lo"] <= reach.facts["hi"] <= reach.table["sum"].iloc[0] * 1.05, "rounded to two digits"
    assert known["brief.answered"].facts["n"] >= 2, "holding and full statement"


def context(home: Home, at: datetime, name: str) -> RunContext:
    return RunContext(home, home.watch("demo"), RunWindow(NOW - timedelta(days=120), at, at, at), name)


def test_the_second_brief_says_what_has_changed(home: Home) -> None:
    times = [home.moment - timedelta(hours=h) for h in (8, 4)]
    for at in times:
        one = context(home, at, f"brief of {at}")
        explain(one, decide_now(one), Stopwatch())
    changed = by_key(read_findings(home.lake, "demo", ["brief."], now=times[1]))["brief.changed"]
    assert not changed.silent and set(changed.table["what"]) >= {"level", "posts_per_hour", "posts"}
    before, after = changed.table.set_index("what").loc["posts", ["before", "after"]]
    assert after > before


def told(home: Home, *, present: bool = True) -> pd.DataFrame:
    """Labels that say which claim a post tells."""
    rows: pd.DataFrame = (
        home.lake.sql("LABELS", watch="demo", present=present).filter("starts_with(label, 'claim_id.')").df()
    )
    return rows


def test_each_claim_is_the_label_of_as_many_posts_as_its_number_says(home: Home) -> None:
    for number in (1, 2):
        one = context(home, home.moment, f"brief {number} of one moment")
        explain(one, decide_now(one), Stopwatch())
        stored = told(home, present=False)
        if number == 1:
            before = len(stored)
    table = by_key(read_findings(home.lake, "demo", ["brief."], now=NOW))["brief.claims"].table
    assert len(table) > 1 and not {"members", "every"} & set(table)
    counted = told(home)["value"].dropna().value_counts()
    assert counted.to_dict() == table.set_index("claim_id")["n"].to_dict()
    assert len(stored) == before, "what has not changed is not stored with every brief"


def test_a_window_without_posts_breaks_nothing(home: Home) -> None:
    later = context(home, home.moment + timedelta(days=30), "later")
    empty = RunContext(home, later.watch, replace(later.window, since=home.moment + timedelta(days=29)), "empty")
    nothing = home.lake.arrow("POSTS", watch="demo", since=empty.window.since)
    assert nothing.num_rows == 0
    tables = [home.lake.arrow(n, watch="demo").slice(0, 0) for n in ("EDGES",)]
    cascades = home.lake.read("CASCADES", watch="demo").head(0)
    incident = home.lake.read("INCIDENTS", watch="demo").iloc[0].to_dict()
    signals = home.lake.read("SIGNALS", watch="demo").head(0)
    traced = Traced(nothing, tables[0], home.lake.arrow("ACCOUNTS"), cascades, [])
    for row in (incident, None):
        made = brief(empty, Situation(row, decide_now(empty).last, signals, None, traced))
        assert {"brief.what"} <= {one.key for one in made}
        assert all("{" not in one.render(language) for one in made for language in ("en", "zh"))
        assert finding_rows(empty, made, at=empty.window.at).num_rows == len(made)


def test_an_export_without_accounts_or_times_of_day_is_no_obstacle(home: Home) -> None:
    ctx = context(home, home.moment, "bare")
    posts = home.lake.arrow("POSTS", **ctx.scope())
    place = posts.column_names.index("account_id")
    bare = posts.set_column(place, posts.schema.field(place), pc.if_else(False, posts["account_id"], None))
    edges, cascades = (
        home.lake.arrow("EDGES", watch="demo").slice(0, 0),
        home.lake.read("CASCADES", watch="demo").head(0),
    )
    incident = home.lake.read("INCIDENTS", watch="demo").iloc[0].to_dict()
    traced = Traced(bare, edges, home.lake.arrow("ACCOUNTS").slice(0, 0), cascades, [])
    signals = home.lake.read("SIGNALS", **ctx.scope())
    made = by_key(brief(ctx, Situation(incident, decide_now(ctx).last, signals, None, traced)))
    assert made["brief.who"].silent and made["brief.reach"].silent and "brief.together" not in made
