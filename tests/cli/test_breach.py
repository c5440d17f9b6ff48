"""Affected people of a data breach through the command line: list, notices, answers, the step, and privacy."""

from __future__ import annotations

import csv
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import Result
from openpyxl import Workbook
from typer.testing import CliRunner

import crisislib
from crisislib.cli.app import app
from crisislib.core.errors import InputError
from crisislib.engine import Home
from crisislib.workbench import Workbench
from tests.cli.test_logbook import identity
from tests.cli.test_release import approved
from tests.cli.test_team import crisis, home, present, refused, told
from tests.notify.test_send import mailbox

__all__ = ["crisis", "home", "mailbox"]
Crisis = Callable[..., Result]
PEOPLE = """姓名,手机号,涉及信息
张三丰,138 0013 8000,地址
Ann,ann@Example.org,"address, phone"
=cmd|' /C calc'!A0,bo@example.org,phone
张三丰,13800138000,电话
Dee,,地址
"""


@pytest.fixture
def listed(crisis: Crisis, tmp_path: Path) -> Crisis:
    told(crisis("incident", "retype", "data_breach", "--why", "the log shows it", "--by", "Li"))
    (tmp_path / "people.csv").write_bytes(PEOPLE.encode("gb18030"))
    said = told(crisis("breach", "add", str(tmp_path / "people.csv"), "--by", "Li"))
    assert "4 people added" in said and "1 person has no contact" in said and "rows 6" in said
    return crisis


def notice(crisis: Crisis) -> str:
    facts = {"what_happened": "A server was open", "what_we_do": "We closed it", "not_leaked": "cards", "harm": "scams",
             "what_you_do": "Beware of calls", "contact": "400-1"}  # fmt: skip
    words = [w for k, v in facts.items() for w in ("-f", f"{k}={v}", "-e", f"{k}=security log")]
    own = identity(told(crisis("release", "propose", "notice", *words, "--by", "Ann", "--language", "en")))
    refused(crisis("breach", "write", own, "--out", "never.csv"), "is draft")
    told(approved(crisis, own, "legal", "Bo"))
    told(approved(crisis, own, "lead", "Chen"))
    return own


def test_from_the_list_to_the_step(listed: Crisis, home: Home, tmp_path: Path) -> None:
    own = notice(listed)
    refused(listed("release", "publish", own, "--url", "https://x.example/1"), "goes to each affected person")
    out = tmp_path / "merge.csv"
    assert "3 notices written" in told(listed("breach", "write", own, "--out", str(out), "--by", "Li"))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["contact"] for row in rows} == {"138 0013 8000", "ann@Example.org", "bo@example.org"}
    first = next(row for row in rows if "138" in row["contact"])
    assert (
        "Dear 张三丰" in first["notice"] and "地址; 电话" in first["notice"] and "A server was open" in first["notice"]
    )
    assert next(r for r in rows if r["contact"].startswith("bo"))["name"].startswith("'=")
    told(listed("breach", "mark", "sent", "--state", "written", "--by", "Li"))
    assert present(home).loc["notify_users", "status"] in ("open", "late"), "Dee has not been informed"
    (tmp_path / "bounces.csv").write_text("email\nANN@example.org\n", encoding="utf-8")
    told(listed("breach", "mark", "bounced", "--file", str(tmp_path / "bounces.csv"), "--by", "Li"))
    told(listed("breach", "mark", "informed", "ann@example.org", "--note", "by telephone", "--by", "Wu"))
    shown = told(listed("breach", "list", "--state", "open"))
    assert "D***e" in shown and "Of 4 affected people, 3 have been informed" in shown
    dee = shown.split("Note")[1].split()[0]
    refused(listed("breach", "mark", "unreachable", dee), "without a reason")
    said = told(listed("breach", "mark", "unreachable", dee, "--note", "no contact; notice on the site", "--by", "Wu"))
    assert "All 4 affected people" in said and "done with it" in said
    assert present(home).loc["notify_users", "status"].startswith("done")
    told(listed("breach", "mark", "bounced", "bo@example.org", "--note", "mailbox full"))
    assert present(home).loc["notify_users", "status"] in ("open", "late"), "somebody is no longer informed"
    assert "Of 4 affected people" in told(listed("handover"))
    assert "受影响者共 4 人" in told(listed("task", "list", "--language", "zh"))
    told(listed("breach", "mark", "answered", "bo@example.org"))
    assert present(home).loc["notify_users", "status"].startswith("done")
    rows = home.lake.read("NOTICES", watch="acme", present=False)
    assert set(rows["by"]) >= {"Li", "Wu"} and rows["account_id"].str.startswith("contact:~").all()
    bench = Workbench.open("acme", lake=home.lake_root, watches=home.watches, language="en")
    assert "All 4 affected people" in bench.notices().text


def test_notices_go_out_one_by_one_and_what_fails_stays(listed: Crisis, home: Home, mailbox: Any) -> None:
    own = notice(listed)
    refused(listed("breach", "send", own, "--through", "json://127.0.0.1", "--yes"), "no {contact}")
    told(listed("breach", "mark", "informed", "13800138000", "--note", "by telephone"))
    mail = "mailto://127.0.0.1:{port}?from=care@example.org&to={{contact}}&mode=insecure"
    words = ["breach", "send", own, "--through", mail.format(port=mailbox.port), "--by", "Li", "--watch", "acme"]
    assert "2 notices sent" in told(CliRunner().invoke(app, words, input="y\n"))
    found = {mail["To"]: mail for mail in mailbox.mails}
    assert sorted(to.strip("<>").casefold() for to in found) == ["ann@example.org", "bo@example.org"]
    text = next(m for to, m in found.items() if "nn" in to).get_body(preferencelist=("plain",)).get_content()
    assert "Dear Ann" in text and "address, phone" in text
    assert sorted(home.lake.read("NOTICES", watch="acme")["status"]) == ["informed", "open", "sent", "sent"]
    told(listed("breach", "mark", "open", "--state", "sent"))
    result = listed("breach", "send", own, "--through", mail.format(port=9), "--yes")
    assert result.exit_code == 1 and "0 notices sent, 2 not taken" in result.output
    rows = home.lake.read("NOTICES", watch="acme")
    assert set(rows["status"]) == {"open", "informed"} and rows["note"].str.startswith("not sent").sum() == 2


def test_a_person_is_stored_apart_shown_and_erased(listed: Crisis, home: Home, tmp_path: Path) -> None:
    folder = home.lake_root / "artifacts" / "breach"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in home.lake_root.rglob("*"):
        if path.is_file() and folder not in path.parents:
            assert b"ann@" not in path.read_bytes().lower(), path
    run = CliRunner().invoke
    shown = told(run(app, ["person", "contact:ann@example.org", "--export", str(tmp_path / "ann.json")]))
    assert "NOTICES" in shown and "people.jsonl" in shown
    assert "address, phone" in (tmp_path / "ann.json").read_text(encoding="utf-8")
    told(run(app, ["erase", "contact:ANN@example.org", "--yes"]))
    assert "Ann" not in (folder / "inc-1" / "people.jsonl").read_text(encoding="utf-8")
    assert len(home.lake.read("NOTICES", watch="acme")) == 3
    assert "138" in (folder / "inc-1" / "people.jsonl").read_text(encoding="utf-8")


def test_retention_reaches_the_list(listed: Crisis, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):  # type: ignore[no-untyped-def]
            return datetime.now(tz) + pd.Timedelta(days=30)

    monkeypatch.setattr("crisislib.cli.maintain.datetime", Later)
    assert "people.jsonl" in told(listed("forget", "--days", "10"))
    assert not (home.lake_root / "artifacts" / "breach" / "inc-1" / "people.jsonl").read_text(encoding="utf-8")
    assert home.lake.read("NOTICES", watch="acme", present=False).empty


def test_what_cannot_be_a_list_is_refused(crisis: Crisis, home: Home, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("who,where\nAnn,x\n", encoding="utf-8")
    refused(crisis("breach", "add", str(tmp_path / "l.csv")), "hold a contact")
    told(crisis("breach", "add", str(tmp_path / "l.csv"), "--column", "contact=where", "--column", "name=who"))
    refused(crisis("breach", "mark", "sent"), "nobody is named")
    refused(crisis("breach", "mark", "lost", "x"), "no state of a person")
    refused(crisis("breach", "list", "--state", "lost"), "no state of a person")
    refused(crisis("breach", "mark", "sent", "nobody@example.org"), "0 affected people")


def test_who_has_no_address_may_have_a_number(crisis: Crisis, home: Home, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("姓名,手机,邮箱\n王五,13800138001,\nAnn,,a@x.example\n", encoding="utf-8")
    said = told(crisis("breach", "add", str(tmp_path / "l.csv"), "--by", "Li"))
    assert "2 people added" in said and "has no contact" not in said
    listed = told(crisis("breach", "list", "--language", "zh"))
    assert "1***1" in listed and "from the list l.csv" in listed


ODD = """序号,会员姓名,手机（登记）,E-mail地址,紧急联系人电话,泄露字段
1,王五,138 0013 8001,,13700000000,地址
2,赵六,+86 138-0013-8001,,,生日
3,,,,13700000001,
4,Ann,,ann@example.org,,生日
5,孙七,1.38E+10,,,地址
6,周八,,zhou@example.org,,地址
"""


def test_odd_columns_are_found_and_told_and_no_row_is_lost_in_silence(crisis: Crisis, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_bytes(ODD.encode("gb18030"))
    said = told(crisis("breach", "add", str(tmp_path / "l.csv"), "--by", "Li"))
    assert "Contact = E-mail地址 / 手机（登记）" in said and "Not read: 序号, 紧急联系人电话" in said
    assert "4 people added" in said and "1 row has neither a name nor a contact and was left out: 4" in said
    assert "1 row has the contact of somebody above, under another name" in said and "to both: 3" in said
    assert "1 person has no contact and must be informed in another way, rows 6" in said, "a rounded number is none"
    assert "王五, 赵六" in told(crisis("breach", "list", "--plain"))
    dee = told(crisis("breach", "list", "--plain")).split("孙七")[0].split()[-1]
    refused(crisis("breach", "mark", "removed", dee), "without a reason")
    assert "Of 3 affected people" in told(crisis("breach", "mark", "removed", dee, "--note", "a double"))
    (tmp_path / "back.csv").write_text("Wer,Status\nANN@example.org,550\n", encoding="utf-8")
    refused(crisis("breach", "mark", "bounced", "--file", str(tmp_path / "back.csv")), "--column")
    told(crisis("breach", "mark", "bounced", "--file", str(tmp_path / "back.csv"), "--column", "Wer"))


def test_a_workbook_may_hold_a_sheet_of_explanations(crisis: Crisis, tmp_path: Path) -> None:
    book = Workbook()
    for row in (["名单（机密）"], [], ["会员ID", "姓名", "手机号"], [1, "吴九", 13900139000]):
        book.active.append(row)
    book.create_sheet("说明").append(["请勿外传"])
    book.save(tmp_path / "l.xlsx")
    said = told(crisis("breach", "add", str(tmp_path / "l.xlsx")))
    assert "1 person added" in said and "[说明]" in said
    book.create_sheet("二").append(["姓名", "手机号"])
    book.save(tmp_path / "l.xlsx")
    refused(crisis("breach", "add", str(tmp_path / "l.xlsx")), "2 of them can be meant")


def test_a_channel_is_given_what_it_takes_and_reasons_name_nobody(
    crisis: Crisis, home: Home, mailbox: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told(crisis("incident", "retype", "data_breach", "--why", "the log shows it", "--by", "Li"))
    rows = [f"P{i},138 0013 80{i:02}," for i in range(9)] + ["Ann,,ann@example.org"]
    (tmp_path / "l.csv").write_text("\n".join(["姓名,手机,邮箱", *rows]), encoding="utf-8")
    told(crisis("breach", "add", str(tmp_path / "l.csv"), "--data", "phone"))
    own = notice(crisis)
    mail = f"mailto://127.0.0.1:{mailbox.port}?from=care@example.org&to={{contact}}&mode=insecure"
    said = told(crisis("breach", "send", own, "--through", mail, "--yes"))
    assert "1 notice sent, 0 not taken" in said and "9 people have contacts of another kind" in said
    told(crisis("breach", "mark", "open", "--state", "sent"))
    mailbox.refuse = True
    result = crisis("breach", "send", own, "--through", mail, "--yes")
    assert result.exit_code == 1 and "550" in result.output, "what the server said"
    notes = home.lake.read("NOTICES", watch="acme")["note"]
    assert notes.str.contains("550").sum() == 1 and not notes.str.contains("ann@").any()
    assert "ann@" not in caplog.text


def test_a_notice_of_a_drill_says_so_and_is_asked_about(listed: Crisis, home: Home, mailbox: Any) -> None:
    path = home.watches / "acme.yml"
    path.write_text(path.read_text(encoding="utf-8") + "drill: true\n", encoding="utf-8")
    own = notice(listed)
    mail = f"mailto://127.0.0.1:{mailbox.port}?from=care@example.org&to={{contact}}&mode=insecure"
    words = ["breach", "send", own, "--through", mail, "--by", "Li", "--watch", "acme"]
    asked = CliRunner().invoke(app, words, input="n\n")
    assert asked.exit_code == 1 and "This is a drill." in asked.output and not mailbox.mails
    told(CliRunner().invoke(app, words, input="y\n"))
    assert mailbox.mails and all(str(one["Subject"]).startswith("[DRILL] ") for one in mailbox.mails)


def test_a_number_is_one_recipient(crisis: Crisis, home: Home, tmp_path: Path) -> None:
    from crisislib import notify
    from crisislib.respond import contact_key, contact_to_use

    assert contact_to_use("138 0013 8001") == contact_key("+86 138-0013-8001") == contact_key("0086 13800138001")
    assert contact_key("0044 20 7946 0000") == contact_key("+44 (20) 7946-0000") != contact_key("20 7946 0000")
    assert contact_to_use("Ann@Example.org") == "Ann@Example.org"
    assert not notify.takes("mailto://127.0.0.1:9?from=a@example.org&to={contact}", "13800138001")
    assert notify.takes("json://127.0.0.1/{contact}", "13800138001")


def test_notices_on_plain_frames() -> None:
    people = pd.DataFrame({"name": ["Ann", ""], "contact": ["a@b.org", "c@d.org"], "data": ["phone", "phone"]})
    with pytest.raises(InputError, match="1 of 2 people have no name"):
        crisislib.notices(people, "Dear {affected_name}")
    assert crisislib.notices(people, "Your {affected_data} {x}")["notice"].tolist() == ["Your phone {x}"] * 2


SEVERAL = """姓名,邮箱,手机,首选联系方式,泄露信息
Ann,ann@example.org,138 0013 8000,手机,地址
Bo,bo@example.org; bo@work.example,13900139000,,电话
Cy,cy@example.org,,,电话
Ann,,13800138000,,生日
Dee,,,dee@example.org,电话
"""


@pytest.fixture
def several(crisis: Crisis, tmp_path: Path) -> Crisis:
    told(crisis("incident", "retype", "data_breach", "--why", "the log shows it", "--by", "Li"))
    (tmp_path / "l.csv").write_text(SEVERAL, encoding="utf-8")
    said = told(crisis("breach", "add", str(tmp_path / "l.csv"), "--by", "Li"))
    assert "4 people added" in said and "Preferred = 首选联系方式" in said and "no contact" not in said
    return crisis


def test_several_contacts_of_one_person_a_preferred_one_and_which_was_used(
    several: Crisis, home: Home, tmp_path: Path, mailbox: Any
) -> None:
    listed = told(several("breach", "list", "--plain"))
    ann = next(line for line in listed.splitlines() if "Ann" in line)
    assert "138 0013 8000, ann@example.org" in ann and "地址; 生日" in ann, "two rows, one person; the phone first"
    assert "bo@example.org, bo@work.example, 13900139000" in listed
    own, out = notice(several), tmp_path / "merge.csv"
    assert "2 notices written" in told(several("breach", "write", own, "--out", str(out), "--kind", "phone"))
    assert "13900139000" in out.read_text(encoding="utf-8") and "ann@" not in out.read_text(encoding="utf-8")
    told(several("breach", "mark", "open", "--state", "written"))
    refused(several("breach", "write", own, "--out", str(out), "--kind", "fax"), "no kind of contact")
    mail = f"mailto://127.0.0.1:{mailbox.port}?from=care@example.org&to={{contact}}&mode=insecure"
    assert "4 notices sent" in told(several("breach", "send", own, "--through", mail, "--yes"))
    assert sorted(str(one["To"]).strip("<>").casefold() for one in mailbox.mails)[0] == "ann@example.org"
    used = told(several("breach", "list", "--plain"))
    assert next(line for line in used.splitlines() if "Ann" in line).count("ann@example.org") == 2, "listed, and used"
    mailbox.mails.clear()
    told(several("breach", "mark", "bounced", "bo@example.org"))
    assert "1 notice sent" in told(several("breach", "send", own, "--through", mail, "--yes", "--state", "bounced"))
    assert [str(one["To"]).strip("<>") for one in mailbox.mails] == ["bo@work.example"], "not to what came back"
    told(several("breach", "mark", "informed", "139 0013 9000", "--note", "by telephone", "--by", "Wu"))
    bo = next(line for line in told(several("breach", "list", "--plain")).splitlines() if "Bo" in line)
    assert bo.count("13900139000") == 2 and "informed" in bo
    rows = home.lake.read("NOTICES", watch="acme")
    assert rows["contact_id"].dropna().str.startswith("contact:~").all()


def test_a_preferred_contact_is_changed_and_stays_when_the_list_comes_again(
    several: Crisis, home: Home, tmp_path: Path
) -> None:
    refused(several("breach", "prefer", "cy@example.org", "at the office"), "neither a mail address nor")
    assert "is the preferred contact now, by Li" in told(
        several("breach", "prefer", "cy@example.org", "13700137000", "--by", "Li")
    )
    told(several("breach", "add", str(tmp_path / "l.csv"), "--by", "Li"))
    listed = told(several("breach", "list", "--plain"))
    assert "13700137000, cy@example.org" in listed and "Of 4 affected people" in listed
    (tmp_path / "m.csv").write_text("name,phone\nCy,137 0013 7000\n", encoding="utf-8")
    assert "0 people added, 1 known before" in told(several("breach", "add", str(tmp_path / "m.csv")))
    shown = told(several("breach", "list"))
    assert "cy@" not in shown and "another contact is preferred now" in shown


def test_erasure_by_any_contact_reaches_all_of_the_person(several: Crisis, home: Home) -> None:
    told(CliRunner().invoke(app, ["erase", "contact:+86 138 0013 8000", "--yes"]))
    text = (home.lake_root / "artifacts" / "breach" / "inc-1" / "people.jsonl").read_text(encoding="utf-8")
    assert "Ann" not in text and "ann@" not in text and "Bo" in text
    assert len(home.lake.read("NOTICES", watch="acme")) == 3
