"""Messages to people, in both languages, from catalogues that each room keeps in its ``messages.py``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in both languages, with ``{name}`` places."""

    zh: str
    en: str

    def text(self, language: Language, params: Mapping[str, object] | None = None) -> str:
        """Sentence in ``language`` with its places filled; words in a place are taken as they stand."""
        filled = {k: v.chosen(language) if isinstance(v, Words) else v for k, v in (params or {}).items()}
        return self.chosen(language).format(**filled)

    def chosen(self, language: Language) -> str:
        """Sentence in ``language``, its places as they are."""
        return self.zh if language == "zh" else self.en

    def both(self) -> dict[str, str]:
        """Sentence by language, its places as they are; the API's form of a text."""
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said to a person: a stable id, what happened, and what to do about it."""

    id: str
    words: Words
    advice: Words | None = None
    params: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: Language = "zh") -> str:
        """What happened."""
        return self.words.text(language, self.params)

    def advice_text(self, language: Language = "zh") -> str:
        """What to do; empty when nothing needs doing."""
        return self.advice.text(language, self.params) if self.advice else ""

    def both(self) -> dict[str, str]:
        """What happened and what to do in both languages: ``zh``, ``en``, ``advice_zh``, ``advice_en``."""
        return {
            "zh": self.text("zh"),
            "en": self.text("en"),
            "advice_zh": self.advice_text("zh"),
            "advice_en": self.advice_text("en"),
        }

    def record(self) -> dict[str, str]:
        """Message as it is stored and told between processes: ``both`` with its ``id``."""
        return {"id": self.id, **self.both()}
