"""Sending to real servers on loopback: mail, webhook, a failing one, a slow one, none at all."""

import json
import threading
import time
from datetime import UTC, datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pandas as pd
import pyarrow as pa
import pytest
from aiosmtpd.controller import Controller

from crisislib.core.errors import NotifyError, WatchError
from crisislib.core.finding import Finding
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Brand, Channel
from crisislib.notify import Notice, check_channels, deliver

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
WATCH = Watch(
    watch="w", title={"zh": "某牌", "en": "Brand"}, language="zh", timezone="Asia/Shanghai", brand=Brand(names=["某牌"])
)


def notice(name="item-1", text="负面帖文 <b>42</b> 条。", attachment=None):
    return Notice(
        name,
        "某牌：过期奶传言",
        "orange",
        NOW,
        [Finding("k", text, {}, pd.DataFrame(), n=42)],
        "brief.html",
        attachment,
    )


class Hook(BaseHTTPRequestHandler):
    """Answers as its path says: /ok, /fail, /slow."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/slow"):
            time.sleep(3)
        self.server.got.append((self.path, json.loads(body)))
        self.send_response(500 if self.path.startswith("/fail") else 200)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def hook():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.got = []
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Box:
    refuse = False

    def __init__(self):
        self.mails = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refuse:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mailbox():
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=0)
    # aiosmtpd cannot pick a free port by itself: find one first
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        controller.port = probe.getsockname()[1]
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()


def web(server, path, **more):
    return Channel(name=path.strip("/"), url=f"json://127.0.0.1:{server.server_port}{path}", **more)


def test_webhook_takes_it_once(hook):
    first = deliver([notice()], [web(hook, "/ok")], watch=WATCH, now=NOW)
    assert first["ok"].to_pylist() == [True] and first["attempt"].to_pylist() == [1]
    _, sent = hook.got[0]
    assert "橙色" in sent["title"] and "42" in sent["message"] and "item-1" in sent["message"]
    again = deliver([notice()], [web(hook, "/ok")], watch=WATCH, now=NOW, history=first)
    assert again.num_rows == 0 and len(hook.got) == 1


def test_language_of_the_channel(hook):
    deliver([notice()], [web(hook, "/ok", language="en")], watch=WATCH, now=NOW)
    assert "Orange alert" in hook.got[0][1]["title"]


def test_mail_with_attachment_and_escaped_html(mailbox, tmp_path):
    brief = tmp_path / "brief.html"
    brief.write_text("<p>brief</p>", encoding="utf-8")
    url = f"mailto://127.0.0.1:{mailbox.port}?from=crisis@example.org&to=duty@example.org&mode=insecure"
    done = deliver([notice(attachment=brief)], [Channel(name="mail", url=url)], watch=WATCH, now=NOW)
    assert done["ok"].to_pylist() == [True], done["detail"]
    mail = mailbox.mails[0]
    assert "橙色" in mail["Subject"]
    assert "&lt;b&gt;42&lt;/b&gt;" in mail.get_body(preferencelist=("html",)).get_content()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["brief.html"]


def test_a_failure_is_recorded_with_its_reason(hook):
    done = deliver([notice()], [web(hook, "/fail")], watch=WATCH, now=NOW)
    assert done["ok"].to_pylist() == [False] and "500" in done["detail"][0].as_py()


def test_a_lost_attachment_does_not_stop_the_message(hook, tmp_path):
    done = deliver([notice(attachment=tmp_path / "gone.html")], [web(hook, "/ok")], watch=WATCH, now=NOW)
    assert done["ok"].to_pylist() == [True] and "gone.html" in done["detail"][0].as_py()


def test_nobody_listens():
    done = deliver([notice()], [Channel(name="dead", url="json://127.0.0.1:9/x")], watch=WATCH, now=NOW)
    assert done["ok"].to_pylist() == [False] and done["detail"][0].as_py()


def test_a_slow_channel_does_not_hold_up_the_others_and_ends(hook):
    slow = Channel(name="slow", url=f"json://127.0.0.1:{hook.server_port}/slow?rto=1")
    seen = []
    begun = time.monotonic()
    done = deliver(
        [notice()],
        [slow, web(hook, "/ok")],
        watch=WATCH,
        now=NOW,
        record=lambda row: seen.append((row["channel"][0].as_py(), row["ok"][0].as_py())),
    )
    assert seen == [("ok", True), ("slow", False)] and time.monotonic() - begun < 2.9
    assert set(zip(done["channel"].to_pylist(), done["ok"].to_pylist(), strict=True)) == set(seen)


def test_wrong_address_is_a_recorded_failure_and_keeps_its_secret(hook):
    bad = Channel(name="bad", url="nonsense://secret-token")
    done = deliver([notice()], [bad, web(hook, "/ok")], watch=WATCH, now=NOW)
    rows = {r["channel"]: r for r in done.to_pylist()}
    assert rows["ok"]["ok"] and not rows["bad"]["ok"]
    assert "Apprise" in rows["bad"]["detail"] and "secret-token" not in rows["bad"]["detail"]
    with pytest.raises(NotifyError, match="bad"):
        check_channels([bad])


def test_missing_secret_names_the_variable(monkeypatch):
    monkeypatch.delenv("CRISIS_TEST_KEY", raising=False)
    channel = Channel(name="c", url="wecombot://${CRISIS_TEST_KEY}")
    with pytest.raises(WatchError, match="CRISIS_TEST_KEY"):
        check_channels([channel])
    done = deliver([notice()], [channel], watch=WATCH, now=NOW)
    assert "CRISIS_TEST_KEY" in done["detail"][0].as_py()


@pytest.mark.parametrize(
    "url",
    [
        "wecombot://abcdefghijklmnopqrst",
        "dingtalk://abcdefghijklmnop",
        "feishu://abcdefghijk",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
        "json://127.0.0.1/x",
        "mailtos://user:pass@example.org?to=duty@example.org",
    ],
)
def test_the_services_that_teams_use_are_known(url):
    check_channels([Channel(name="c", url=url)])


def test_retry_after_failure_succeeds(hook):
    failed = deliver(
        [notice()], [Channel(name="c", url=f"json://127.0.0.1:{hook.server_port}/fail")], watch=WATCH, now=NOW
    )
    later = datetime(2026, 3, 1, 2, 35, tzinfo=UTC)
    good = Channel(name="c", url=f"json://127.0.0.1:{hook.server_port}/ok")
    done = deliver([notice()], [good], watch=WATCH, now=later, history=failed)
    assert done["attempt"].to_pylist() == [2] and done["ok"].to_pylist() == [True]
    assert deliver([notice()], [good], watch=WATCH, now=later, history=pa.concat_tables([failed, done])).num_rows == 0
