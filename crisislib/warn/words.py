"""Names of dimensions and signals as readers see them in warnings."""

from __future__ import annotations

from crisislib.core.i18n import N_

TITLES = {
    "heat": N_("Heat"),
    "growth": N_("Growth"),
    "tendency": N_("Negative tendency"),
    "sensitivity": N_("Sensitivity"),
    "spread": N_("Spread"),
    "coordination": N_("Coordination"),
}
"""Dimensions of the index."""

SIGNALS = {
    "volume": N_("posts"),
    "sustained_volume": N_("posts in six windows"),
    "authors": N_("accounts that post"),
    "reach": N_("estimated impressions"),
    "engagement": N_("engagement index"),
    "heat": N_("heat of listed topics"),
    "velocity": N_("change of posts per hour"),
    "acceleration": N_("change of the change"),
    "negative_share": N_("share of negative posts"),
    "negative_index": N_("negative-sentiment index"),
    "sensitive_posts": N_("posts on sensitive subjects"),
    "sensitive_attention": N_("sensitive-topic attention"),
    "call_to_action": N_("share of calls to action"),
    "complaint": N_("complaints"),
    "platforms": N_("effective platforms"),
    "news": N_("news items"),
    "influencers": N_("widely followed accounts"),
    "coordination": N_("share of coordinated posts"),
}
"""Signals that speak for the dimensions."""
