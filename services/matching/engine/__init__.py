"""The optimiser as a library of its own: no database, no web, no clock but a stopwatch.

`problem` states the task, `rules` and `offers` say which edges are allowed and what each is worth, `pins` refuses
what cannot be kept, `solve` finds the best network (`apart`: in a process of its own), `certificate` records it.
`reasons` says why a need stayed unmet, `remedies` what would help, `prices` what a pin or a ban costs, `quotas` who
was promised too much. `openfile` is the engine on files.

Beneath: `table` and `network` are the task in numbers and as a flow, `flow` knows the solvers, `proof` the
potentials, `canonical` the one network among equals, `optimum` puts them together, `paths` walks what is left over.
`coverage` (with `doubled`), `mutual` and `groups` are no flows: they go by `roles`, `programme` and `narrowing`.
The mathematics stands in docs/matching.md.
"""
