"""Wrong usage of a command in Chinese; in English the framework has its own words."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import Any

import typer
from typer.core import TyperGroup

from crisislib.cli.error_language import reader_of_errors
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import Phrase

UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""Of the framework, which does not export it."""
SEE = N_("see what there is: {command} --help")
NO_OPTION, NO_COMMAND = N_("there is no option {name}"), N_("there is no command {name}")
MISSING, WRONG = N_("{name} is missing"), N_("{name} cannot be what is written: {said}")
NEEDED = {"valid integer": N_("a whole number is needed"), "valid number": N_("a number is needed")}
"""What the framework says of a value -> the same in words of ours."""
MISUSED = N_("the command is not used rightly: {said}")


def _language() -> str:
    """What `--language` says on the line that could not be read, else as for every error."""
    typed = sys.argv[1:]
    asked = next((b for a, b in pairwise(typed) if a == "--language"), "")
    return asked or reader_of_errors()


def _explained(fault: Any) -> InputError:
    """The framework's error by its class; their names are stable, their modules are not."""
    kinds = {one.__name__ for one in type(fault).__mro__}
    name = fault.get_name() if hasattr(fault, "get_name") else ""
    param = getattr(fault, "param", None)
    name = getattr(fault, "option_name", "") or name or (" / ".join(param.opts) if param is not None else "")
    said = str(getattr(fault, "message", fault))
    needed = next((Phrase(words) for piece, words in NEEDED.items() if piece in said), said)
    facts: dict[str, object] = {"name": name, "said": needed}
    context = getattr(fault, "ctx", None)
    facts["command"] = context.command_path if context is not None else "crisis"
    if "NoSuchOption" in kinds:
        return InputError(NO_OPTION, do=SEE, facts=facts)
    if "MissingParameter" in kinds:
        return InputError(MISSING, do=SEE, facts=facts)
    if "BadParameter" in kinds:
        return InputError(WRONG, do=SEE, facts=facts)
    if said.startswith("No such command"):
        facts["name"] = said.removeprefix("No such command").split(".")[0].strip()
        return InputError(NO_COMMAND, do=SEE, facts=facts)
    return InputError(MISUSED, do=SEE, facts=facts)


class ReadableGroup(TyperGroup):
    """The command with its errors of usage in the reader's language."""

    def main(self, *args: Any, **more: Any) -> Any:
        """Run it; a wrong usage is a :class:`crisislib.core.errors.InputError` where its reader reads Chinese.

        Parameters
        ----------
        *args, **more
            As of the framework.
        """
        try:
            ended = super().main(*args, **{**more, "standalone_mode": False})
        except typer.Abort:
            sys.exit(1)
        except UsageError as fault:
            if type(fault).__name__ == "NoArgsIsHelpError" or _language() != "zh":
                from typer import rich_utils

                rich_utils.rich_format_error(fault)  # type: ignore[arg-type]
                sys.exit(2)
            raise _explained(fault) from fault
        sys.exit(ended if isinstance(ended, int) else 0)
