"""Caps that keep a hostile policy a problem at save time and never a slow or crashing engine."""

from datetime import timedelta
from typing import Final

SOURCE_CHARS: Final = 262_144
YAML_EVENTS: Final = 20_000
YAML_DEPTH: Final = 12
EXPRESSION_CHARS: Final = 8_000
EXPRESSION_TOKENS: Final = 1_500
EXPRESSION_DEPTH: Final = 32
SET_VALUES: Final = 500
TEXT_CHARS: Final = 200
WORD_LISTS: Final = 100
WORDS_PER_LIST: Final = 2_000
WORDS_TOTAL: Final = 5_000
RULES: Final = 62
"""Bits of a mask that fit a signed 64-bit integer with one to spare."""
TABLES: Final = 20
TABLE_ROWS: Final = 200
PATTERN_CHARS: Final = 200
PATTERN_PATHS: Final = 2_000
NUMBER_DIGITS: Final = 13

MONEY_IN_SUMS: Final = 90_000_000_000_000
"""Fen. A money value beyond this is unknown inside arithmetic: 64-bit columns would wrap where Python does not."""
INT_IN_SUMS: Final = 10_000
"""A whole number beyond this is unknown inside arithmetic."""
TIME_IN_SUMS: Final = 7_258_118_399_999_999
"""Microseconds: a time of a year outside 1970 to 2199 is unknown inside arithmetic."""
YEARS_IN_SUMS: Final = (1970, 2199)
DURATION: Final = timedelta(days=3_650)
RESULT: Final = 4_000_000_000_000_000_000
"""Largest result that arithmetic may reach by its bounds."""
