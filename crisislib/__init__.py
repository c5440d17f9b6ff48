"""Crisis workbench: from raw exports to a cited report on a social-media crisis."""

__version__ = "0.1.0"
