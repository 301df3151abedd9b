"""Registry: places, people with all names and contacts, memberships, cycles with their roadmap, staff import, accounts.

Owns the place tree with its history (who merged into whom), people, memberships, role profiles, records of attestation,
staff imports, cycles, the accounts of the realm, sign-in slips, and the ledger of erasures. Hears `campaign.closed`,
`run.finished`, `pairing.formed`, `assignment.activated`, `document.in_force`, `report.signed`, `report.submitted`,
`report.returned`, `report.accepted`, and of an erasure `answers.erased`, `availability.erased`, `texts.erased`,
`consents.erased`. Announces `place.changed`, `person.joined`, `person.left`,
`person.erased`, `membership.changed`, `role_profile.changed`, `attestation.recorded`, `staff.imported`,
`cycle.opened`, `cycle.stage_changed`.
"""
