"""Telling people: messages, the outbox that decides what goes where, and the sending through Apprise."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.notify.message import Message, Notice, compose, harmless
    from crisislib.notify.message_outbox import Attempt, due, is_quiet, undelivered
    from crisislib.notify.personal_send import check_personal, send_personal, takes
    from crisislib.notify.send import check_channels, deliver, plugin

__all__ = [
    "Attempt",
    "Message",
    "Notice",
    "check_channels",
    "check_personal",
    "compose",
    "deliver",
    "due",
    "harmless",
    "is_quiet",
    "plugin",
    "send_personal",
    "takes",
    "undelivered",
]

resolve_lazily(__name__)
