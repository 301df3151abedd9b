"""How the city is run: one process on a bare machine, compose, Kubernetes, and the command line over them."""
