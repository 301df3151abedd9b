"""Diagnostics: what each teacher is strong in and wants to learn, by evidence, released by the teacher alone.

Owns the catalogue versions, target values, instruments and item bank, campaigns, answers, tests, ratings,
observations and artefacts, scored profiles, needs and offers, releases, comments and appeals. Hears `cycle.opened`,
`cycle.stage_changed`, `person.left`, `person.erased`, `membership.changed`, `consent.given` and `consent.withdrawn`.
Announces `campaign.opened`, `campaign.closed`, `diagnostic.completed`, `profile.released`,
`profile.release_withdrawn`, `strength.confirmed`, `need.declared`, `need.withdrawn`, `offer.declared`,
`offer.withdrawn`, `gap.closed`, `profile.tallied` and `gain.tallied`.
Nothing about a profile leaves without its owner's release, except sums over at least five people.
"""
