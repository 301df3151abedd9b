"""What the registry does: one verb, one transaction."""
