"""Fixed words of the pages' templates, by short names."""

from __future__ import annotations

from functools import cache

from crisislib.core.i18n import N_, tr

WORDS: dict[str, str] = {
    "skip": N_("Skip to the content"),
    "filters": N_("Filters"),
    "apply": N_("Apply"),
    "clear": N_("Clear filters"),
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
    "nothing_said": N_("Nothing is said by more than one post."),
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
    "no_watches": N_("There is nothing to watch yet"),
    "write_one": N_("Write a watch file (data/README.md), or look at the demonstration first:"),
    "broken": N_("This page could not be made"),
    "broken_do": N_(
        "Load it again; if that does not help, tell whoever runs the server the number of the error: {error_id}."
    ),
    "first_thing": N_("Nothing has been collected for this watch"),
    "import_some": N_("That is not calm: nothing is known. Import an export file, or start the monitor:"),
    "of": N_("{first}–{last} of {n}"),
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
