"""`crisis …`: a thin skin over engine and services, that explains itself."""

from crisislib.cli.app import main

__all__ = ["main"]
