"""Tracking: the work of pairs, from the formed pair to the survey after it.

Owns assignments and their legal basis, goals, meetings, reflections, help flags, the health of pairs, surveys,
notifications. Hears `cycle.opened`, `cycle.stage_changed`, `person.left`, `person.erased`, `membership.changed`,
`campaign.opened`, `campaign.closed`, `diagnostic.completed`, `pairing.formed`, `consent.given`, `consent.withdrawn`,
`document.in_force`. Announces `assignment.opened`, `assignment.activated`, `assignment.suspended`,
`assignment.completed`, `assignment.terminated`, `meeting.planned`, `meeting.held`, `meeting.missed`, `goal.achieved`,
`reflection.given`, `pair.stalled`, `rematch.requested`, `survey.tallied`.
"""
