"""The coverage card of one imported batch."""

from __future__ import annotations

from collections.abc import Mapping

from crisislib.collect import Batch, layouts_of
from crisislib.core.watch import Watch
from crisislib.engine.coverage_card import CoverageCard, coverage_card
from crisislib.engine.home import Home


def import_card(batch: Batch, record: Mapping[str, object], watch: Watch, home: Home) -> CoverageCard:
    """What a batch covers and lacks, and which columns of its export were not used.

    Parameters
    ----------
    batch : Batch
        As read.
    record : Mapping
        Its BATCHES row, which names the layouts by which it was read.
    watch : Watch
        Its zone applies.
    home : Home
        Has layouts of the user's own.
    """
    named = record["layout"] != "generic"  # the general layout names the columns it does not use itself
    known = layouts_of(home.layouts)
    layouts = [known[name] for name in str(record["layout"]).split("+") if name in known] if named else []
    return coverage_card(
        batch.posts, watch.zone, records=[record], accounts=batch.accounts, columns=named, layouts=layouts
    )
