"""Pages about homes, promises, support and proposals."""
