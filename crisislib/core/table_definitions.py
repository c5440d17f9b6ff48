"""The tables that flow between the rooms: columns, types, keys."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")
_TYPES = {"s": pa.string(), "t": TIME, "i": pa.int64(), "f": pa.float64(), "b": pa.bool_()}


@dataclass(frozen=True)
class Table:
    """Name, Arrow schema and key of one table; key columns are never null.

    Attributes
    ----------
    name : str
        In capitals; its folder is the same in small letters.
    schema : pyarrow.Schema
        Columns and types.
    key : tuple of str
        Columns that no two rows share.
    time : str
        Column of event time that `since` and `until` choose by; empty where there is none.
    """

    name: str
    schema: pa.Schema
    key: tuple[str, ...]
    order: str
    """Time column by which the newest of several rows with one identity is chosen."""
    identity: tuple[str, ...]
    """The key without the observation time: what a present-state read has one row of."""
    time: str
    """Column that `since` and `until` speak of; empty where the table has no such time."""

    @property
    def columns(self) -> list[str]:
        """Column names in order."""
        return list(self.schema.names)


def _table(name: str, key: str, order: str, columns: str, *, time: str = "", identity: str = "") -> Table:
    """Build a table from a compact notation: `column:type` with a type of s, t, i, f or b."""
    keys = tuple(key.split())
    fields = []
    for item in columns.split():
        column, kind = item.split(":")
        fields.append(pa.field(column, _TYPES[kind], nullable=column not in keys))
    whole = tuple(identity.split()) or tuple(k for k in keys if k != order)
    return Table(name, pa.schema(fields), keys, order, whole, time)


ALL = (
    _table(
        "POSTS",
        "watch post_id collected_at",
        "collected_at",
        "watch:s post_id:s collected_at:t platform:s kind:s account_id:s created_at:t "
        "created_precision_s:i parent_id:s root_id:s text:s lang:s url:s title:s n_likes:i n_reposts:i "
        "n_replies:i n_views:i sentiment_given:s place:s source:s batch_id:s row_no:i extra:s",
        time="created_at",
    ),
    _table(
        "ACCOUNTS",
        "account_id seen_at",
        "seen_at",
        "account_id:s seen_at:t platform:s name:s name_masked:s n_followers:i is_verified:b kind:s created_at:t "
        "batch_id:s",
    ),
    _table(
        "LABELS",
        "watch post_id label model at",
        "at",
        "watch:s post_id:s label:s model:s at:t created_at:t value:s p:f score:f evidence:s run_id:s",
        time="created_at",
        identity="watch post_id label",
    ),
    _table(
        "TOPICS",
        "watch topic_id model at",
        "at",
        "watch:s topic_id:s model:s at:t parent_id:s words:s title_zh:s title_en:s n:i share:f evidence:s run_id:s",
    ),
    _table(
        "EDGES",
        "watch src dst kind made_at",
        "made_at",
        "watch:s src:s dst:s kind:s made_at:t post_id:s at:t lag_s:f confidence:f method:s run_id:s",
        time="at",
    ),
    _table(
        "CASCADES",
        "watch root_id as_of",
        "as_of",
        "watch:s root_id:s as_of:t started_at:t last_at:t n:i n_ghost:i n_accounts:i depth:i breadth:i virality:f "
        "half_s:f speed_h:f r_number:f reach_lo:i reach_hi:i reach_method:s forecast_lo:f forecast:f forecast_hi:f "
        "forecast_method:s rumour_p:f reasons:s run_id:s",
        time="started_at",
    ),
    _table(
        "GROUPS",
        "watch group_id account_id as_of",
        "as_of",
        "watch:s group_id:s account_id:s as_of:t n_objects:i n_partners:i weight:f p_value:f window_s:f "
        "first_at:t last_at:t evidence:s grade:s run_id:s",
    ),
    _table(
        "SIGNALS",
        "watch signal at step_s made_at",
        "made_at",
        "watch:s signal:s at:t step_s:i made_at:t value:f expected:f lo:f hi:f surprise:f n_posts:i "
        "complete:f method:s run_id:s",
        time="at",
    ),
    _table(
        "ALERTS",
        "alert_id made_at",
        "made_at",
        "alert_id:s made_at:t watch:s incident_id:s signal:s at:t level:s statistic:f threshold:f method:s evidence:s "
        "acknowledged_by:s acknowledged_at:t run_id:s",
        time="at",
    ),
    _table(
        "INCIDENTS",
        "incident_id at",
        "at",
        "incident_id:s at:t watch:s title:s kind:s level:s status:s opened_at:t closed_at:t index:f by:s "
        "evidence:s run_id:s note:s merged_into:s subject:s standing:s about:s coordinated:b",
        time="at",
    ),
    _table(
        "RISKS",
        "watch incident_id at",
        "at",
        "watch:s incident_id:s at:t level:s likelihood:f impact:f loss_mean:f loss_p50:f loss_p90:f currency:s "
        "drivers:s curve:s seed:i run_id:s",
        time="at",
    ),
    _table(
        "ACTIONS",
        "action_id at",
        "at",
        "action_id:s at:t watch:s incident_id:s playbook:s step:s owner:s resources:s due_at:t done_at:t "
        "status:s reason:s facts:s by:s note:s run_id:s person:s started_at:t",
        time="at",
    ),
    _table(
        "LOGBOOK",
        "entry_id at",
        "at",
        "entry_id:s at:t watch:s incident_id:s kind:s about:s status:s title:s owner:s due_at:t facts:s by:s "
        "note:s run_id:s",
        time="at",
    ),
    _table(
        "NOTICES",
        "incident_id account_id at",
        "at",
        "incident_id:s account_id:s at:t watch:s status:s channel:s contact_id:s about:s by:s note:s",
        time="at",
    ),
    _table(
        "RESPONSES",
        "response_id at",
        "at",
        "response_id:s at:t watch:s incident_id:s kind:s channel:s strategy:s url:s text:s by:s logged_at:t",
        time="at",
    ),
    _table(
        "DELIVERIES",
        "item_id channel sent_at",
        "sent_at",
        "item_id:s channel:s sent_at:t watch:s ok:b attempt:i detail:s",
        time="sent_at",
    ),
    _table(
        "BATCHES",
        "batch_id at",
        "at",
        "batch_id:s at:t watch:s source:s file:s sha256:s layout:s n_read:i n_kept:i n_rejected:i n_duplicate:i "
        "since:t until:t gaps:s warnings:s ok:b state:s",
        time="at",
    ),
    _table(
        "FINDINGS",
        "run_id key place at",
        "at",
        "run_id:s key:s place:i at:t made_at:t watch:s incident_id:s message:s facts:s detail:s post_ids:s n:i "
        "limits:s weight:f silent:b",
        time="at",
    ),
    _table(
        "RUNS",
        "run_id at",
        "at",
        "run_id:s at:t watch:s job:s due_at:t status:s seconds:f versions:s detail:s "
        "since:t until:t judged_until:t level:s index:f peak:s peak_at:t incident_id:s code:s parameters:s",
        time="at",
    ),
)
