"""Design tokens: the one place that names a colour, a size or a font.

Pages use them as CSS variables (`var(--ink)`), mail and PDF by their value (`LIGHT["ink"]`), charts by their value too;
where a drawing stands inside a page, :func:`as_variables` turns the values back into variables, so that the same
drawing is right in dark mode.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "ink": "#16202c",
    "mute": "#566270",
    "line": "#dfe4ea",
    "bg": "#f5f7f9",
    "card": "#ffffff",
    "accent": "#1f5fa8",
    "band": "#d9e4f1",
    "ok": "#27754a",
    "bad": "#b3271f",
    "gap": "#e6e2d8",
    "level-unknown": "#5f6b78",
    "level-none": "#2b7a4b",
    "level-blue": "#2d6cb0",
    "level-yellow": "#f0c419",
    "level-orange": "#b9530c",
    "level-red": "#b3261e",
    "on-level": "#fffffe",
    "on-level-yellow": "#16202d",
    "series-1": "#1f5fa9",
    "series-2": "#c2660f",
    "series-3": "#2f7f5f",
    "series-4": "#96336a",
    "series-5": "#6a5fd8",
    "series-6": "#7d6039",
    "series-7": "#2f8b8a",
    "series-8": "#a87c00",
}
"""Token to colour on a light ground. No two are equal, so that a drawing's colours can be turned back into tokens.

Every text has at least 4.5 times the contrast of its ground (WCAG AA); levels differ in lightness, too, and are words.
"""

DARK: Mapping[str, str] = {
    "ink": "#e7edf3",
    "mute": "#a3b0bd",
    "line": "#2f3a46",
    "bg": "#11171d",
    "card": "#18212a",
    "accent": "#7db4ee",
    "band": "#26384c",
    "ok": "#67c08b",
    "bad": "#ff9a90",
    "gap": "#33322d",
    "level-unknown": "#66727f",
    "level-red": "#c22f26",
    "series-1": "#7db4ef",
    "series-2": "#f0a860",
    "series-3": "#6fc7a0",
    "series-4": "#e08abb",
    "series-5": "#a9a1ff",
    "series-6": "#cdae83",
    "series-7": "#76cfce",
    "series-8": "#dcb64a",
}
"""What differs on a dark ground."""

SIZES: Mapping[str, str] = {
    "unit": "8px",
    "radius": "10px",
    "text-small": "12.5px",
    "text-note": "13.5px",
    "text": "15px",
    "text-figure": "22px",
    "text-title": "24px",
    "font": 'system-ui,"Segoe UI","Noto Sans","PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif',
}
"""One spacing unit and one scale of type."""

FONT_NAMES = "Noto Sans, Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, Source Han Sans SC, sans-serif"
"""For charts: Chinese fonts by name, then any sans-serif: one name alone loses every label where it is missing."""


def tokens_css() -> str:
    """The tokens as CSS variables: light, dark where the reader's system asks for it, light again in print.

    Returns
    -------
    str
        A style sheet.
    """
    light = _declared({**LIGHT, **SIZES})
    dark = _declared(DARK)
    paper = _declared({**LIGHT, "bg": "#ffffff"})
    return (
        f":root{{color-scheme:light dark;{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
        f"@media print{{:root{{color-scheme:light;{paper}}}}}\n"
    )


def as_variables(svg: str) -> str:
    """A drawing with the colours of :data:`LIGHT` as CSS variables, for use inside a page.

    Parameters
    ----------
    svg : str
        Drawn with colours of :data:`LIGHT`.

    Returns
    -------
    str
        The same drawing; a colour that is no token stays.
    """
    names = {value.lower(): name for name, value in LIGHT.items()}

    def variable(match: re.Match[str]) -> str:
        name = names.get(match[0].lower())
        return f"var(--{name})" if name else match[0]

    return re.sub(r"#[0-9a-fA-F]{6}\b", variable, svg)


def _declared(values: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in values.items())
