"""iCalendar (RFC 5545) as text: lines, components, values, zones; nothing is lost, nothing is shown."""
