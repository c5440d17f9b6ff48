"""What an evaluation may find in memory instead of reading the lake: an optional cache, never another answer."""
