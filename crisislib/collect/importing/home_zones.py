"""The zone in which a platform writes its times, for tables that state none."""

from __future__ import annotations

import re

import pyarrow as pa

from crisislib.collect.importing.addresses import read_addresses
from crisislib.collect.importing.clock_columns import sample
from crisislib.collect.importing.field_mapping import Header
from crisislib.collect.importing.layout import Layout

CHINA = {"weibo", "xhs", "douyin", "kuaishou", "bilibili", "zhihu", "tieba", "wechat", "douban", "toutiao"}
"""Platforms whose pages show China Standard Time wherever they are read from."""
WIDE = {"web", "news", "forum", "video", "blog"}
"""Not platforms but kinds of them, whose times are of any zone."""
CHINA_ZONE = "Asia/Shanghai"
"""IANA zone of China Standard Time."""
_HAN = re.compile(r"[\u3400-\u9fff]")


def home_zone(layout: Layout, header: Header, table: pa.Table) -> str | None:
    """The zone of the platforms that a table of no known layout is from; None where they have no zone in common.

    Parameters
    ----------
    layout : Layout
        The general layout over this table.
    header : Header
        Column names.
    table : pyarrow.Table
        Cells.

    Notes
    -----
    Beside posts of Chinese platforms, news and forums count as Chinese too where most column names are.
    """
    if not layout.last:
        return None
    values = {name.casefold(): platform for name, platform in layout.platform.values.items()}
    stated = {values.get(c.casefold()) for i in header.of(layout.platform)[:1] for c in sample(table, i)}
    addresses = [
        c for i in (header.of(layout.columns["url"]) if "url" in layout.columns else []) for c in sample(table, i)
    ]
    led = (
        read_addresses(pa.chunked_array([pa.array(addresses, pa.string())]))["platform"].to_pylist()
        if addresses
        else []
    )
    spoken = [] if layout.platform.columns else [layout.platform.default]
    found = {p for p in (*stated, *led, *spoken) if p}
    if not found & CHINA or not found <= CHINA | WIDE:
        return None
    chinese = sum(_HAN.search(name) is not None for name in header.names) * 2 > len(header.names)
    return CHINA_ZONE if found - {"web"} <= CHINA or chinese else None
