"""`neo questions`: a file of questions looked through offline, and taken into a new version of the item bank."""
