"""Reporting: what schools, districts and the city may know in numbers.

Owns the facts projected from events, indicator passports with versions, true cells per place, published
cells, school reports with signatures, the views of district and city, exports and open data. Hears every
event except `profile.released` and `profile.release_withdrawn`: levels of persons never come here. Announces
`report.signed`, `report.submitted`, `report.returned`, `report.accepted`, `report.published` and
`indicator.changed`.
"""
