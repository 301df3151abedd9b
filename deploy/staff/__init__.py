"""`neo staff`: a school's staff file looked through offline, with the reader of the registry and no servers."""
