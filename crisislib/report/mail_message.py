"""A report as a mail: what its first page says, in tables that every mail program shows, with its pictures inside."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import nbformat

MAIL_MIME = "application/vnd.crisis.mail+json"
"""Output of a notebook that holds the mail: `subject`, `html`, `text`, `images` (name to base64 of a PNG)."""


def mail_of(notebook: nbformat.NotebookNode) -> dict[str, Any] | None:
    """The mail that an executed notebook made.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With its outputs.

    Returns
    -------
    dict or None
        None where it made none.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            made = output.get("data", {}).get(MAIL_MIME)
            if isinstance(made, Mapping):
                return dict(made)
    return None


def write_mail(mail: Mapping[str, Any], path: Path, *, at: datetime, attachments: tuple[Path, ...] = ()) -> Path:
    """Write a mail as a file that mail programs open and servers send.

    Parameters
    ----------
    mail : mapping
        From :func:`mail_of`.
    path : Path
        Ends in `.eml`.
    at : datetime
        Its date.
    attachments : tuple of Path
        Files that go along, such as the PDF.

    Returns
    -------
    Path
        The file: text, HTML, and the pictures as related parts that the HTML names by `cid:`.
    """
    message = EmailMessage()
    message["Subject"] = str(mail["subject"])
    message["Date"] = format_datetime(at)
    message["X-Unsent"] = "1"  # Outlook opens it as a draft
    message.set_content(str(mail["text"]))
    message.add_alternative(str(mail["html"]), subtype="html")
    html = message.get_payload()[1]  # type: ignore[index]
    for name, image in dict(mail["images"]).items():
        html.add_related(  # type: ignore[union-attr]
            base64.b64decode(image), "image", "png", cid=f"<{name}>", disposition="inline", filename=f"{name}.png"
        )
    for file in attachments:
        kind = ("application", "pdf") if file.suffix == ".pdf" else ("text", "html")
        message.add_attachment(file.read_bytes(), maintype=kind[0], subtype=kind[1], filename=file.name)
    path.write_bytes(bytes(message))
    return path
