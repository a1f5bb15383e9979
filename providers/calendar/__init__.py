"""Calendars: iCalendar read, expanded, shown by days and edited, whichever service keeps it."""
