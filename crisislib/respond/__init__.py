"""From a level to an answer: strategy, playbooks, drafts, the response log, its effect, and drills."""

from crisislib.respond.plan import five_s, next_steps, plan
from crisislib.respond.playbook import PLAYBOOKS, Playbook, load_playbook, playbook_for
from crisislib.respond.statement import Text, pack, statement
from crisislib.respond.strategy import BENOIT, STRATEGIES, Strategy, strategy

__all__ = [
    "BENOIT",
    "PLAYBOOKS",
    "STRATEGIES",
    "Playbook",
    "Strategy",
    "Text",
    "five_s",
    "load_playbook",
    "next_steps",
    "pack",
    "plan",
    "playbook_for",
    "statement",
    "strategy",
]
