"""What the hotline's clocks and its chain must have come to: slow, obvious, and with nothing of the product in it.

Working time is counted minute by minute, from a list of the days that are open. Times are Beijing's, written as the
moments that they are. Numbers are the method's: HC-12, HC-13, HC-19, HC-20, HC-38, CT-05, CT-06; the chain's order is
HC-03 to HC-09; a wait that nobody has set is a quarter of the clock's own time.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
MINUTE = timedelta(minutes=1)
SHIFTS = ((time(9), time(12)), (time(14), time(18)))
"""When a service centre is open on a day on which it opens."""

CHAIN = (
    "hotline_agent",
    "complaint_specialist",
    "project_engineer",
    "head_of_customer_relations",
    "leader_in_charge",
)
"""Who is called for a matter of the works, in order."""


@dataclass(frozen=True)
class Days:
    """The days on which the centre opens, and nothing else about them."""

    open: frozenset[date]

    def is_open(self, moment: datetime) -> bool:
        local = moment.astimezone(BEIJING)
        return local.date() in self.open and any(opens <= local.time() < closes for opens, closes in SHIFTS)

    def add_working(self, start: datetime, amount: timedelta) -> datetime:
        """The moment by which so much working time has passed: a minute of the clock after the other."""
        moment, left = start, amount
        while left > timedelta(0):
            whole = moment.replace(second=0, microsecond=0) + MINUTE
            if self.is_open(moment):
                if moment + left <= whole:
                    return moment + left
                left -= whole - moment
            moment = whole
        return moment

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments."""
        passed, moment = timedelta(0), start
        while moment < end:
            after = min(moment.replace(second=0, microsecond=0) + MINUTE, end)
            if self.is_open(moment):
                passed += after - moment
            moment = after
        return passed

    def close_of_working_day(self, received: datetime, number: int) -> datetime:
        """When the so-manieth day that opens after the day of receipt closes."""
        day = received.astimezone(BEIJING).date()
        while number:
            day += timedelta(days=1)
            number -= day in self.open
        return datetime.combine(day, SHIFTS[-1][1], BEIJING)


@dataclass
class Promise:
    """One clock: from when, until when, how its time is counted, and how much of it there is."""

    code: str
    starts: datetime
    due: datetime
    whole: timedelta
    count: Callable[[datetime, timedelta], datetime]

    @property
    def last_warning(self) -> datetime:
        """When three quarters of its time have passed."""
        return self.count(self.starts, self.whole * 3 / 4)

    def wait(self, moment: datetime) -> datetime:
        """One wait later than this moment."""
        return self.count(moment, max(self.whole / 4, timedelta(minutes=5)))


def elapsed(moment: datetime, amount: timedelta) -> datetime:
    return moment + amount


def first_contact(days: Days, received: datetime) -> Promise:
    """C2: two hours of working time when it came in working time, else twenty-four hours."""
    if days.is_open(received):
        two = timedelta(hours=2)
        return Promise("C2", received, days.add_working(received, two), two, days.add_working)
    whole = timedelta(hours=24)
    return Promise("C2", received, received + whole, whole, elapsed)


def dispatched(days: Days, received: datetime) -> Promise:
    """C1: four hours of working time."""
    four = timedelta(hours=4)
    return Promise("C1", received, days.add_working(received, four), four, days.add_working)


def replied(days: Days, received: datetime) -> Promise:
    """C3: two working days, until the second one closes."""
    due = days.close_of_working_day(received, 2)
    return Promise("C3", received, due, days.open_between(received, due), days.add_working)


def completed(agreed_at: datetime, until: datetime) -> Promise:
    """C4: as agreed."""
    return Promise("C4", agreed_at, until, until - agreed_at, elapsed)


def visited(done: datetime) -> Promise:
    """C5: seven days after the day it was done, until the midnight that ends the seventh."""
    midnight = datetime.combine(done.astimezone(BEIJING).date() + timedelta(days=8), time(), BEIJING)
    return Promise("C5", done, midnight, midnight - done, elapsed)


@dataclass(frozen=True)
class Call:
    """One person called: at which step, the how-manieth time there, and when it was due."""

    step: int
    round: int
    due: datetime
    who: str


@dataclass
class Watch:
    """Who is on duty when, and what was done to a chain. `made`: when the product called a step that was due then."""

    on_duty: Callable[[str, datetime], Collection[str]]
    made: Callable[[int, datetime], datetime]
    acknowledged: Sequence[datetime] = field(default=())
    ended: datetime | None = None


def calls(promise: Promise, watch: Watch, now: datetime) -> Iterator[Call]:
    """Every call that must have been made by now, in order."""
    due, step, round_, again = promise.last_warning, -1, 0, False
    acknowledged = list(watch.acknowledged)
    last = len(CHAIN) - 1
    while due <= now and (watch.ended is None or due < watch.ended):
        made = watch.made(step, due)
        turned = step if again else min(step + 1, last)
        while not watch.on_duty(CHAIN[turned], made) and turned < last:
            turned += 1
        round_, step, again = (round_ + 1 if turned == step else 1), turned, False
        for who in sorted(watch.on_duty(CHAIN[step], made)):
            yield Call(step, round_, due, who)
        due = promise.wait(due)
        while step == last and due <= made:
            # It rings once for all the times that were missed.
            due = promise.wait(due)
        if acknowledged and acknowledged[0] < due:
            due, again = promise.wait(acknowledged.pop(0)), True


def beijing(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment, as a calendar and a clock on a wall say it."""
    return datetime.combine(day, time(hour, minute), BEIJING).astimezone(UTC)
