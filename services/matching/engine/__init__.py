"""The optimiser as a library of its own: no database, no web, no clock but a stopwatch.

`problem` states the task, `rules` and `offers` say which edges are allowed and what each is worth, `pins` refuses
what cannot be kept, `solve` finds the best network (`apart`: in a process of its own), `certificate` records it.
`reasons` says why a need stayed unmet, `remedies` what would help, `prices` what a pin or a ban costs, `quotas` who
was promised too much. `edits` changes a frozen task, `standing` says what of it still stands, `moves` who moves between
two results, `additions` what may be added beside those who stay (`beside`: in a process of its own). `openfile` is
the engine on files.

Beneath: `table` and `network` are the task in numbers and as a flow, `flow` knows the solvers, `proof` the
potentials, `canonical` the one network among equals, `optimum` puts them together, `paths` walks what is left over.
`coverage` is bounded by the flow in `doubled` and found by a flow under leading roles. `mutual` and `groups` are no
flows: like what coverage leaves open they go by `roles`, `programme` and `narrowing`.
The mathematics stands in docs/matching.md.
"""
