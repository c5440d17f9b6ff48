"""Evidence of an attack for police, platform or court: crisis evidence, crisis evidence-check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from crisislib.cli.common import By, Incident, LakeDir, WatchDir, WatchName, change_of, escape, out
from crisislib.core.i18n import N_, tr

SEALED = N_("{posts} {posts:post is|posts are} sealed in {file}; SHA-256 {sha256}; logbook {id}")
INTACT = N_("The archive is as it was sealed; SHA-256 {sha256}")
LISTED = N_(
    "Every file is as the archive's own list says. Only its SHA-256 shows that it is the one that was sealed: {sha256} "
    "(compare: crisis log list --kind evidence, or give it as --sha256)"
)
OTHER = N_("The archive is another one than that with SHA-256 {given}: {sha256}")
WRONG = N_("The archive is not as it was sealed")


def evidence(
    watch: WatchName,
    to: Annotated[Path, typer.Option("--out", help="The zip.")],
    group: Annotated[str, typer.Option(help="Only this co-sharing group; every group if left out.")] = "",
    story: Annotated[str, typer.Option(help="Instead: the root post of a story, with all that passed it on.")] = "",
    attach: Annotated[
        list[Path] | None, typer.Option(help="A file that you have, such as a screenshot; repeat.")
    ] = None,
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Seal the evidence of an attack: posts as collected, hashes, and from which batch, file and source each came.

    Without --group and --story: the posts of every co-sharing group within the incident, and those it was decided on.
    Nothing is in it that is not stored. The same data give the same bytes; who sealed it, when, and its hash are in the
    logbook (crisis log list --kind evidence): record there to whom it was handed (crisis log set ID --status
    handed_over). It holds names and texts as collected: give it to nobody else.
    """
    from crisislib.core.phrase import unpack
    from crisislib.engine import attack_evidence

    change = change_of(watch, by, lake, watches)
    row = attack_evidence.seal(change, to, group=group, story=story, attached=attach or [], incident_id=incident)
    facts = unpack(row["facts"])
    out.print(escape(tr(SEALED, change.watch.language, **{**facts, "file": str(to)}, id=row["entry_id"])))


def evidence_check(
    archive: Annotated[Path, typer.Argument(help="A zip of crisis evidence.")],
    given: Annotated[
        str, typer.Option("--sha256", help="Of the archive as it was sealed, as the logbook has it.")
    ] = "",
    language: Annotated[str, typer.Option(help="zh or en.")] = "en",
) -> None:
    """Check that an evidence archive is as it was sealed: every file against its hash, none added, none missing.

    Whoever can change a file can change the list too: give the SHA-256 of the whole that the logbook has. Ends with
    code 1 where something is wrong. Without this program: unpack it and run sha256sum -c MANIFEST.sha256.
    """
    from crisislib.engine import attack_evidence

    sha256, faults = attack_evidence.check_archive(archive, language=language)
    for fault in faults:
        out.print(escape(fault), style="red")
    other = bool(given) and given.strip().casefold() != sha256
    words = OTHER if other else WRONG if faults else INTACT if given else LISTED
    out.print(escape(tr(words, language, sha256=sha256, given=given.strip())))
    if faults or other:
        raise typer.Exit(1)


commands: dict[str, Callable[..., None]] = {"evidence": evidence, "evidence-check": evidence_check}
