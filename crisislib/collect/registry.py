"""The tables of what can be read: export layouts by name, and live sources by name."""

from __future__ import annotations

from collections.abc import Mapping

from crisislib.collect.layout import Layout, load_layouts

LAYOUTS: Mapping[str, Layout] = load_layouts()
"""Export layout by name, from `layouts/*.yml`; general ones last."""
