"""How a search can end without a result."""


class Cancelled(Exception):
    """The caller no longer wants the answer."""


class NotProved(Exception):
    """The solver's answer does not hold in exact integers; the result must not be used."""


class Crashed(Exception):
    """The process that solved died without a word; its exit code is the only argument."""
