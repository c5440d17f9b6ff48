"""What a signal would usually be: expectations, calendars, ranks."""
