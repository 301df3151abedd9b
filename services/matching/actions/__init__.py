"""What matching does: one verb, one transaction.

`knowledge` takes in what other services announce, `wishes` what people and curators enter, `runs` moves runs,
`solving` solves them in the background, `pairings` leads pairs from the proposal to the end.
"""
