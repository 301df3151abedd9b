"""The gateway: the only public door of the house.

Owns the way in: which service an address belongs to, whether a token is good, how large a request may be; and
what a stranger sees first: the start page, one description of the whole API, the live count of events. It keeps
nothing, hears no event and announces none. Services verify tokens and rights again themselves (ADR 0009).
"""
