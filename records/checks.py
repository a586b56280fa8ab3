"""What must be true before the archive may run."""

from typing import Any

from django.core.checks import Error, register

from records import guards


@register()
def required_guards(**_options: Any) -> list[Error]:
    """Every guard that a verb depends on must have been registered by the floor above (docs/architecture.md, Floors)."""
    return [
        Error(f"The verb '{verb}' runs without its guard '{name}'.", hint="Is the app 'retention' installed?", id="records.E001")
        for verb, name in sorted(guards.missing())
    ]
