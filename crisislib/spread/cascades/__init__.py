"""Stories as trees: forests, measures, growth, origins."""
