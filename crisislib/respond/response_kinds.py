"""Kinds of response: what a team can do or say, in the log and in playbooks."""

from __future__ import annotations

from crisislib.core.i18n import N_

RESPONSE_KINDS: dict[str, str] = {
    "holding": N_("holding statement"),
    "statement": N_("full statement"),
    "press_conference": N_("press briefing"),
    "one_to_one": N_("one-to-one replies"),
    "notices": N_("notices to affected people"),
    "partner": N_("letter to partners"),
    "internal": N_("note to staff"),
    "correction": N_("correction"),
    "takedown": N_("takedown request"),
    "recall": N_("recall or stop of sale"),
    "compensation": N_("compensation or refund"),
    "regulator": N_("report to an authority"),
    "joint_action": N_("joint statement or action"),
    "publicity": N_("positive publicity"),
    "other": N_("other response"),
}
"""Key to name; gettext ids."""

NOT_PUBLIC = frozenset({"one_to_one", "notices", "partner", "internal", "regulator"})
"""Kinds that the public does not see: they do not compete with public ones for a change of the public course."""
