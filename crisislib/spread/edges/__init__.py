"""Who passed on what from whom: one method of finding a parent a file, and the merge of what they find."""
