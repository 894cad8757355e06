"""Which core this is."""

# Raised whenever the same instance may get another answer than before.
CORE_VERSION = "2.0.0"
