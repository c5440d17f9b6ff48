"""What to say in principle: situational crisis communication theory, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Listing, Phrase
from crisislib.core.watch import Watch
from crisislib.respond.playbook import Cluster, Playbook
from crisislib.respond.roles_resources import both

CLUSTERS: tuple[Cluster, ...] = ("victim", "accidental", "preventable")

STRATEGIES: dict[str, str] = {
    "instructing": N_("instructing information (what people should do now to be safe)"),
    "adjusting": N_("adjusting information (care for those affected and what is being done)"),
    "deny.denial": N_("denial with proof"),
    "deny.attack_accuser": N_("confronting the accuser with proof"),
    "deny.scapegoat": N_("blaming others"),
    "diminish.excuse": N_("excuse (no intent or no control)"),
    "diminish.justification": N_("justification (putting the harm in proportion)"),
    "rebuild.compensation": N_("compensation"),
    "rebuild.apology": N_("a full apology that takes responsibility"),
    "bolster.reminder": N_("a reminder of past good work"),
    "bolster.ingratiation": N_("thanks to those who stand by us"),
    "bolster.victimage": N_("saying that we are harmed too"),
}
"""Response strategies of SCCT; the part before the dot is the group."""

BENOIT: dict[str, tuple[str, ...]] = {
    "denial": ("simple_denial", "shift_blame"),
    "evasion": ("provocation", "defeasibility", "accident", "good_intentions"),
    "reducing_offensiveness": (
        "bolstering",
        "minimization",
        "differentiation",
        "transcendence",
        "attack_accuser",
        "compensation",
    ),
    "corrective_action": ("corrective_action",),
    "mortification": ("mortification",),
}
"""Image repair theory: five categories, fourteen strategies; tags for the response log."""

_TAGS = {
    "deny.denial": "simple_denial",
    "deny.attack_accuser": "attack_accuser",
    "deny.scapegoat": "shift_blame",
    "diminish.excuse": "defeasibility",
    "diminish.justification": "minimization",
    "rebuild.compensation": "compensation",
    "rebuild.apology": "mortification",
    "bolster.reminder": "bolstering",
    "bolster.ingratiation": "bolstering",
    "bolster.victimage": "bolstering",
    "adjusting": "corrective_action",
}

_R = {
    "base": N_("A crisis of kind {kind} belongs to the {cluster} cluster: responsibility is {responsibility}."),
    "true": N_("The claim is at least partly true, so it is no longer a rumour or an attack only: accidental cluster."),
    "false": N_("The claim is known to be false: the brand is its victim, whatever its kind."),
    "knew": N_("The company knew beforehand, so it is regarded as preventable."),
    "past": N_("A history of crises moves it one cluster up."),
    "reputation": N_("A bad prior reputation moves it one cluster up."),
    "first": N_("Instructing and adjusting information come first, before anything about reputation."),
    "enough": N_("No responsibility, no history, good reputation: information alone is enough; do not add defence."),
    "deny": N_("The claim is known to be false: deny it with proof, once and plainly."),
    "wait": N_("It is not yet known whether the claim is true: do not deny; say what is being checked and until when."),
    "attack": N_("In an attack with proof of coordination the accuser may be confronted; never ordinary critics."),
    "diminish": N_(
        "Low responsibility: explain the cause and put the harm in proportion, without belittling those hurt."
    ),
    "rebuild": N_("Strong responsibility: compensate and apologise fully; take responsibility in plain words."),
    "bolster": N_("With a good reputation a reminder of past work may be added, as a supplement only."),
    "mix": N_("Do not mix denial with apology or compensation: each makes the other unbelievable."),
    "scapegoat": N_("Never blame staff, suppliers or customers in public."),
    "open": N_("Open question: {question}"),
}
_CLUSTER_WORDS = {"victim": N_("victim"), "accidental": N_("accidental"), "preventable": N_("preventable")}
_RESPONSIBILITY = {"victim": N_("weak"), "accidental": N_("low"), "preventable": N_("strong")}
_ADVICE = N_("Advised: {advised}. Avoid: {avoid}.")
_A_PERSON_DECIDES = N_("Advice by rules of the literature, not a decision: a person decides, and says why.")


@dataclass(frozen=True)
class Strategy:
    """Advice on what to say in principle.

    Attributes
    ----------
    kind, base_cluster, cluster : str
        Crisis type, its cluster, and the cluster after intensifiers.
    advised, avoid : tuple of str
        Keys of :data:`STRATEGIES`, in order of use.
    tags : tuple of str
        Benoit's tags of the advised strategies.
    reasons : tuple of (rule, Phrase)
        Why, rule by rule.
    """

    kind: str
    base_cluster: Cluster
    cluster: Cluster
    advised: tuple[str, ...]
    avoid: tuple[str, ...]
    tags: tuple[str, ...]
    reasons: tuple[tuple[str, Phrase], ...] = ()

    def finding(self) -> Finding:
        """The advice as one finding; its table lists rule by rule why, the tags are for the response log."""
        facts: dict[str, object] = {
            "advised": Listing(tuple(Phrase(STRATEGIES[s]) for s in self.advised)),
            "avoid": Listing(tuple(Phrase(STRATEGIES[s]) for s in self.avoid)),
        }
        table = pd.DataFrame(
            {"rule": [rule for rule, _ in self.reasons], "reason": [reason for _, reason in self.reasons]}
        )
        return Finding("strategy.advice", _ADVICE, facts, table, limits=[_A_PERSON_DECIDES], weight=0.7)


def strategy(
    kind: str,
    watch: Watch,
    book: Playbook,
    *,
    known_true: bool | None = None,
    knew_before: bool | None = None,
) -> Strategy:
    """Which response strategy fits, by SCCT.

    Parameters
    ----------
    kind : str
        Crisis type.
    book : Playbook
        Of that type; gives its cluster and the question that is open.
    watch : Watch
        Its `respond.crisis_history` and `respond.reputation` are the intensifiers.
    known_true : bool or None
        Whether the claim is (partly) true; None where it is not known yet.
    knew_before : bool or None
        Whether the company knew before; None where it is not known.

    Returns
    -------
    Strategy
        Cluster, advised and avoided strategies, and the reasons.

    Notes
    -----
    Coombs, W. T. (2007), Corporate Reputation Review 10(3), 163-176, doi:10.1057/palgrave.crr.1550049;
    Benoit, W. L. (1997), Public Relations Review 23(2), 177-186, doi:10.1016/S0363-8111(97)90023-0.
    The mapping of crisis types to clusters is by analogy where the papers do not name the type. Advice,
    not a decision: a person decides.
    """
    base = book.cluster
    named = {"cluster": Phrase(_CLUSTER_WORDS[base]), "responsibility": Phrase(_RESPONSIBILITY[base])}
    reasons: list[tuple[str, Phrase]] = [("base", Phrase(_R["base"], {"kind": book.name, **named}))]
    cluster = _cluster(base, watch, known_true, knew_before, reasons)
    reasons.append(_reason("first"))
    advised, avoid = _moves(kind, base, cluster, watch, known_true, reasons)
    if knew_before is None:
        reasons.append(("open", Phrase(_R["open"], {"question": both(book.open_question)})))
    tags = tuple(dict.fromkeys(_TAGS[s] for s in advised if s in _TAGS))
    return Strategy(kind, base, cluster, tuple(advised), tuple(avoid), tags, tuple(reasons))


def _reason(rule: str) -> tuple[str, Phrase]:
    return rule, Phrase(_R[rule])


def _cluster(
    base: Cluster,
    watch: Watch,
    known_true: bool | None,
    knew_before: bool | None,
    reasons: list[tuple[str, Phrase]],
) -> Cluster:
    if known_true is False and base != "victim":
        reasons.append(_reason("false"))
        return "victim"
    place = CLUSTERS.index(base)
    if base == "victim" and known_true:
        place = 1
        reasons.append(_reason("true"))
    if knew_before and (base != "victim" or known_true):
        place = 2
        reasons.append(_reason("knew"))
    # history and reputation intensify the responsibility that people see; a claim proven false carries none
    if watch.respond.crisis_history and known_true is not False:
        place += 1
        reasons.append(_reason("past"))
    elif watch.respond.reputation == "bad" and known_true is not False:
        place += 1
        reasons.append(_reason("reputation"))
    return CLUSTERS[min(place, 2)]


def _moves(
    kind: str,
    base: Cluster,
    cluster: Cluster,
    watch: Watch,
    known_true: bool | None,
    reasons: list[tuple[str, Phrase]],
) -> tuple[list[str], list[str]]:
    advised, avoid = ["instructing", "adjusting"], ["deny.scapegoat"]

    def because(rule: str, *more: str) -> None:
        advised.extend(more)
        reasons.append(_reason(rule))

    good = watch.respond.reputation == "good" and not watch.respond.crisis_history
    claim = base == "victim" or known_true is False
    if claim and known_true is None:
        because("wait")
        avoid += ["deny.denial", "deny.attack_accuser"]
    elif claim and known_true is False:
        because("deny", "deny.denial")
        if kind == "malicious_attack":
            because("attack", "deny.attack_accuser")
        avoid += ["rebuild.apology", "rebuild.compensation"]
    elif cluster == "victim":
        because("enough")
    elif cluster == "accidental":
        because("diminish", "diminish.excuse", "diminish.justification")
        avoid += ["deny.denial", "deny.attack_accuser"]
    else:
        because("rebuild", "rebuild.compensation", "rebuild.apology")
        avoid += ["deny.denial", "deny.attack_accuser", "diminish.excuse", "bolster.victimage"]
    if good and len(advised) > 2:
        because("bolster", "bolster.reminder")
    reasons += [_reason("mix"), _reason("scapegoat")]
    return advised, avoid
