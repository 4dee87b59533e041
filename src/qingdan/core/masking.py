"""How personal data is shown by default: one rule a class, enough to recognise a value, not to use it."""

import re
from typing import Final

from qingdan.core.fields import Pii

_REGION: Final = re.compile(
    "(?:.{2,8}?(?:省|自治区|特别行政区))?(?:.{2,8}?(?:市|自治州|地区|盟))?(?:.{1,6}?(?<![小社园景校厂])(?:区|县|旗))?"
)
_HIDDEN_DIGITS: Final = 6
_HIDDEN: Final = "****"
_NUMBER_IN_NOTE: Final = re.compile(
    r"""(?<!\d)(?:
        (?:\+?86[-\s]?)?1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}  # mobile
      | [(（]?0\d{2,3}[)）]?[-—\s]?\d{3,4}[-\s]?\d{4}   # landline with its area code
      | \d{17}[Xx]                                      # identity card
      | \d{7,}                                          # local number, account, card: nothing that short words need
    )(?!\d)""",
    re.VERBOSE,
)
"""What may reach or name a person inside a sentence; hotlines (12315), house numbers, prices and dates are shorter."""


def mask(value: str, pii: Pii) -> str:
    """Text with its personal part hidden.

    A name keeps its first character, a phone number hides at least six digits (GB/T 41833-2022 asks for one and six),
    an address keeps its region and hides the detail, an account keeps its ends. A note keeps its sentence, which staff
    must read, and hides the phone numbers and other long numbers in it: 138****0001.
    """
    match pii:
        case Pii.NAME:
            return value[:1] + "*" * max(len(value) - 1, 1) if value else value
        case Pii.PHONE:
            return _mask_digits(value)
        case Pii.ADDRESS:
            return _mask_address(value)
        case Pii.ACCOUNT:
            return value[:2] + _HIDDEN + value[-2:] if len(value) >= 8 else value[:1] + _HIDDEN if value else value
        case Pii.NOTE:
            return _NUMBER_IN_NOTE.sub(_mask_number, value)
        case Pii.NONE:
            return value


def _mask_digits(value: str) -> str:
    places = [i for i, char in enumerate(value) if char.isdigit()]
    shown = max(len(places) - _HIDDEN_DIGITS, 0)
    first = min(3, shown)
    last = min(2, shown - first)
    hidden = set(places[first : len(places) - last])
    return "".join("*" if i in hidden else char for i, char in enumerate(value))


def _mask_number(found: re.Match[str]) -> str:
    digits = [char for char in found.group() if char.isalnum()]
    first, last = (3, 4) if len(digits) >= 11 else (2, 2)
    return "".join([*digits[:first], _HIDDEN, *digits[-last:]])


def _mask_address(value: str) -> str:
    if not value:
        return value
    region = _REGION.match(value)
    return (region.group() if region else "") + _HIDDEN
