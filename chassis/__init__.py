"""What every service stands on: plumbing without a domain noun (schools, people, roles and grants excepted)."""
