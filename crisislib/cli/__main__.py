"""`python -m crisislib.cli`, where the command itself is not on the path."""

from crisislib.cli.app import main

main()
