"""Reading and keeping the calendars: who may. What a calendar is stands in `platform/calendar`."""
