"""Who did it: the actor that every event names."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["policy", "user", "import", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a policy version, an import, or Qingdan itself; ``id`` is that thing's id as text."""

    kind: ActorKind
    id: str
    name: str
