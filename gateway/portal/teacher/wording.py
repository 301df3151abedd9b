"""Days, times and minutes as a reader is told of them, in the zone of the place."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.portal.words import said_day, said_moment

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Wording:
    """One reader's words: the language, the moment at the place, and the texts of the pages."""

    language: str
    now: datetime
    say: Callable[..., str]

    @property
    def today(self) -> date:
        """The day at the place."""
        return self.now.date()

    def local(self, moment: str) -> datetime:
        """A moment that the API told, in the zone of the place."""
        return datetime.fromisoformat(moment).astimezone(self.now.tzinfo)

    def day(self, day: str | date) -> str:
        """A day: `14 октября`, with the year where it is another one."""
        found = date.fromisoformat(day) if isinstance(day, str) else day
        pattern = {"ru": "d MMMM", "en": "d MMMM"}[self.language]
        return said_day(found, pattern if found.year == self.today.year else f"{pattern} y", self.language)

    def moment(self, moment: str) -> str:
        """A moment: `сегодня, 15:00`, `завтра, 15:00`, `четверг, 14 октября, 15:00`."""
        found = self.local(moment)
        clock = self.clock(moment)
        away = (found.date() - self.today).days
        if away in (-1, 0, 1):
            return f"{self.say(f'teacher.day.{away + 1}')}, {clock}"
        pattern = "EEEE, d MMMM" if found.year == self.today.year else "d MMMM y"
        return f"{said_moment(found.replace(tzinfo=None), pattern, self.language)}, {clock}"

    def until(self, moment: str) -> str:
        """Until when something may be done; midnight is the end of the day before."""
        found = self.local(moment)
        if (found.hour, found.minute) == (0, 0):
            return self.say("day.until", day=self.day(found.date() - timedelta(days=1)))
        return self.say("day.until-moment", moment=self.moment(moment))

    def clock(self, moment: str) -> str:
        """The time of day of a moment: `15:00`."""
        return said_moment(self.local(moment).replace(tzinfo=None), "H:mm", self.language)

    def length(self, seconds: int) -> str:
        """How long something takes: seconds below a minute, else whole minutes, rounded up."""
        if seconds < MINUTE:
            return self.say("teacher.seconds", count=seconds)
        return self.say("teacher.minutes", count=-(-seconds // MINUTE))

    def level(self, level10: int) -> str:
        """The named step of the scale that a tenfold level lies nearest to."""
        return self.say(f"level.{min(5, max(1, (level10 + 5) // 10))}")
