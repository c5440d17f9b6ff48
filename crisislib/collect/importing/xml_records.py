"""XML as records: saved feeds, backups of messages, lists of posts; no document types, which can fill the memory."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.etree import ElementTree

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_

_XML = re.compile(rb"\s*<(?:\?xml\b|rss\b|feed\b|rdf:RDF\b)", re.IGNORECASE)
_LISTED = ("item", "entry")
"""What a feed has any number of, also where it has one."""
DEEPEST = 40
"""Elements within elements: feeds have five."""


def is_xml(data: bytes) -> bool:
    """Whether bytes are XML and no web page or workbook.

    Parameters
    ----------
    data : bytes
        The beginning of a file.
    """
    return _XML.match(data) is not None


def xml_document(data: bytes, name: str) -> dict[str, Any]:
    """XML as nested objects, repeated elements as lists.

    Parameters
    ----------
    data : bytes
        UTF-8.
    name : str
        Of the file, for errors.

    Raises
    ------
    InputError
        It is damaged, defines entities, or is nested without end.
    """
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise InputError(
            N_("the XML defines entities, which can unpack to any size"),
            where=name,
            do=N_("export it without a document type, or as CSV"),
        )
    declared = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", data, count=1)  # its encoding was undone as the file was opened
    depth = 0
    root: ElementTree.Element | None = None
    try:
        for event, element in ElementTree.iterparse(io.BytesIO(declared), events=("start", "end")):
            root = element if root is None else root
            depth += 1 if event == "start" else -1
            if depth > DEEPEST:
                raise InputError(
                    N_("the XML is nested deeper than any list of posts"), where=name, do=N_("export it again")
                )
    except ElementTree.ParseError as fault:
        raise InputError(
            N_("the XML is damaged: {fault}"), where=name, do=N_("export it again"), facts={"fault": fault}
        ) from fault
    if root is None:
        raise InputError(N_("the XML is empty"), where=name, do=N_("export it again"))
    value = _value(root)
    return {_tag(root): value if isinstance(value, dict) else {"text": value}}


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: ElementTree.Element) -> Any:
    """An element as text where it is nothing else, as an object where it has attributes or elements."""
    fields: dict[str, Any] = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    for child in element:
        name, value = _tag(child), _value(child)
        if name in fields:
            if not isinstance(fields[name], list):
                fields[name] = [fields[name]]
            fields[name].append(value)
        else:
            fields[name] = [value] if name in _LISTED and isinstance(value, dict) else value
    text = (element.text or "").strip()
    if set(fields) <= {"type", "lang", "base", "space"}:
        return text
    return {**fields, **({"text": text} if text else {})}
