"""One labeller a file; the table of them stands in :mod:`crisislib.nlp.labeller_registry`."""
