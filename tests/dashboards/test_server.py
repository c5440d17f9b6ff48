"""The dashboards' server itself: whom it answers, when it is full, and that kernels end with their pages."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from crisislib.services.dashboards_access import Access, Token
from crisislib.services.dashboards_app import PageKernels
from crisislib.services.dashboards_server import ACCESS, voila_command, voila_environment
from tests.dashboards.conftest import voila

pytestmark = pytest.mark.slow
POLICY = "Content-Security-Policy"
PAGE = "/voila/render/situation.ipynb"


def get(address: str, path: str = PAGE, **headers: str) -> httpx.Response:
    return httpx.get(address + path, headers=headers, timeout=120, trust_env=False)


def test_a_foreign_host_is_refused_and_a_policy_is_sent(address: str) -> None:
    assert get(address, "/", Host="evil.example").status_code == 403
    assert get(address, PAGE, Host="evil.example:80").status_code == 403
    first = get(address, "/", Host="localhost:1")
    assert first.status_code == 302 and first.headers["Location"].startswith("/situation")
    good = get(address, PAGE, Host="localhost:1")
    assert good.status_code == 200
    policy = good.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "object-src 'none'" in policy and "frame-ancestors 'self'" in policy


def test_only_headers_can_be_asked_for_and_a_refusal_is_plain_text(address: str) -> None:
    alone = httpx.head(f"{address}/situation", timeout=120, trust_env=False)
    assert alone.status_code == 200 and not alone.content and "default-src 'none'" in alone.headers[POLICY]
    refused = httpx.put(f"{address}/situation", timeout=120, trust_env=False)
    assert refused.status_code in (403, 405) and refused.text.startswith(str(refused.status_code))


def test_an_address_that_no_page_has_is_answered_in_the_house_look_and_the_readers_language(address: str) -> None:
    for path in ("/nonesuch", "/incident/extra", "/a/b/c?language=en"):
        found = get(address, path, **{"Accept-Language": "en"})
        assert found.status_code == 404 and "There is no such page" in found.text, path
        assert 'href="/situation?language=en"' in found.text and "default-src 'none'" in found.headers[POLICY]
    assert "没有这个页面" in get(address, "/nonesuch", **{"Accept-Language": "zh-CN"}).text
    file = get(address, "/posts.csv?watch=example&platform=nonesuch&language=en")
    assert file.status_code == 404 and "Weibo" in file.text, "no file of other posts instead"


def test_the_command_line_says_when_a_browser_is_answered(home, address: str) -> None:
    assert httpx.get(f"{address}/situation", trust_env=False).status_code == 200
    assert "ready\n" in (home / "voila.log").read_text(encoding="utf-8")


def test_a_page_ends_its_own_kernel_and_no_other_site_does(address: str) -> None:
    page = get(address)
    kernel = json.loads(page.text.split('id="jupyter-config-data" type="application/json">')[1].split("</script>")[0])[
        "kernelId"
    ]
    stop = f"{address}/voila/api/shutdown/{kernel}"
    assert httpx.post(stop, headers={"Origin": "http://evil.example"}, trust_env=False).status_code == 403
    assert httpx.post(stop, trust_env=False).status_code == 403
    assert httpx.post(stop, headers={"Origin": address}, timeout=60, trust_env=False).status_code == 204


def test_a_full_server_says_so_in_both_languages(home) -> None:
    with voila(home, most=1) as where:
        assert get(where).status_code == 200
        second = get(where)
        assert second.status_code == 503 and int(second.headers["Retry-After"]) > 0
        assert "places (" in second.text and "已满" in second.text


def test_with_a_token_nobody_gets_in_without(home) -> None:
    with voila(home, access=Access(tokens=[Token("open-sesame", "analyst")])) as where:
        assert "token" in str(get(where, "/").url) or get(where, "/").status_code in (302, 403)
        assert get(where, PAGE + "?token=open-sesame").status_code == 200
        assert get(where, PAGE).status_code != 200


def test_a_token_is_not_in_the_arguments(home) -> None:
    from crisislib.engine import Home

    access = Access(tokens=[Token("open-sesame", "analyst")])
    place = Home(home / "lake", home / "watches", home / "reports")
    assert "open-sesame" in voila_environment(place, access=access)[ACCESS]
    assert "open-sesame" not in " ".join(voila_command(place, host="127.0.0.1", port=1, pool=0))


def test_an_abandoned_kernel_is_told_from_one_in_use() -> None:
    kernels = PageKernels()
    kernels._kernels = {"open": None, "left": None}
    kernels._kernel_connections = {"open": 1, "left": 0}
    now = time.monotonic()
    assert kernels.in_use(now) == (["open", "left"], [])
    assert kernels.in_use(now + 61) == (["open"], ["left"])
    kernels._kernels = {}
