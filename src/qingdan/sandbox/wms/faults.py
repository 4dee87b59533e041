"""How the simulated warehouse misbehaves, on request."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Faults:
    """Shares are of calls, from 0 to 1; times are seconds."""

    late: float = 0.0
    """Share of calls whose work is done but whose answer comes ``late_by`` afterwards."""
    late_by: float = 20.0
    slow_by: float = 0.0
    """Time that every call takes before anything happens."""
    error: float = 0.0
    """Share answered with HTTP 500 and nothing done."""
    error_after: float = 0.0
    """Share answered with HTTP 500 although the work was done."""
    garbage: float = 0.0
    """Share done and answered with nonsense."""
    cut: float = 0.0
    """Share done, the connection then closed in the middle of the answer."""
    outage: bool = False
    """Nothing works: HTTP 503."""
    no_intercept: bool = False
    """Everything is picked already: nothing can be stopped."""
    forgetful: bool = False
    """A delivery number sent twice takes effect twice."""
    duplicate: float = 0.0
    """Share of messages to the owner that are sent twice."""
    silent: bool = False
    """Ships, and tells nobody."""

    def change(self, said: Mapping[str, Any]) -> None:
        """Change what ``said`` names; raises ``ValueError`` for what there is not."""
        types = {field.name: bool if isinstance(field.default, bool) else float for field in dataclasses.fields(self)}
        for name, value in said.items():
            if name not in types:
                raise ValueError(f"no such fault: {name}")
            setattr(self, name, types[name](value))
