"""What Muniment ships: tiers, record types with their fields, schedules, number rules and classes, as data.

`load` adds what is missing and leaves alone what is there: an organisation's own changes stay.
"""

from portal.shipped.loading import load

__all__ = ["load"]
