"""Matching: who could teach whom what, who agreed, and which pairs are formed.

Owns the projections of supply and demand, free times, capacity and bans, runs with their certificates, proposals,
pins, the review, the answers of both sides, pairings, and pairs across schools that wait for both curators.

Announces `run.finished`, `pairing.proposed`, `pairing.accepted`, `pairing.declined`, `pairing.expired`,
`pairing.formed`, `pairing.dissolved`.

Hears `place.changed` (which schools lie in a district), `diagnostic.completed` (who is ready), `profile.released` and
`profile.release_withdrawn`, `strength.confirmed`, `need.declared` and `need.withdrawn`, `offer.declared` and
`offer.withdrawn`, `person.*`, `membership.changed`, `cycle.*`, `consent.*`, `assignment.*`, `rematch.requested`.
"""
