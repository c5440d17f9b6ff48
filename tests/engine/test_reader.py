"""The reader's language: what was asked for, what the machine says, what the browser says."""

from __future__ import annotations

import pytest

from crisislib.engine.reader_language import browser_language, reader_language, system_language


@pytest.mark.parametrize(
    ("env", "language"),
    [
        ({}, ""),
        ({"LANG": "C.UTF-8"}, ""),
        ({"LANG": "POSIX"}, ""),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "CRISIS_LANGUAGE": "en"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "CRISIS_LANGUAGE": "klingon"}, "zh"),
    ],
)
def test_what_the_machine_says(env: dict[str, str], language: str) -> None:
    assert system_language(env) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", ""),
        ("*", ""),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("de", "en"),
        ("ZH", "zh"),
    ],
)
def test_what_the_browser_says(header: str, language: str) -> None:
    assert browser_language(header) == language


def test_what_counts_before_what(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "CRISIS_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C")
    assert reader_language() == "en" and reader_language(usual="zh") == "zh"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert reader_language() == "zh" and reader_language(browser="en-US") == "en"
    assert reader_language(watch="en", browser="zh") == "en", "a watch of one's own says it in writing"
    monkeypatch.setenv("CRISIS_LANGUAGE", "zh")
    assert reader_language(watch="en", browser="en") == "zh"
