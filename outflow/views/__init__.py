"""Pages about people: load, form, operation, redirect."""
