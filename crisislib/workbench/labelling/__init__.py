"""The queue of posts to label, with buttons: one piece for the notebook and the dashboard."""
