"""Finding the list in a sheet: its kind, its header rows, its columns, its words."""
