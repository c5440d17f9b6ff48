"""What is answered: the notice to each person that a data breach affects."""

from __future__ import annotations

from crisislib.respond import notices

__all__ = ["notices"]
