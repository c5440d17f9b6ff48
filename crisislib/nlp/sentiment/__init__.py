"""The sentiment model, and teaching it from analysts' labels."""
