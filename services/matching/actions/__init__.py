"""What matching does: one verb, one transaction.

`knowledge` takes in what other services announce, `wishes` what people and curators enter, `runs` moves runs
(`versions`: by what was seen of them), `solving` solves them in the background (`reckoning`), `review` prices and
makes edits, `publishing` proposes, `pairings` leads pairs from the proposal to the end, `cascade` asks the next best.
"""
