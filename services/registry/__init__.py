"""Registry: places, people with all names and contacts, memberships, cycles with their roadmap, staff import, accounts.

Owns the place tree with its history, people, memberships and role profiles, staff imports, cycles, and the accounts
of the realm. Hears `campaign.closed`, `run.finished`, `pairing.formed`, `assignment.activated`, `document.in_force`,
`report.submitted`, `report.accepted`. Announces `place.changed`, `person.joined`, `person.left`, `membership.changed`,
`role_profile.changed`, `attestation.recorded`, `staff.imported`, `cycle.opened`, `cycle.stage_changed`.
"""
