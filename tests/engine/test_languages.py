"""What spread and text tell is stored without words of a language, and reads wholly in either."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from crisislib.core.finding import Finding
from crisislib.core.phrase import Amount, Both, Listing, Phrase
from crisislib.core.platforms import PLATFORMS
from crisislib.core.tables import empty
from crisislib.engine.context import RunContext, RunWindow
from crisislib.engine.enrich import complete_labels
from crisislib.engine.findings import finding_rows, read_findings
from crisislib.engine.home import Home
from crisislib.engine.trace import topics, trace
from crisislib.simulation import simulate
from tests.spread.samples import NOW
from tests.support.filled import write_watch
from tests.support.odd_posts import quotes

pytestmark = pytest.mark.long

ROOMS = ("spread.", "forecast.", "rumour.", "text.")
OWN_WORDS = {"words", "platform", "src", "dst"}
"""Facts that are the posts' own words, or codes that have no name of ours."""
PLAIN = re.compile(r"[\d.,:+\-–% ]*(UTC)?|\?|re_\w+|src_\w+")
"""A number, a time, a mark for what is not known; the key of a reason."""
CJK = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
LATIN = re.compile(r"[A-Za-z]{2,}")
NAMES = {"UTC", *LATIN.findall(" ".join(PLATFORMS.values()))}
"""Latin words that a Chinese sentence keeps: the clock, and platforms that have no Chinese name."""


def told(root: Path, posts, people, now) -> list[Finding]:
    """What a run tells of some posts, through the lake and back."""
    write_watch(root / "watches", "demo", "zh")
    home = Home.here(lake=root / "lake", watches=root / "watches", reports=root / "reports")
    home.lake.append("POSTS", posts)
    home.lake.append("ACCOUNTS", people)
    ctx = RunContext(home, home.watch("demo"), RunWindow(now - timedelta(days=60), now, now, now), "run-1")
    ctx.append("LABELS", complete_labels(home, ctx.watch, home.lake.arrow("POSTS"), now=now))
    ctx.append("FINDINGS", finding_rows(ctx, [*topics(ctx), *trace(ctx).findings], at=now))
    return read_findings(home.lake, "demo", ROOMS, now=now)


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    drill = simulate(0, 3000, kind="rumour", watch="demo", language="zh")
    now = drill.posts["created_at"].to_pandas().max().to_pydatetime() - timedelta(hours=20)
    made = told(tmp_path_factory.mktemp("drill"), drill.posts, drill.accounts, now)
    odd = quotes(12)
    odd = odd.set_column(0, odd.schema.field(0), [["demo"] * odd.num_rows])
    return [*made, *told(tmp_path_factory.mktemp("odd"), odd, empty("ACCOUNTS"), NOW)]


def test_all_rooms_have_told(findings: list[Finding]) -> None:
    keys = {f.key for f in findings}
    wanted = "spread.size spread.crossing spread.communities spread.reproduction spread.coordination forecast.size"
    for key in f"{wanted} rumour.score rumour.reason text.topics.largest text.narratives.largest".split():
        assert key in keys, key


def test_facts_are_numbers_times_and_words_that_wait_for_their_reader(findings: list[Finding]) -> None:
    for finding in findings:
        for name, value in finding.facts.items():
            words = isinstance(value, Phrase | Amount | Both | Listing)
            loose = isinstance(value, str) and name not in OWN_WORDS and not PLAIN.fullmatch(value)
            assert words or not loose, f"{finding.key}.{name}: {value!r} is words of one language"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_sentence_holds_no_word_of_the_other_language(findings: list[Finding], language: str) -> None:
    for finding in findings:
        own = {k: "¤" if k == "words" else v for k, v in finding.facts.items()}
        said = Phrase(finding.message, own).render(language)
        for sentence in (said, *finding.caveats(language)):
            foreign = CJK.findall(sentence) if language == "en" else set(LATIN.findall(sentence)) - NAMES
            assert not foreign, f"{finding.key}: {foreign} in {sentence}"
