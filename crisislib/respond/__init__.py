"""From a level to an answer: strategy, playbooks, the team's board, drafts, the response log and its effect."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.respond.action_words import describe_action, describe_actions
    from crisislib.respond.case_likeness import CaseAtHand, LikeCase, like_cases
    from crisislib.respond.checklist import five_s
    from crisislib.respond.duty_clocks import known_duties
    from crisislib.respond.effect_estimate import effect
    from crisislib.respond.effect_findings import COUNTS, effect_sentences
    from crisislib.respond.logbook import (
        AS_RESPONSE,
        ENDED,
        KINDS_OF_ENTRY,
        STATE_NAMES,
        changed_entry,
        entry,
        new_entry,
    )
    from crisislib.respond.notice_texts import NOTICE_STATES, WITH_REASON, for_each, notice_counts, notices
    from crisislib.respond.past_cases import TRUTH_WORDS, CaseLoss, CaseSource, PastCase, cases_in, public_cases
    from crisislib.respond.people_lists import (
        PEOPLE_COLUMNS,
        contact_key,
        contact_kind,
        contact_to_use,
        contacts_in,
        known_columns,
        lost_digits,
        people_columns,
    )
    from crisislib.respond.plan_revision import REPLACED_BY, revise
    from crisislib.respond.plans import next_steps, plan, steps_of
    from crisislib.respond.playbook import Playbook
    from crisislib.respond.playbook_guidance import CONTACT_KINDS, Contact, without_address
    from crisislib.respond.playbooks import Playbooks, check_owners, check_playbook, load_playbooks
    from crisislib.respond.response_clock import decided_times
    from crisislib.respond.response_kinds import RESPONSE_KINDS
    from crisislib.respond.response_log import ResponseError, respond, web_address
    from crisislib.respond.response_score import score
    from crisislib.respond.response_strategy import STRATEGIES, Strategy, strategy
    from crisislib.respond.roles_resources import both, vocabulary
    from crisislib.respond.statement_checks import NEEDS_NO_EVIDENCE, statement_faults
    from crisislib.respond.statements import Text, pack, statement
    from crisislib.respond.task_calendar import calendar_text
    from crisislib.respond.task_changes import SettledError, add_task, assign, move_due, refuse_settled, start
    from crisislib.respond.task_followups import ESCALATION, FOLLOWING, escalated, followers
    from crisislib.respond.task_states import PENDING, STATES, find_actions, states
    from crisislib.respond.tasks import RESPONSE, done, done_by, fulfilled, not_applicable, reopen
    from crisislib.respond.volume_ahead_estimate import VolumeAhead, volume_ahead

__all__ = [
    "AS_RESPONSE",
    "CONTACT_KINDS",
    "COUNTS",
    "ENDED",
    "ESCALATION",
    "FOLLOWING",
    "KINDS_OF_ENTRY",
    "NEEDS_NO_EVIDENCE",
    "NOTICE_STATES",
    "PENDING",
    "PEOPLE_COLUMNS",
    "REPLACED_BY",
    "RESPONSE",
    "RESPONSE_KINDS",
    "STATES",
    "STATE_NAMES",
    "STRATEGIES",
    "TRUTH_WORDS",
    "WITH_REASON",
    "CaseAtHand",
    "CaseLoss",
    "CaseSource",
    "Contact",
    "LikeCase",
    "PastCase",
    "Playbook",
    "Playbooks",
    "ResponseError",
    "SettledError",
    "Strategy",
    "Text",
    "VolumeAhead",
    "add_task",
    "assign",
    "both",
    "calendar_text",
    "cases_in",
    "changed_entry",
    "check_owners",
    "check_playbook",
    "contact_key",
    "contact_kind",
    "contact_to_use",
    "contacts_in",
    "decided_times",
    "describe_action",
    "describe_actions",
    "done",
    "done_by",
    "effect",
    "effect_sentences",
    "entry",
    "escalated",
    "find_actions",
    "five_s",
    "followers",
    "for_each",
    "fulfilled",
    "known_columns",
    "known_duties",
    "like_cases",
    "load_playbooks",
    "lost_digits",
    "move_due",
    "new_entry",
    "next_steps",
    "not_applicable",
    "notice_counts",
    "notices",
    "pack",
    "people_columns",
    "plan",
    "public_cases",
    "refuse_settled",
    "reopen",
    "respond",
    "revise",
    "score",
    "start",
    "statement",
    "statement_faults",
    "states",
    "steps_of",
    "strategy",
    "vocabulary",
    "volume_ahead",
    "web_address",
    "without_address",
]

resolve_lazily(__name__)
