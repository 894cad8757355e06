"""The papers of the matching: an entry for the algorithm register, and facts for an assessment.

Made from the rules themselves (`manage.py algorithm_page`): paper and program cannot differ.
"""
