"""The agenda of a month, from a folder of calendar files, with icalendar and recurring-ical-events.

python agenda_others.py FOLDER YEAR MONTH
"""

import datetime
import pathlib
import sys

import icalendar
import recurring_ical_events

folder, year, month = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
calendar = icalendar.Calendar()
for path in folder.iterdir():
    for component in icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT"):
        calendar.add_component(component)
start = datetime.datetime(year, month, 1, tzinfo=datetime.UTC)
end = datetime.datetime(year + month // 12, month % 12 + 1, 1, tzinfo=datetime.UTC)
found = recurring_ical_events.of(calendar).between(start, end)
for event in sorted(found, key=lambda one: one["DTSTART"].dt):
    print(event["DTSTART"].dt, event["DTEND"].dt, event.get("SUMMARY"))
