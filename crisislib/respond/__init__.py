"""From a level to an answer: strategy, playbooks, drafts, the response log, its effect, and drills."""
