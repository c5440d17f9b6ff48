"""Lengths of time, expected counts and whole numbers are said in one way, in both languages."""

from __future__ import annotations

import numpy as np
import pytest

from crisislib.core.durations import duration, expected_count
from crisislib.core.i18n import tr


@pytest.mark.parametrize(
    ("seconds", "en", "zh", "short"),
    [
        (0, "0 seconds", "0 秒", "0 s"),
        (-5, "0 seconds", "0 秒", "0 s"),
        (60, "1 minute", "1 分钟", "1 min"),
        (10, "10 seconds", "10 秒", "10 s"),
        (292 * 60, "5 hours", "5 小时", "4 h 52 min"),
        (90 * 60, "90 minutes", "90 分钟", "1 h 30 min"),
        (59.6 * 60, "60 minutes", "60 分钟", "1 h"),
        (116 * 60, "116 minutes", "116 分钟", "1 h 56 min"),
        (3 * 3600, "3 hours", "3 小时", "3 h"),
        (11.6 * 3600, "12 hours", "12 小时", "12 h"),
        (3600, "1 hour", "1 小时", "1 h"),
        (24 * 3600, "24 hours", "24 小时", "24 h"),
        (10 * 86400, "10 days", "10 天", "10 days"),
        (200 * 86400, "7 months", "7 个月", "7 months"),
        (800 * 86400, "more than a year", "一年以上", "more than a year"),
    ],
)
def test_a_length_of_time_is_said_in_the_unit_that_fits_it(seconds, en, zh, short):
    assert duration(seconds).render("en") == en and duration(seconds).render("zh") == zh
    assert duration(seconds, short=True).render("en") == short


def test_rounding_a_length_of_time_loses_less_than_a_quarter():
    units = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "month": 86400 * 365 / 12}
    for seconds in np.geomspace(1, 364 * 86400, 400):
        number, unit = duration(float(seconds)).render("en").split()
        assert abs(int(number) * units[unit.rstrip("s")] - seconds) <= max(0.5, 0.25 * seconds)


def test_an_expected_count_splits_no_post_where_there_are_many():
    shown = [expected_count(v) for v in (17.8, 1562.3, 7.89, 0.5, 0.0, 3.0, float("nan"))]
    assert shown == ["18", "1,562", "7.9", "0.5", "0", "3", "–"]


def test_whole_numbers_have_their_separators_and_names_of_things_do_not():
    assert tr("{n} {n:story|stories}", "en", n=2588) == "2,588 stories"
    assert tr("{n}", "en", n=np.int64(12345)) == "12,345" and tr("{n}", "en", n=999) == "999"
    assert tr("{n:d} {port} {on}", "en", n=2588, port="8866", on=True) == "2588 8866 True"
