"""Programs for the people who build the package; nothing of it is installed."""
