"""Lists of affected people: which column holds what, and when two contacts are one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.schema_faults import near

PEOPLE_COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("name", "full name", "customer", "recipient", "姓名", "名字", "称呼", "客户姓名", "收件人"),
    "contact": (
        "contact", "email", "e-mail", "mail", "email address", "final-recipient", "phone", "mobile", "telephone",
        "联系方式", "邮箱", "电子邮箱", "电子邮件", "手机号", "手机", "手机号码", "电话",
    ),
    "data": ("data", "kinds of data", "fields", "affected data", "数据", "信息", "涉及信息", "泄露信息", "信息种类"),
    "preferred": (
        "preferred contact", "preferred channel", "preferred", "contact by", "首选联系方式", "首选渠道", "首选",
        "偏好联系方式", "联系偏好", "希望联系方式",
    ),
}  # fmt: skip
"""What is known of a person -> names that the column has in a list, in the order in which they are tried."""
WITHIN: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "full name"),
    "contact": ("email", "e-mail", "邮箱", "邮件", "mobile", "phone", "手机", "电话", "联系方式"),
    "data": ("泄露", "涉及", "affected", "leaked"),
    "preferred": ("首选", "偏好", "preferred"),
}
"""Words by which a column with another name is known, tried after the names: 会员姓名, E-mail地址, 手机号（登记）."""
ADDRESSES = ("mail", "邮", "final-recipient")
"""Words of columns with mail addresses, which are tried before numbers."""
OF_OTHERS = ("紧急", "经办", "客服", "emergency", "staff", "agent")
"""Words of columns that hold the contact of somebody else."""
OF_WISHES = WITHIN["preferred"]
"""Words of columns that say which contact somebody prefers, and hold none that could be used alone."""
KIND_WORDS: dict[str, tuple[str, ...]] = {
    "mail": ("mail", "邮"),
    "phone": ("phone", "mobile", "sms", "text", "call", "cell", "tel", "手机", "电话", "短信", "号码"),
}
"""Kind of contact -> words by which a list says that somebody prefers it."""
_SEVERAL = re.compile(r"[;；,，、/|\n]+")
"""Between the contacts of one cell."""
_FEWEST = 7
"""Digits of a telephone number at least: an extension or a house number is none."""
_PHONE = re.compile(r"\+?[\d\s().-]+")
_MAINLAND = re.compile(r"\+?86(?=1[3-9]\d{9}$)")
"""Before a mobile number of mainland China, which lists write with and without it."""
_ROUNDED = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
"""A number that a spreadsheet has rounded to 1.39E+10: digits are lost, and many people have the same."""


def contact_key(contact: str) -> str:
    """A contact as compared: the same for every way in which one address or number is written.

    Parameters
    ----------
    contact : str
        A mail address or telephone number.

    Returns
    -------
    str
        Addresses in small letters; of numbers the digits, with a plus sign before the country where it is given, and
        without the country for mobile numbers of mainland China.
    """
    plain = unicodedata.normalize("NFKC", contact).strip()
    if not _PHONE.fullmatch(plain):
        return plain.casefold()
    digits = re.sub(r"\D", "", plain)
    digits = "+" + digits[2:] if digits.startswith("00") else ("+" if plain.startswith("+") else "") + digits
    return _MAINLAND.sub("", digits)


def contact_to_use(contact: str) -> str:
    """A contact as a channel is given it: a number without spaces, which would make several numbers of it.

    Parameters
    ----------
    contact : str
        As the list has it.

    Returns
    -------
    str
        Numbers as :func:`contact_key` has them; everything else as it is.
    """
    return contact_key(contact) if _PHONE.fullmatch(unicodedata.normalize("NFKC", contact).strip()) else contact


def contact_kind(contact: str) -> str:
    """Of which kind a contact is.

    Parameters
    ----------
    contact : str
        As the list has it.

    Returns
    -------
    str
        `mail`, `phone`, or `other`, such as the name of an account.
    """
    plain = unicodedata.normalize("NFKC", contact).strip()
    if "@" in plain.strip("@"):
        return "mail"
    return "phone" if _PHONE.fullmatch(plain) and len(re.sub(r"\D", "", plain)) >= _FEWEST else "other"


def contacts_in(cells: Iterable[str], preferred: str = "") -> list[str]:
    """The contacts of a person from the cells of a list, each once, the preferred one first.

    Parameters
    ----------
    cells : iterable of str
        In the order in which they are tried. A cell may hold several: `ann@example.org; 13800138000`.
    preferred : str
        What the list says of it: one of the contacts, or a kind of contact in words; empty for the order of the cells.

    Returns
    -------
    list of str
        Without numbers that a spreadsheet has rounded.
    """
    found: dict[str, str] = {}
    wanted = contact_key(preferred)
    named = [preferred] if contact_kind(preferred) != "other" else []
    for cell in [*cells, *named]:
        parts = [part.strip() for part in _SEVERAL.split(cell) if part.strip()]
        several = len(parts) > 1 and all(contact_kind(part) != "other" for part in parts)
        for one in parts if several else [cell.strip()]:
            if one and not lost_digits(one):
                found.setdefault(contact_key(one), one)
    said = "" if named else preferred.casefold()
    kinds = {kind for kind, words in KIND_WORDS.items() if any(word in said for word in words)}
    first = [key for key, one in found.items() if key == wanted or contact_kind(one) in kinds]
    return [found[key] for key in [*first, *(key for key in found if key not in first)]]


def lost_digits(contact: str) -> bool:
    """Whether a spreadsheet has rounded a number, so that nobody can be reached by it.

    Parameters
    ----------
    contact : str
        As the list has it.
    """
    return _ROUNDED.fullmatch(contact.strip()) is not None


def people_columns(header: Iterable[str], chosen: Mapping[str, str]) -> dict[str, list[str]]:
    """Which columns of a list hold the name, the contact and the kinds of data.

    Parameters
    ----------
    header : iterable of str
        Column names of the list.
    chosen : mapping of str to str
        `name`, `contact`, `data` or `preferred` to the column that a person names for it.

    Returns
    -------
    dict of str to list of str
        What is known of a person, to the columns in the order in which they are tried: of contacts several may be
        known, of all else one is used; what no column holds is left out, and `contact` is always among it.

    Raises
    ------
    InputError
        A column that is named does not exist, or none holds a contact.
    """
    names = [name for name in header if name]
    if unknown := sorted(set(chosen) - set(PEOPLE_COLUMNS)):
        raise InputError(
            N_("{unknown} is nothing that a list tells"),
            do=N_("use {people_columns}"),
            facts={"unknown": repr(unknown[0]), "people_columns": ", ".join(PEOPLE_COLUMNS)},
        )
    for what, column in chosen.items():
        if column not in names:
            raise InputError(
                N_("the list has no column {column} for {what}"),
                do=N_("use {near}"),
                facts={"column": repr(column), "what": what, "near": near(column, names)},
            )
    columns = {what: known_columns(what, names) for what in PEOPLE_COLUMNS}
    for what, column in chosen.items():
        columns[what] = [column, *(c for c in columns[what] if c != column and what == "contact")]
    columns = {what: found if what == "contact" else found[:1] for what, found in columns.items() if found}
    if "contact" not in columns:
        raise InputError(
            N_("no column of the list is known to hold a contact: {names}"),
            do=N_("name it: --column contact=…"),
            facts={"names": ", ".join(names)},
        )
    return columns


def known_columns(what: str, header: Sequence[str]) -> list[str]:
    """The columns of a list that are known to hold something, in the order in which they are tried.

    Parameters
    ----------
    what : str
        A key of :data:`PEOPLE_COLUMNS`.
    header : sequence of str
        The columns of the list.

    Returns
    -------
    list of str
        Columns whose name is known before those in which a word of :data:`WITHIN` stands; addresses before numbers.
    """
    folded = {" ".join(unicodedata.normalize("NFKC", name).split()).casefold(): name for name in header if name}
    own = [key for key in folded if not any(word in key for word in OF_OTHERS)]
    if what != "preferred":  # a list may have no other column of contacts than the preferred one
        own = [key for key in own if not any(word in key for word in OF_WISHES)] or own
    exact = [folded[key] for key in PEOPLE_COLUMNS[what] if key in own]
    within = [folded[key] for word in WITHIN[what] for key in own if word in key]
    found = list(dict.fromkeys([*exact, *within]))
    if what == "contact":
        found.sort(key=lambda name: not any(word in name.casefold() for word in ADDRESSES))
    return found
