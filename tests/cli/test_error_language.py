"""Errors that end a command are shown in the language of the watch, of --language, or of the machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crisislib.cli import app
from crisislib.engine import Home
from tests.cli.test_team import WATCH, crisis, home

__all__ = ["crisis", "home"]


def failed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    monkeypatch.setattr(sys, "argv", ["crisis", *words])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_an_error_is_told_in_the_language_of_its_reader(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "CRISIS_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    folders = ["--lake", str(home.lake_root), "--watches", str(home.watches)]
    unknown = ["task", "done", "tea", "--watch", "acme", "--by", "Wu", *folders]
    assert "there is no step 'tea'\n  What to do: use one of" in failed(capsys, monkeypatch, *unknown)
    listed = ["task", "list", "--watch", "acme", "--incident", "inc-9", *folders]
    assert "怎么办" in failed(capsys, monkeypatch, *listed, "--language", "zh")
    assert "What to do" in failed(capsys, monkeypatch, *listed), "what was asked for once is not asked for ever"
    (home.watches / "acme.yml").write_text(WATCH.replace("language: en", "language: zh"), encoding="utf-8")
    said = failed(capsys, monkeypatch, *unknown)
    assert "没有步骤 'tea'" in said and "怎么办：" in said and "What to do" not in said
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setenv("CRISIS_HOME", str(Path(home.lake_root) / "no"))
    nowhere = failed(capsys, monkeypatch, "task", "list", "-w", "acme")
    assert "没有这个文件夹" in nowhere and "crisis init" in nowhere


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["task", "list", "--nope"], "没有选项 --nope"),
        (["nope"], "没有命令 'nope'"),
        (["risk"], "缺少 --watch"),
        (["risk", "--last", "maybe"], "--last 的值无效：应为整数"),
    ],
)
def test_a_wrong_usage_is_told_in_the_language_of_its_reader(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "CRISIS_LANGUAGE", "CRISIS_WATCH"):
        monkeypatch.delenv(name, raising=False)
    assert said not in failed(capsys, monkeypatch, *words)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    shown = failed(capsys, monkeypatch, *words)
    assert said in shown and "怎么办：查看用法：" in shown and "Usage" not in shown
