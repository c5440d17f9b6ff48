"""Fixed words of the pages' templates, by short names."""

from __future__ import annotations

from functools import cache

from crisislib.core.i18n import N_, tr

WORDS: dict[str, str] = {
    "skip": N_("Skip to the content"),
    "filters": N_("Filters"),
    "apply": N_("Apply"),
    "no_filters": N_("Clear filters"),
    "course": N_("How it went"),
    "figures": N_("Figures"),
    "do_now": N_("Do now"),
    "all_steps": N_("All steps"),
    "people_say": N_("What people say"),
    "where_who": N_("Where and who"),
    "platform": N_("platform"),
    "posts": N_("Posts"),
    "see_posts": N_("see posts"),
    "since": N_("since"),
    "changed": N_("What changed"),
    "nothing_changed": N_("No run has compared yet."),
    "nothing_said": N_("No wording occurs in more than one post."),
    "behind": N_("Posts behind this page"),
    "all_posts": N_("all posts"),
    "newest_first": N_("newest first"),
    "loudest_first": N_("most passed on first"),
    "previous": N_("Previous"),
    "next": N_("Next"),
    "done": N_("Done"),
    "level": N_("level"),
    "nobody_late": N_("No step is open."),
    "missing_watch": N_("There is no watch {name}"),
    "missing_incident": N_("There is no incident {name}"),
    "missing_page": N_("There is no such page"),
    "there_are": N_("There are:"),
    "go_on": N_("this page without it"),
    "no_watches": N_("There is nothing to watch yet"),
    "write_one": N_("Write a watch file with crisis new watch NAME, or look at the demonstration first:"),
    "broken": N_("This page could not be generated"),
    "broken_do": N_(
        "Reload it; if that does not help, give the administrator of the server this error number: {error_id}."
    ),
    "first_thing": N_("Nothing has been collected for this watch"),
    "import_some": N_("That is not calm: nothing is known. Import an export file, or start the monitor:"),
    "tree": N_("How it spread"),
    "other_stories": N_("Other stories"),
    "origin": N_("Where it began"),
    "time": N_("time"),
    "words": N_("what was published"),
    "held": N_("First in the data we hold; earlier posts may exist."),
    "crossings": N_("From platform to platform"),
    "way": N_("from → to"),
    "after": N_("after"),
    "no_crossing": N_("This story has stayed on one platform."),
    "carriers": N_("Who carried it"),
    "who": N_("who"),
    "through": N_("came through"),
    "no_carrier": N_("No account drove others to it."),
    "groups": N_("Acting together"),
    "group": N_("group"),
    "accounts": N_("Accounts"),
    "within": N_("within"),
    "over": N_("over"),
    "no_verdict": N_("Evidence, not a verdict: fans and newsrooms act together, too."),
    "no_group": N_("No accounts act together more often than chance allows."),
    "rebuttal": N_("Rumour and rebuttal"),
    "findings": N_("What the run found"),
    "late": N_("Late"),
    "due": N_("To do"),
    "done_steps": N_("Done"),
    "none_late": N_("No step is late."),
    "none_done": N_("No step is done yet."),
    "statements": N_("What was published"),
    "nothing_answered": N_("Nothing has been published yet, so there is no effect to estimate."),
    "helped": N_("Did it help?"),
    "voice_how": N_(
        "Share of all mentions in the posts of the last 7 days; a post that names several counts for each."
    ),
    "more": N_("More"),
    "start": N_("In progress"),
    "not_applicable": N_("Does not apply"),
    "person": N_("Person"),
    "assign": N_("Assign"),
    "reopen": N_("Open again"),
    "comment": N_("Comment"),
    "note": N_("Note or reason"),
    "why": N_("Reason"),
    "correct": N_("Correct this incident"),
    "correct_how": N_("Every change is on record with your name, the time and the reason; no rule changes it back."),
    "kind": N_("Kind"),
    "stands": N_("Claim"),
    "retype": N_("Change"),
    "close_incident": N_("Close the incident"),
    "reopen_incident": N_("Open the incident again"),
    "drafts": N_("Statements on their way"),
    "last_time": N_("What was done last time"),
    "model_says": N_("What the posts say, by your language model"),
    "ask_model": N_("Ask the model"),
    "ask_how": N_(
        "Posts of the incident are sent to the address that is set; sentences that no post bears out are dropped."
    ),
    "no_draft": N_("No statement is on its way."),
    "propose": N_("Propose a statement"),
    "propose_how": N_(
        "A draft of the playbook; nothing but facts that you give below enters it, each with what bears it out. Legal "
        "and lead approve it."
    ),
    "draft": N_("Draft"),
    "text_in": N_("Language"),
    "claim_true": N_("Is what people say true?"),
    "knew": N_("Did the company know before?"),
    "open_question": N_("not known"),
    "yes": N_("yes"),
    "no": N_("no"),
    "fill": N_("Fill in"),
    "fact": N_("established words"),
    "proof": N_("what bears it out: address, document, who confirmed it"),
    "ready": N_("The checklist has no objection."),
    "approve_as": N_("Approve as"),
    "reject": N_("Take back"),
    "goes_out": N_("Goes out at"),
    "schedule": N_("Schedule"),
    "address": N_("Address where it can be read"),
    "channel": N_("Channel"),
    "published": N_("It is published"),
    "log_response": N_("Log a response"),
    "log_how": N_(
        "What was done or published, so that its effect can be estimated; steps that it fulfils are ticked off."
    ),
    "when": N_("When; now if left empty"),
    "to_whom": N_("Where, or to whom"),
    "done_text": N_("Its text, or what was done"),
    "you": N_("Who you are"),
    "you_name": N_("Your name"),
    "you_why": N_("What you change is recorded with your name and the time."),
    "save": N_("Save"),
    "log_in": N_("Log in"),
    "token": N_("Token"),
    "token_from": N_("Whoever runs this server has it: crisis dashboards prints a link for each role."),
    "wrong_token": N_("This token is not known here."),
    "log_out": N_("Log out"),
    "settled": N_("{by} has settled this step already. Nothing was changed."),
    "settled_nobody": N_("This step has been settled already. Nothing was changed."),
    "refused": N_("Nothing was changed: {reason}"),
    "no_reason": N_("Nothing was changed: please give a reason."),
}


@cache
def page_words(language: str) -> dict[str, str]:
    """The words in a language.

    Parameters
    ----------
    language : {"zh", "en"}
        Of the reader.

    Returns
    -------
    dict of str to str
    """
    return {name: tr(message, language) for name, message in WORDS.items()}
