"""The gateway: the only public door of the house.

Owns the way in: which service an address belongs to, whether a token is good, how large a request may be and how
often it may come; the sessions of browsers, whose tokens never leave the house; and what a stranger sees first: the
start page, one description of the whole API, the live count of events. It hears whose rights changed (`person.left`,
`person.erased`, `membership.changed`) and announces nothing. Services verify tokens and rights again themselves
(ADR 0009).
"""
