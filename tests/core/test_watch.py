"""Watch files: a wrong key or value is an error that names its place and the remedy."""

from pathlib import Path

import pytest

from crisislib.core.errors import WatchError
from crisislib.core.watch import load_watch

GOOD = "watch: demo\ntitle: {en: Demo, zh: 演示}\nbrand: {names: [Demo]}\n"
SHIPPED = sorted((Path(__file__).parents[2] / "data" / "watches").glob("*.yml"))


def write(folder: Path, text: str) -> Path:
    path = folder / "demo.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_are_sensible(tmp_path: Path) -> None:
    watch = load_watch(write(tmp_path, GOOD))
    assert watch.name("zh") == "演示" and watch.levels.red == 90 and str(watch.zone) == "UTC"


def test_accounts_are_found_however_their_platform_is_called(tmp_path: Path) -> None:
    own = "brand: {names: [Demo], accounts: ['twitter:DemoCo', '微博: 42', 'X:7', DemoCo]}"
    watch = load_watch(write(tmp_path, GOOD.replace("brand: {names: [Demo]}", own)))
    assert watch.brand.accounts == ["x:DemoCo", "weibo:42", "x:7", "DemoCo"]


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ("colour: red\n", "colour"),
        ("levels: {blue: 50, yellow: 40}\n", "levels"),
        ("levels: {quiet_from: '25:00'}\n", "levels.quiet_from"),
        ("timezone: Mars/Olympus\n", "timezone"),
        ("query: '(a OR'\n", "query"),
        ("schedule: {weekly: someday 08:00}\n", "schedule.weekly"),
        ("sources: [{source: rss, evry_minutes: 3}]\n", "sources.0.evry_minutes"),
        ("risk: {currency: banana}\n", "risk.currency: 'banana' is no currency"),
        ("risk: {currency: XQQ}\n", "ISO 4217"),
        ("risk: {daily_revenue: [3, 2, 1]}\n", "risk.daily_revenue"),
        ("risk: {forms: {colour: [1, 2, 3]}}\n", "risk.forms.colour"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, extra: str, named: str) -> None:
    with pytest.raises(WatchError) as told:
        load_watch(write(tmp_path, GOOD + extra))
    assert named in told.value.what and "demo.yml" in told.value.where and told.value.do


def test_not_yaml_and_not_there(tmp_path: Path) -> None:
    with pytest.raises(WatchError, match="not readable"):
        load_watch(write(tmp_path, "a: [b"))
    with pytest.raises(WatchError, match="there is no watch 'gone'"):
        load_watch(tmp_path / "gone.yml")


def test_a_secret_is_read_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = load_watch(write(tmp_path, GOOD + "notify: [{name: boss, url: 'json://h/${DEMO_TOKEN}'}]\n"))
    with pytest.raises(WatchError, match="DEMO_TOKEN"):
        watch.notify[0].address()
    monkeypatch.setenv("DEMO_TOKEN", "abc")
    assert watch.notify[0].address() == "json://h/abc"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_shipped_watches_are_valid(path: Path) -> None:
    assert load_watch(path).watch == path.stem
