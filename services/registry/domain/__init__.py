"""Rules of the registry; pure."""
