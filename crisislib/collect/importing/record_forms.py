"""Records in other forms than JSON (saved chats, XML, YAML), brought to what the reader of JSON takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from crisislib.collect.importing.decode import Opened
from crisislib.collect.importing.discord_page import discord_lines, discord_messages
from crisislib.collect.importing.telegram_page import telegram_messages
from crisislib.collect.importing.xml_records import xml_document
from crisislib.collect.importing.yaml_records import yaml_documents

RECORDS: dict[str, Callable[[bytes, str], Any]] = {
    "telegram": lambda data, _: telegram_messages(data.decode("utf-8")),
    "discord": lambda data, _: discord_messages(data.decode("utf-8")),
    "discord text": lambda data, _: discord_lines(data.decode("utf-8")),
    "xml": xml_document,
    "yaml": yaml_documents,
}
"""Form of a file -> its records, from its bytes and its name."""


def as_json(opened: Opened) -> str:
    """The records of a file as JSON text.

    Parameters
    ----------
    opened : Opened
        A file whose form is `json` or one of :data:`RECORDS`.

    Raises
    ------
    InputError
        The file is not what it claims to be.
    """
    name = opened.path.name
    return (
        json.dumps(RECORDS[opened.form](opened.data, name)) if opened.form in RECORDS else opened.data.decode("utf-8")
    )
