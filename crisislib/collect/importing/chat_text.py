"""Chats saved as text (WhatsApp): one message a line, which may run over several."""

from __future__ import annotations

import re

import pyarrow as pa

HEADER = ["chat time", "chat author", "chat text", "chat app"]
"""Column names of a chat read from text; the layout of such chats knows them."""
ENOUGH = 0.3
"""Share of the first lines that begin like a message; long messages and empty lines make up the rest."""
HEAD = 200
"""Lines looked at."""
_DAY = r"(?:\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{1,4}\.?|\d{4}년 \d{1,2}월 \d{1,2}일)"
_HALF = r"(?:(?:à|at|um|上午|下午|凌晨|晚上|早上|中午|오전|오후|午前|午後)\s*)?"
_START = re.compile(
    rf"^\[?(?P<at>{_DAY},?\s+{_HALF}\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?"
    r"(?:[\s\u202f\u00a0]*(?:[AaPp]\.?[\s\u00a0]?[Mm]\.?|[مص]))?)\]?,?\s*(?:-|–|:)?\s*(?P<rest>.*)$"
)
_TWELVE = re.compile(r"[AaPp]\.?[\s\u00a0]?[Mm]\b|[上下]午|오[전후]|午[前後]|[مص]")
_SLASHED = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{2,4})\b")
_SIGNAL = re.compile(r"^\[\d{4}-\d\d-\d\d,? \d\d:\d\d\] ")
"""How exports of Signal begin a line; WhatsApp writes seconds in its brackets."""
_QQ = re.compile(
    r"^(?P<at>\d{4}-\d\d-\d\d \d{1,2}:\d\d:\d\d) (?P<name>[^\n(<]{1,60})[(<][^\s()<>]{3,60}[)>]\r?$", re.MULTILINE
)
_LINE = re.compile(
    r"^(?P<at>(?:[上下]午)?\d{1,2}:\d\d(?: ?[AaPp][Mm])?)\t(?P<name>[^\t\n]{1,60})\t(?P<text>.*)$", re.MULTILINE
)
_LINE_DAY = re.compile(r"^(?P<day>\d{4}[/.]\d{1,2}[/.]\d{1,2})(?:\(.\)|（.）| ?\w+)?\r?$", re.MULTILINE)
_KAKAO = re.compile(
    r"^\[(?P<name>[^\]\n]{1,60})\] \[(?P<at>(?:(?:오전|오후) ?)?\d{1,2}:\d\d(?: ?[AaPp][Mm])?)\] (?P<text>.*)$",
    re.MULTILINE,
)
_KAKAO_DAY = re.compile(r"^-{5,} ?(?P<day>\d{4}년 \d{1,2}월 \d{1,2}일).*$", re.MULTILINE)
_WECHAT = re.compile(
    r"^(?P<name>[^\n\t:：]{1,40}?)[ \t]+(?P<at>\d{4}[-/]\d{1,2}[-/]\d{1,2} \d{1,2}:\d\d(?::\d\d)?)\r?$", re.MULTILINE
)
_MARKS = {0x200E: None, 0x200F: None, 0xFEFF: None, ord("،"): ","}
"""Marks of writing direction, which stand between the numbers of a date; the comma of Arabic."""
_BEGIN = 20_000
"""Characters in which the first messages stand."""
_AUTHOR = re.compile(r"^[~\s]*(?P<name>[^:\n]{1,60}?)\s?:\s(?P<text>.*)$", re.DOTALL)


def _as_lines(text: str) -> tuple[str, str]:
    """Chats of QQ, LINE, KakaoTalk and WeChat as the others are; theirs run over two lines or share one for the day."""
    text = text.translate(_MARKS)
    if len(_QQ.findall(text[:_BEGIN])) > 0:
        return _QQ.sub(lambda m: f"{m['at']} - {m['name'].strip()}: ", text).replace(": \n", ": "), "qq"
    if _LINE.search(text[:_BEGIN]) and _LINE_DAY.search(text[:_BEGIN]):
        return _of_days(text, _LINE_DAY, _LINE), "line"
    if _KAKAO.search(text[:_BEGIN]) and _KAKAO_DAY.search(text[:_BEGIN]):
        return _of_days(text, _KAKAO_DAY, _KAKAO), "kakaotalk"
    begins = len(_WECHAT.findall(text[:_BEGIN]))
    if begins > 1 and begins * 4 < 3 * len([line for line in text[:_BEGIN].split("\n") if line.strip()]):
        return _WECHAT.sub(lambda m: f"{m['at']} - {m['name'].strip()}: ", text).replace(": \n", ": "), "wechat"
    return text, ""


def _of_days(text: str, begins_day: re.Pattern[str], begins: re.Pattern[str]) -> str:
    """Messages with the day that stands above them in front."""
    day, lines = "", []
    for line in text.split("\n"):
        if dated := begins_day.match(line):
            day = dated["day"]
        elif spoken := begins.match(line):
            lines.append(f"{day} {spoken['at']} - {spoken['name']}: {spoken['text']}")
        elif lines and line.strip():
            lines.append(line)
    return "\n".join(lines)


def is_chat(text: str) -> bool:
    """Whether a text is a saved chat.

    Parameters
    ----------
    text : str
        Its beginning.
    """
    text, app = _as_lines(text)
    lines = [line for line in text.split("\n")[:HEAD] if line.strip()]
    if app in ("qq", "wechat"):
        return True
    starts = [found for line in lines if (found := _START.match(line))]
    spoken = sum(_AUTHOR.match(found["rest"]) is not None for found in starts)
    return spoken > 0 and len(starts) >= max(1, ENOUGH * len(lines)) and _START.match(lines[0]) is not None


def read_chat(text: str) -> tuple[list[str], pa.Table, list[tuple[int, str, str]]]:
    """The messages of a saved chat.

    Parameters
    ----------
    text : str
        The whole file.

    Returns
    -------
    header : list of str
    table : pyarrow.Table
        `row_no` (the line at which a message begins) and `c0`, … as strings.
    broken : list of (row_no, reason, text)
        Lines of the application itself, such as "Ann was added".
    """
    messages: list[tuple[int, str, str, str]] = []
    broken: list[tuple[int, str, str]] = []
    text, app = _as_lines(text)
    for number, line in enumerate(text.split("\n"), 1):
        start = _START.match(line)
        if start is None:
            if messages and line.strip():
                at, when, who, said = messages[-1]
                messages[-1] = (at, when, who, f"{said}\n{line.strip()}")
            continue
        spoken = _AUTHOR.match(start["rest"])
        if spoken is None:
            broken.append((number, "service", line))
        else:
            messages.append((number, start["at"].strip(), spoken["name"].strip(), spoken["text"].strip()))
    if not any(_TWELVE.search(when) for _, when, _, _ in messages):  # only clocks of twelve hours go with month first
        messages = [(no, _SLASHED.sub(r"\1.\2.\3", when), who, said) for no, when, who, said in messages]
    columns = list(zip(*messages, strict=True)) or [(), (), (), ()]
    arrays = [pa.array(list(columns[0]), pa.int64()), *(pa.array(list(c), pa.string()) for c in columns[1:])]
    app = app or ("signal" if _SIGNAL.match(text.lstrip("\ufeff")) else "whatsapp")
    arrays.append(pa.array([app] * len(messages), pa.string()))
    return HEADER, pa.table(arrays, names=["row_no", "c0", "c1", "c2", "c3"]), broken
