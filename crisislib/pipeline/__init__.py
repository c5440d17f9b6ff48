"""The walk: carries tables between the rooms and the lake; the only room that knows them all."""

from crisislib.pipeline.home import Home

__all__ = ["Home"]
