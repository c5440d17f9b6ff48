"""`crisis …`: a thin skin over the pipeline, that explains itself."""

from crisislib.cli.app import main

__all__ = ["main"]
