"""A door for posts that others send: a signed webhook, a spool that survives a kill, and the lake."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.services.listening.webhook_server import Inbound, serve

__all__ = ["Inbound", "serve"]

resolve_lazily(__name__)
