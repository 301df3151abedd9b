"""The optimiser as a library of its own: no database, no web, no clock but a stopwatch.

`problem` states the task, `rules` says which edges are allowed and what each is worth, `pins` refuses what
cannot be kept, `solve` finds the best network and proves it, `certificate` records the proof, `reasons` says
why a need stayed unmet. `model` alone knows the solver.
"""
