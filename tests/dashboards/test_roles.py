"""Roles through a real server: who may change what, that it is on record, and that of two people nobody loses."""

from __future__ import annotations

import re
import shutil
from contextlib import ExitStack, closing
from html import unescape

import httpx
import pytest
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.core.errors import InputError
from crisislib.lake import Lake
from crisislib.services.dashboards_access import Access, Token, access_for, read_token, role_of_groups
from tests.dashboards.conftest import voila

TOKENS = (
    Token("viewer-token", "viewer"), Token("analyst-token", "analyst", "Li"),
    Token("responder-token", "responder", "Wang"), Token("shared-token", "analyst"),
)  # fmt: skip
PAGE = "/response?watch=example&language=en"


@pytest.fixture(scope="module")
def place(home, tmp_path_factory):
    copy = tmp_path_factory.mktemp("roles") / "home"
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns("voila.log", "logs"))
    return copy


@pytest.fixture(scope="module")
def where(place):
    with voila(place, access=Access(tokens=TOKENS)) as address:
        yield address


@pytest.fixture
def client():
    """Makes readers, each with cookies of their own; they leave at the end."""
    with ExitStack() as all_of_them:
        yield lambda where, token="": all_of_them.enter_context(closing(reader(where, token)))


def reader(where: str, token: str) -> httpx.Client:
    made = httpx.Client(base_url=where, timeout=120, trust_env=False, follow_redirects=True)
    if token:
        assert made.get(PAGE, params={"watch": "example", "language": "en", "token": token}).status_code == 200
    return made


def form(html: str, how: str) -> tuple[str, dict[str, str]]:
    """Address and hidden fields of the first form with such a button."""
    found = next(f for f in re.findall(r"<form.*?</form>", html, re.S) if f'value="{how}"' in f)
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found)
    return unescape(re.search(r'action="([^"]+)"', found)[1]), {k: unescape(v) for k, v in fields} | {"how": how}


@pytest.mark.slow
def test_a_viewer_reads_and_changes_nothing_and_an_analysts_click_is_seen_everywhere(where, place, client) -> None:
    viewer, analyst = client(where, "viewer-token"), client(where, "analyst-token")
    assert '<form method="post"' not in viewer.get(PAGE).text
    to, said = form(analyst.get(PAGE).text, "done")
    token = re.search(r'name="_xsrf" value="([^"]+)"', viewer.get("/you").text)
    refused = viewer.post(to, data={**said, "_xsrf": token[1] if token else ""})
    assert refused.status_code == 403 and not Lake(place / "lake").read("ACTIONS", watch="example")["by"].eq("Li").any()
    assert analyst.post(to, data={k: v for k, v in said.items() if k != "_xsrf"}).status_code == 403, "forged"
    page = analyst.post(to, data=said)
    assert page.status_code == 200 and "by Li" in page.text and page.url.path == "/response"
    assert "by Li" in viewer.get(PAGE).text, "every reader sees it at once"
    rows = Lake(place / "lake").read("ACTIONS", watch="example").set_index("action_id")
    assert rows.loc[said["action"], "by"] == "Li" and rows.loc[said["action"], "status"] in ("done", "done late")
    folders = ["--lake", str(place / "lake"), "--watches", str(place / "watches")]
    listed = CliRunner().invoke(app, ["task", "list", "--all", "--watch", "example", *folders])
    assert listed.exit_code == 0 and "Li" in listed.output
    other = client(where, "responder-token")
    token = re.search(r'name="_xsrf" value="([^"]+)"', other.get(PAGE).text)[1]
    late = other.post(to, data={**said, "_xsrf": token})
    assert late.status_code == 409 and "Li has settled this step already" in late.text
    rows = Lake(place / "lake").read("ACTIONS", watch="example").set_index("action_id")
    assert rows.loc[said["action"], "by"] == "Li", "the first is not written over"


@pytest.mark.slow
def test_notes_starts_and_corrections_are_on_record_by_name(where, place, client) -> None:
    analyst = client(where, "analyst-token")
    to, said = form(analyst.get(PAGE).text, "comment")
    page = analyst.post(to, data={**said, "note": "called <b>them</b>"})
    assert "called &lt;b&gt;them&lt;/b&gt; (Li, " in page.text and "<b>them" not in page.text
    to, said = form(analyst.get(PAGE).text, "na")
    assert "give a reason" in analyst.post(to, data=said).text
    to, said = form(analyst.get("/incident?watch=example&language=en").text, "retype")
    page = analyst.post(to, data={**said, "kind": "rumour", "standing": "disputed", "note": "two sources differ"})
    row = Lake(place / "lake").read("INCIDENTS", watch="example").iloc[0]
    assert page.status_code == 200 and (row["kind"], row["standing"], row["by"]) == ("rumour", "disputed", "Li")
    assert row["note"] == "two sources differ" and "disputed" in page.text
    for how, status in (("close", "closed"), ("reopen", "open")):
        to, said = form(analyst.get("/incident?watch=example&language=en").text, how)
        assert analyst.post(to, data={**said, "note": "agreed in the meeting"}).status_code == 200
        assert Lake(place / "lake").read("INCIDENTS", watch="example").iloc[0]["status"] == status
    assert analyst.post("/act/response/statement?watch=example", data={**said, "how": "approve"}).status_code == 403


@pytest.mark.slow
def test_an_analyst_proposes_a_statement_and_a_responder_is_refused_in_chinese(where, place, client) -> None:
    analyst, responder = client(where, "analyst-token"), client(where, "responder-token")
    to, said = form(analyst.get(PAGE).text, "propose")
    assert analyst.post(to, data={**said, "draft": "nonesuch"}).status_code == 409
    page = analyst.post(to, data={**said, "draft": "holding", "in": "en"}).text
    row = Lake(place / "lake").read("LOGBOOK", watch="example").query("kind == 'statement'").iloc[0]
    assert (row["status"], row["by"]) == ("draft", "Li") and "Not established: " in page
    to, said = form(page, "fill")
    page = analyst.post(to, data={**said, "fact:contact": "care@example.org <b>"}).text
    assert "care@example.org &lt;b&gt;" in page and "care@example.org <b>" not in page
    chinese = "/response?watch=example&language=zh"
    to, said = form(responder.get(chinese).text, "reject")
    assert responder.post(to, data={**said, "note": "not now"}).status_code == 200
    late = responder.post(to, data={**said, "how": "approve", "as": "lead", "content": "0" * 8, "note": ""})
    words = re.search(r'role="alert"[^>]*>([^<]*)', late.text)[1]
    assert late.status_code == 409 and "只有处于以下状态时才能这样做：草稿" in words and "的状态为：已撤回" in words
    step = responder.post("/act/response/step?watch=example&language=zh", data={**said, "how": "done", "action": "x"})
    assert "没有步骤" in step.text, "every refusal is in the reader's language"


@pytest.mark.slow
def test_two_people_fill_one_draft_and_neither_loses_words_unnoticed(where, place, client) -> None:
    analyst, responder = client(where, "analyst-token"), client(where, "responder-token")
    to, said = form(analyst.get(PAGE).text, "propose")
    analyst.post(to, data={**said, "draft": "holding", "in": "en"})
    to, first = form(analyst.get(PAGE).text, "fill")
    _, second = form(responder.get(PAGE).text, "fill")
    empty = {"fact:what_happened": "", "fact:contact": ""}
    assert analyst.post(to, data={**first, **empty, "fact:what_happened": "An old film"}).status_code == 200
    late = responder.post(to, data={**second, **empty, "fact:what_happened": "A <b>pipe", "fact:contact": "400-9"})
    words = unescape(re.search(r'role="alert"[^>]*>([^<]*)', late.text)[1])
    assert late.status_code == 409 and "“An old film” (Li, " in words, "who said what since"
    assert 'value="A &lt;b&gt;pipe"' in late.text and 'value="400-9"' in late.text, "what they typed stays"
    assert "An old film" in re.search(r'class="said-text">(.*?)</p>', late.text, re.S)[1], "the first words stand"
    assert "400-9" not in responder.get(PAGE).text, "nothing of it was recorded"
    assert responder.post(to, data={**second, **empty, "fact:contact": "400-9"}).status_code == 200, "another place"
    said = re.search(r'class="said-text">(.*?)</p>', responder.get(PAGE).text, re.S)[1]
    assert "An old film" in said and "400-9" in said
    _, again = form(late.text, "fill")
    stale = responder.post(to, data={**again, "fact:what_happened": "A pipe", "fact:contact": "400-8"})
    assert stale.status_code == 409, "somebody - they themselves - has filled the contact since"
    _, again = form(stale.text, "fill")
    page = responder.post(to, data={**again, "fact:what_happened": "A pipe"})
    assert page.status_code == 200 and "A pipe" in page.text
    to, said = form(page.text, "reject")
    assert responder.post(to, data={**said, "note": "a test"}).status_code == 200


@pytest.mark.slow
def test_a_response_is_logged_on_the_page_as_by_command(where, place, client) -> None:
    viewer, analyst = client(where, "viewer-token"), client(where, "analyst-token")
    assert 'value="log"' not in viewer.get(PAGE).text
    to, fields = form(analyst.get(PAGE).text, "log")
    words = {"kind": "press_conference", "channel": "press", "text": "We <b>answered</b> 12 questions"}
    before = len(Lake(place / "lake").read("RESPONSES", watch="example"))
    wrong = (({"at": "2031-01-01T10:00"}, "is in the future"), ({"url": "javascript:x"}, "is no web address"),
             ({"kind": "song"}, "is no kind of response"), ({"text": " "}, "needs its text or its address"),
             ({"at": "2020-01-01T10:00"}, "is before incident"), ({"at": "soon"}, "is no time"))  # fmt: skip
    for change, why in wrong:
        page = analyst.post(to, data={**fields, **words, **change})
        assert page.status_code == 409 and why in unescape(re.search(r'role="alert"[^>]*>([^<]*)', page.text)[1])
        assert change.get("text") or 'value="We &lt;b&gt;answered' in page.text, "what was typed stays"
    token = re.search(r'name="_xsrf" value="([^"]+)"', viewer.get("/you").text)
    assert viewer.post(to, data={**fields, **words, "_xsrf": token[1] if token else ""}).status_code == 403
    assert len(Lake(place / "lake").read("RESPONSES", watch="example")) == before, "nothing was logged"
    page = analyst.post(to, data={**fields, **words})
    row = Lake(place / "lake").read("RESPONSES", watch="example").sort_values("logged_at").iloc[-1]
    assert page.status_code == 200 and (row["kind"], row["by"], row["channel"]) == ("press_conference", "Li", "press")
    assert row["incident_id"] == fields["incident"] and "We &lt;b&gt;answered" in viewer.get(PAGE).text


@pytest.mark.slow
def test_a_shared_token_says_its_name_first_and_no_token_gets_a_login(where, client) -> None:
    shared = client(where, "shared-token")
    page = shared.get(PAGE).text
    assert "Say who you are" in page and 'class="act' not in page
    token = re.search(r'name="_xsrf" value="([^"]+)"', shared.get("/you").text)[1]
    named = shared.post("/you?language=en", data={"_xsrf": token, "name": "Zhao <i>"})
    assert "Zhao &lt;i&gt;" in named.text and 'class="act' in named.text
    assert shared.get("/logout").url.path == "/login" and shared.get(PAGE).url.path == "/login"
    nobody = client(where)
    assert nobody.get("/assets/pages.css").headers["Content-Type"].startswith("text/css")
    asked = nobody.get(PAGE)
    assert asked.url.path == "/login" and "Token" in asked.text
    to, said = (
        unescape(re.search(r'action="([^"]+)"', asked.text)[1]),
        {"_xsrf": re.search(r'name="_xsrf" value="([^"]+)"', asked.text)[1]},
    )
    assert nobody.post(to, data={**said, "password": "wrong"}).status_code == 401
    assert nobody.post(to, data={**said, "password": "viewer-token"}).url.path == "/response"
    away = client(where)
    said = {"_xsrf": re.search(r'name="_xsrf" value="([^"]+)"', away.get("/login").text)[1], "password": "viewer-token"}
    left = away.post("/login?next=//evil.example/", data=said, follow_redirects=False)
    assert left.headers["Location"] == "/"
    assert client(where, "viewer-token").get("/voila/tree").status_code == 403, "notebooks run code"


@pytest.mark.slow
def test_a_proxy_says_who_it_is_and_only_the_proxy(place, client) -> None:
    with voila(place, access=Access(user_header="Remote-User", role_header="Remote-Groups")) as where:
        anyone = client(where)
        assert anyone.get(PAGE).status_code in (401, 403) or anyone.get(PAGE).url.path == "/login"
        said = {"Remote-User": "wei", "Remote-Groups": "staff,crisis-analyst"}
        assert 'class="act' in anyone.get(PAGE, headers=said).text
        assert 'class="act' not in anyone.get(PAGE, headers={"Remote-User": "wei"}).text
    with voila(place, access=Access(user_header="Remote-User", proxies=["10.9.9.9"])) as where:
        assert client(where).get(PAGE, headers={"Remote-User": "wei"}).url.path != "/response"


def test_tokens_and_groups_are_read_as_written() -> None:
    assert read_token("analyst:Li=s3cretlong") == Token("s3cretlong", "analyst", "Li")
    assert read_token("responder=s3cretlong=").token == "s3cretlong="
    assert read_token("only-a-long-token").role == "viewer"
    for wrong in ("boss=s3cretlong", "analyst=short"):
        with pytest.raises(InputError):
            read_token(wrong)
    assert role_of_groups("staff, Crisis-Responder analyst") == "responder" and role_of_groups("staff") == "viewer"


def test_loopback_is_ones_own_and_anything_beyond_needs_a_token() -> None:
    given = {"tokens": (), "names": (), "no_login": False}
    assert access_for("127.0.0.1", **given).open_role == "responder" and not access_for("127.0.0.1", **given).tokens
    beyond = access_for("0.0.0.0", **given)
    assert [one.role for one in beyond.tokens] == ["viewer", "analyst", "responder"]
    assert len({one.token for one in beyond.tokens}) == 3
    assert access_for("127.0.0.1", **{**given, "names": ("crisis.example.org",)}).tokens
    assert access_for("0.0.0.0", **{**given, "no_login": True}).open_role == "viewer"
    assert Access.from_text(beyond.as_text()).tokens == beyond.tokens and not Access.from_text("").tokens
