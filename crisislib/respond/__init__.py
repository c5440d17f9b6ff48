"""From a level to an answer: strategy, playbooks, drafts, the response log, its effect, and drills."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.respond.effect import COUNTS, effect
    from crisislib.respond.log import RESPONSE_KINDS, ResponseError, done, respond
    from crisislib.respond.plan import five_s, next_steps, plan
    from crisislib.respond.playbook import PLAYBOOKS, Playbook, load_playbook, playbook_for
    from crisislib.respond.score import MILESTONES, score
    from crisislib.respond.statement import Text, pack, statement
    from crisislib.respond.strategy import BENOIT, STRATEGIES, Strategy, strategy

__all__ = [
    "BENOIT",
    "COUNTS",
    "MILESTONES",
    "PLAYBOOKS",
    "RESPONSE_KINDS",
    "STRATEGIES",
    "Playbook",
    "ResponseError",
    "Strategy",
    "Text",
    "done",
    "effect",
    "five_s",
    "load_playbook",
    "next_steps",
    "pack",
    "plan",
    "playbook_for",
    "respond",
    "score",
    "statement",
    "strategy",
]

resolve_lazily(__name__)
