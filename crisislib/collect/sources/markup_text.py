"""The text of HTML."""

from __future__ import annotations

from html.parser import HTMLParser


class _Stripper(HTMLParser):
    """Collects the text between tags; block ends become spaces."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("script", "style")
        if tag in ("p", "br", "div", "li"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style") and self.hidden > 0

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def strip_html(markup: str) -> str:
    """The text of some HTML, entities resolved, scripts and styles left out, space made single.

    Parameters
    ----------
    markup : str
        HTML.
    """
    parser = _Stripper()
    parser.feed(markup)
    parser.close()
    return " ".join("".join(parser.parts).split())
