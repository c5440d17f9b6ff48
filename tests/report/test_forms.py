"""A report as it is read: first page first, contents, PDF with pages, mail with its picture inside, and small."""

from __future__ import annotations

import base64
import email
import re
import zlib
from email import policy

import pytest

from crisislib.core.errors import ReportError
from crisislib.report import browser, pdf_print, print_pdf
from crisislib.report.mail_message import MAIL_MIME
from crisislib.workbench import executive_page
from tests.support.browser import chromium

pytestmark = pytest.mark.long

KINDS = ["brief", "delta", "incident", "aftermath", "period"]
LARGEST = 2_000_000


@pytest.fixture(scope="module", params=KINDS)
def written(request, make):
    return make(request.param)


def test_the_executive_page_comes_first_and_the_file_is_small(written):
    html = written.html.read_text(encoding="utf-8")
    assert len(html.encode()) <= LARGEST
    first = html.index('class="cw-design executive"')
    assert first < html.index('class="cw-health') < html.index('<h2 class="cw-h2"')
    level = re.search(r'<div class="level level-(\w+)">', html)
    assert level and "print-color-adjust:exact" in html, "the level survives print"


def test_contents_name_every_section_and_lead_to_it(written):
    html = written.html.read_text(encoding="utf-8")
    sections = re.findall(r'<h2 class="cw-h2" id="(section-\d+)">', html)
    assert sections and [f"#{one}" for one in sections] == re.findall(r'<li><a href="(#section-\d+)">', html)


def test_the_mail_shows_without_style_sheet_script_or_fetch(written):
    message = email.message_from_bytes(written.mail.read_bytes(), policy=policy.default)
    html = message.get_body(("html",)).get_content()
    assert not re.search(r"<(style|script|link|svg|iframe)", html) and "http" not in html.split("</head>")[1]
    assert len(written.mail.read_bytes()) <= LARGEST
    # Outlook draws with Word: it knows no padding of a div, no greatest width, and no layout but tables.
    assert not re.search(r"<div[^>]*padding|display:(flex|grid)|background-image|var\(", html)
    assert html.count("<!--[if mso]>") == 2 and re.search(r'<img [^>]*width="\d+"', html)
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]
    names = {part["Content-ID"].strip("<>") for part in pictures}
    assert names == set(re.findall(r'src="cid:(\w+)"', html)) and pictures
    assert pictures[0].get_content().startswith(b"\x89PNG")
    assert message.get_body(("plain",)).get_content().strip() and message["Subject"]


def test_the_mail_type_is_one_name():
    assert executive_page.MAIL_MIME == MAIL_MIME


def test_without_a_browser_the_error_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("CRISIS_BROWSER", raising=False)
    monkeypatch.setattr(pdf_print.shutil, "which", lambda _: None)
    monkeypatch.setattr(pdf_print, "PLACES", ())
    with pytest.raises(ReportError, match="no browser is installed") as fault:
        print_pdf(tmp_path / "brief.html")
    assert "CRISIS_BROWSER" in str(fault.value.do)
    monkeypatch.setenv("CRISIS_BROWSER", "nonesuch")
    with pytest.raises(ReportError, match="nonesuch"):
        browser()


@pytest.mark.slow
@pytest.mark.browser
def test_the_pdf_has_pages_text_and_bookmarks(make):
    try:
        browser()
    except ReportError:
        pytest.skip("no browser is installed that could print")
    pdf = print_pdf(make("brief").html).read_bytes()
    assert pdf.startswith(b"%PDF") and len(pdf) <= LARGEST
    packed = re.findall(rb"/Type /ObjStm.*?stream\n(.*?)\nendstream", pdf, re.DOTALL)
    inside = b"".join(zlib.decompress(one) for one in packed)
    assert packed and len(re.findall(rb"/Type\s*/Page\b", inside)) >= 3 and b"/Outlines" in inside


@pytest.mark.slow
@pytest.mark.browser
def test_nothing_is_wider_than_paper_so_that_none_of_it_is_shrunk(written):
    with chromium() as started:
        page = started.new_page(viewport={"width": 688, "height": 1000})  # A4 without its margins
        page.emulate_media(media="print")
        page.goto(written.html.as_uri())
        page.wait_for_timeout(1500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 688
        narrow = (
            "[...document.querySelectorAll('.chart svg.marks')].filter(one => one.getBoundingClientRect().width < 560)"
        )
        assert not page.evaluate(f"{narrow}.map(one => one.textContent.slice(0, 60))")


@pytest.mark.slow
@pytest.mark.browser
def test_nothing_is_wider_than_a_phone(written):
    with chromium() as started:
        page = started.new_page(viewport={"width": 390, "height": 844})
        page.goto(written.html.as_uri())
        page.wait_for_timeout(1500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_picture_of_no_drawing_is_none():
    from crisislib.workbench.mail_page import picture

    assert picture("") == b""
    inside = '<rect width="4" height="4" fill="var(--accent)"/>'
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4">{inside}</svg>'
    assert base64.b64encode(picture(drawn)).startswith(b"iVBOR")
