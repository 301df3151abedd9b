"""The demo: a city's school year, played through the public HTTP API and nothing else."""
