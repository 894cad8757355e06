"""The population inventory: definitions, counts and the sum of the step plan."""
