"""Dates, amounts and numbers as Chinese and English papers write them."""

import calendar
import random
from datetime import date
from decimal import Decimal

DIGITS = "零一二三四五六七八九"
CAPITALS = "零壹贰叁肆伍陆柒捌玖"
CAPITAL_UNITS = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")
SYMBOLS = {"CNY": "¥", "HKD": "HK$", "USD": "US$", "EUR": "€"}


def ordinal(number: int) -> str:
    """A number under 100 as clauses are counted: 七, 十二, 二十一."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def chinese_date(day: date) -> str:
    """2026年3月18日."""
    return f"{day.year}年{day.month}月{day.day}日"


def english_date(day: date) -> str:
    """18 March 2026."""
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def capital_amount(amount: Decimal) -> str:
    """An amount in the capitals of cheques and contracts (大写), to the cent: 叁佰伍拾叁万壹仟元整."""
    whole, cents = divmod(int(amount * 100), 100)
    tenths, hundredths = divmod(cents, 10)
    words = _capital_whole(whole) + "元"
    if not cents:
        return words + "整"
    if tenths:
        words += CAPITALS[tenths] + "角"
    elif whole:
        words += "零"
    return words + (CAPITALS[hundredths] + "分" if hundredths else "整")


def _capital_whole(number: int) -> str:
    if number == 0:
        return "零"
    words, gap = "", False
    for place in range(2, -1, -1):
        group = number // 10 ** (4 * place) % 10_000
        if group == 0:
            gap = gap or bool(words)
            continue
        if words and (gap or group < 1000):
            words += "零"
        words += _capital_group(group) + GROUPS[place]
        gap = False
    return words


def _capital_group(group: int) -> str:
    """Four digits, with one 零 for each run of zeros inside."""
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + CAPITALS[digit] + CAPITAL_UNITS[place]
        gap = False
    return words


def amount_text(amount: Decimal, currency: str) -> str:
    """¥3,531,000.00, as contracts print it."""
    return f"{SYMBOLS[currency]}{amount:,.2f}"


def round_amount(rng: random.Random, low: int, high: int) -> Decimal:
    """An amount between the two, rounded as people agree on amounts; now and then with cents."""
    value = rng.randint(low, high)
    if rng.random() < 0.15:
        return Decimal(value) + Decimal(rng.randint(1, 99)) / 100
    step = 10 ** max(len(str(value)) - rng.choice((2, 3, 4)), 0)
    return Decimal(value // step * step or step).quantize(Decimal("0.01"))
