"""One form for each thing a person does with homes, promises, support and proposals."""
