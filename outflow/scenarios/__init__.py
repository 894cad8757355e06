"""Scenarios as their pages show them: beside the estimate and beside each other."""
