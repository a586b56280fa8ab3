"""Words that names, addresses and goods of the demo are made of (texts/words.json). All invented; a likeness is chance."""

import json
from pathlib import Path
from typing import Any

_WORDS: dict[str, Any] = json.loads((Path(__file__).parent / "texts" / "words.json").read_text(encoding="utf-8"))

OWN: str = _WORDS["OWN"]
OWN_ENGLISH: str = _WORDS["OWN_ENGLISH"]
LENDER: str = _WORDS["LENDER"]
LENDER_ENGLISH: str = _WORDS["LENDER_ENGLISH"]
PROPERTY: str = _WORDS["PROPERTY"]
GOVERNMENT: str = _WORDS["GOVERNMENT"]

# Names of persons.
SURNAMES: str = _WORDS["SURNAMES"]
GIVEN_FIRST: str = _WORDS["GIVEN_FIRST"]
GIVEN_SECOND: str = _WORDS["GIVEN_SECOND"]
ENGLISH_GIVEN: list[str] = _WORDS["ENGLISH_GIVEN"]
ENGLISH_SURNAMES: list[str] = _WORDS["ENGLISH_SURNAMES"]

# City, six digits of the district (GB/T 2260), district, what stands before a certificate's number, English.
CITIES: list[list[str]] = _WORDS["CITIES"]
HONG_KONG: list[list[str]] = _WORDS["HONG_KONG"]  # region, quarter, English
STREETS: list[str] = _WORDS["STREETS"]
HK_STREETS: list[str] = _WORDS["HK_STREETS"]

# Projects and their English names.
PROJECTS: list[list[str]] = _WORDS["PROJECTS"]
HK_PROJECTS: list[list[str]] = _WORDS["HK_PROJECTS"]

# Companies, by what they do; of those abroad name and address.
BUILDERS: list[str] = _WORDS["BUILDERS"]
SUPPLIERS: list[str] = _WORDS["SUPPLIERS"]
TENANTS: list[str] = _WORDS["TENANTS"]
CONSULTANTS: list[str] = _WORDS["CONSULTANTS"]
AGENTS: list[str] = _WORDS["AGENTS"]
BORROWERS: list[str] = _WORDS["BORROWERS"]
SELLERS: list[str] = _WORDS["SELLERS"]
TARGETS: list[str] = _WORDS["TARGETS"]
TARGETS_ENGLISH: list[str] = _WORDS["TARGETS_ENGLISH"]
HK_COMPANIES: list[str] = _WORDS["HK_COMPANIES"]
FOREIGN: list[list[str]] = _WORDS["FOREIGN"]
BANKS: list[str] = _WORDS["BANKS"]

# Goods in the order of the suppliers: Chinese, English, rows of name, specification, unit, lowest and highest price in yuan.
GOODS: list[list[Any]] = _WORDS["GOODS"]
IMPORTED: list[str] = _WORDS["IMPORTED"]
HANDED: list[str] = _WORDS["HANDED"]  # what handover lists name
