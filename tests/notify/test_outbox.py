"""The outbox: once each, retried, never lost; a pure decision."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Brand, Channel, Levels
from crisislib.notify import Notice, due, is_quiet, undelivered

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
CHANNELS = [
    Channel(name="mail", url="json://x", from_level="yellow"),
    Channel(name="phone", url="json://y", from_level="red"),
]


def watch(**levels):
    return Watch(
        watch="w", title={"en": "W"}, timezone="Asia/Shanghai", brand=Brand(names=["B"]), levels=Levels(**levels)
    )


def notice(name="a", level="orange"):
    return Notice(name, name, level, NOW)


def tried(item, channel, ok, number, minutes_ago=0):
    at = NOW - timedelta(minutes=minutes_ago)
    row = {
        "item_id": item,
        "channel": channel,
        "sent_at": at,
        "watch": "w",
        "ok": ok,
        "attempt": number,
        "detail": "no",
    }
    return conform(pd.DataFrame([row]), "DELIVERIES")


def names(attempts):
    return [(a.notice.item_id, a.channel.name, a.number) for a in attempts]


def test_levels_choose_channels():
    assert names(due([notice()], CHANNELS, empty("DELIVERIES"), watch=watch(), now=NOW)) == [("a", "mail", 1)]
    assert len(due([notice(level="red")], CHANNELS, empty("DELIVERIES"), watch=watch(), now=NOW)) == 2
    assert (
        due([notice(level="blue"), notice(level="none")], CHANNELS, empty("DELIVERIES"), watch=watch(), now=NOW) == []
    )
    assert len(due([notice(level="unknown")], CHANNELS, empty("DELIVERIES"), watch=watch(), now=NOW)) == 2


def test_a_digest_reaches_a_channel_whatever_its_level():
    quiet = Notice("digest", "tasks", "none", NOW, every_level=True)
    channels = [Channel(name="boss", url="json://x", from_level="red")]
    assert [one.notice.item_id for one in due([quiet], channels, empty("DELIVERIES"), watch=watch(), now=NOW)] == [
        "digest"
    ]
    assert not due([notice(level="none")], channels, empty("DELIVERIES"), watch=watch(), now=NOW)


def test_what_was_taken_is_not_sent_again_and_the_same_item_counts_once():
    assert due([notice()], CHANNELS, tried("a", "mail", True, 1), watch=watch(), now=NOW) == []
    assert len(due([notice(), notice()], CHANNELS, empty("DELIVERIES"), watch=watch(), now=NOW)) == 1


def test_failures_are_retried_later_and_later():
    failed = tried("a", "mail", False, 1)
    assert due([notice()], CHANNELS, failed, watch=watch(), now=NOW + timedelta(seconds=59)) == []
    assert names(due([notice()], CHANNELS, failed, watch=watch(), now=NOW + timedelta(seconds=60))) == [
        ("a", "mail", 2)
    ]
    third = tried("a", "mail", False, 3)
    assert due([notice()], CHANNELS, third, watch=watch(), now=NOW + timedelta(minutes=3)) == []
    assert names(due([notice()], CHANNELS, third, watch=watch(), now=NOW + timedelta(minutes=4))) == [("a", "mail", 4)]


def test_giving_up_is_shown_not_lost():
    past = tried("a", "mail", False, 12, minutes_ago=999)
    assert due([notice()], CHANNELS, past, watch=watch(), now=NOW) == []
    lost = undelivered(past)
    assert lost["given_up"].tolist() == [True] and lost["detail"].tolist() == ["no"]
    assert undelivered(empty("DELIVERIES")).empty
    assert undelivered(pa.concat_tables([past, tried("a", "mail", True, 13)])).empty


def test_quiet_hours_over_midnight_spare_red():
    night = watch(quiet_from="22:00", quiet_to="07:00")
    late = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
    assert is_quiet(night, late) and not is_quiet(night, NOW) and not is_quiet(watch(), late)
    both = [notice("o", "orange"), notice("r", "red")]
    assert {a.notice.item_id for a in due(both, CHANNELS, empty("DELIVERIES"), watch=night, now=late)} == {"r"}
    assert {a.notice.item_id for a in due(both, CHANNELS, empty("DELIVERIES"), watch=night, now=NOW)} == {"o", "r"}


def test_most_urgent_first():
    order = due([notice("y", "yellow"), notice("r", "red")], CHANNELS[:1], empty("DELIVERIES"), watch=watch(), now=NOW)
    assert [a.notice.item_id for a in order] == ["r", "y"]


@settings(max_examples=10)
@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(1, 3))
def test_over_any_run_of_failures_each_arrives_once(outcomes, items):
    """Replay: a channel that fails as it likes takes each notice at most once, and nothing is forgotten."""
    notices, past, now, taken = [notice(str(i)) for i in range(items)], empty("DELIVERIES"), NOW, []
    luck = iter(outcomes)
    for _ in range(14):
        for attempt in due(notices, CHANNELS[:1], past, watch=watch(), now=now):
            ok = next(luck, True)
            if ok:
                taken.append(attempt.notice.item_id)
            row = tried(attempt.notice.item_id, "mail", ok, attempt.number)
            past = pa.concat_tables(
                [past, row.set_column(2, row.schema.field(2), pa.array([now], row.schema.field(2).type))]
            )
        now += timedelta(minutes=31)
    assert len(taken) == len(set(taken))
    held = set(undelivered(past)["item_id"])
    assert set(taken) | held == {str(i) for i in range(items)} and not set(taken) & held
