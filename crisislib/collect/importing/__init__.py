"""From a file to rows: decode, read the table, detect the layout, cast, validate."""
