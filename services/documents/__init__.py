"""Documents: consents by purpose and the papers of mentoring.

Owns consents, papers and their states, scans. Hears `cycle.opened`, `pairing.formed`, `membership.changed`,
`person.left`, `person.erased`. Announces `consent.given`, `consent.withdrawn`, `document.signed`, `document.in_force`.
"""
