"""Without this check a notice could name a victim, a child or a suspect to a thousand people.

It points at places for a person to look at before approval; it decides nothing. Sources: PIPL 28–29
(identity numbers, minors under 14), GB 11643-1999 (the citizen number's check digit), GA 36-2018
(plates), the presumption of innocence (Criminal Procedure Law of the PRC, article 12).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Finding(StrEnum):
    """What a place in a text may give away."""

    IDENTITY_NUMBER = "identity_number"
    PHONE = "phone"
    PLATE = "plate"
    FLAT = "flat"
    NAME = "name"
    NATIONALITY = "nationality"
    MINOR = "minor"
    GUILT = "guilt"


@dataclass(frozen=True, slots=True)
class Flag:
    """One place: ``words`` are ``text[start:end]``."""

    finding: Finding
    start: int
    end: int
    words: str


_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任"
    "卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫"
)
_NATIONALITIES = (
    r"(?:foreigner|Nigerian|Russian|Korean|Japanese|Vietnamese|Pakistani|Indian|American|Syrian"
    r"|Iraqi|Egyptian|Turkish|Uzbek|Ukrainian|African|Arab|Uyghur|Tibetan|Roma)s?"
)
_PATTERNS: tuple[tuple[Finding, re.Pattern[str]], ...] = (
    (
        Finding.PHONE,
        re.compile(r"(?<![\d.])(?:\+?\d{1,3}[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"),
    ),
    (
        Finding.PHONE,
        re.compile(r"(?<![\w+])(?:\+\d{1,3}[ -]?|0)\d{1,4}(?:[ -]?\d{2,4}){2,4}(?!\d)"),
    ),
    (Finding.IDENTITY_NUMBER, re.compile(r"(?<![A-Za-z0-9])[EGDPS][A-Z]?\d{7,8}(?!\d)")),
    (
        Finding.PLATE,
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·• ]?"
            r"[A-Z0-9]{5,6}"
        ),
    ),
    (Finding.PLATE, re.compile(r"(?<![A-Z0-9])[A-Z]{1,3}[- ][A-Z]{1,2}[- ]?\d{1,4}(?!\d)")),
    (
        Finding.FLAT,
        re.compile(
            r"\d+\s*(?:号楼|栋|幢)\s*(?:\d+\s*单元)?\s*\d{2,4}\s*(?:室|号|房)?"
            r"|\d+\s*单元\s*\d{2,4}|(?<!\d)\d{3,4}室"
        ),
    ),
    (
        Finding.FLAT,
        re.compile(r"\b(?:flat|apartment|apt\.?|unit|room)\s+(?:no\.?\s*)?\d+[A-Z]?\b", re.I),
    ),
    (Finding.FLAT, re.compile(r"شق[ةه]\s*(?:رقم\s*)?[\d٠-٩]+")),
    (
        Finding.NAME,
        re.compile(
            f"[{_SURNAMES}](?:某某?|[\u4e00-\u9fff]{{1,2}}(?=[（(，,、]?(?:男|女|先生|女士|[\\d]+岁)))"
        ),
    ),
    (Finding.NAME, re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+[A-Z][a-z]+(?:\s[A-Z][a-z]+)?")),
    (Finding.NAME, re.compile(r"(?:named|called|surnamed)\s+[A-Z][a-z]+(?:\s[A-Z][a-z]+)?")),
    (Finding.NAME, re.compile(r"(?:السيد[ةه]?|المدعو[ةه]?)\s+[\u0621-\u064a]+")),
    (Finding.NATIONALITY, re.compile(rf"\b{_NATIONALITIES}\b")),
    (
        Finding.NATIONALITY,
        re.compile(r"[\u4e00-\u9fff]{1,4}(?:国籍|籍男子|籍女子|国人)|外国人|外籍|[新维藏蒙回]族"),
    ),
    (Finding.NATIONALITY, re.compile(r"(?:جنسي[ةه]|أجنبي[ةه]?|الأجانب)(?:\s+[\u0621-\u064a]+)?")),
    (
        Finding.MINOR,
        re.compile(r"(?<!\d)(?:1[0-7]|[1-9])\s*(?:周?岁|-?\s?years?[- ]old|سن(?:ة|وات))"),
    ),
    (
        Finding.MINOR,
        re.compile(r"\baged?\s+(?:1[0-7]|[1-9])\b|\b(?:minor|schoolgirl|schoolboy)s?\b", re.I),
    ),
    (Finding.MINOR, re.compile(r"未成年|小学生|初中生|男童|女童|قاصر|طفل[ةه]?")),
    (
        Finding.GUILT,
        re.compile(
            r"\b(?:the\s+)?(?:criminal(?!\s+(?:case|investigation|law))|culprit|murderer|rapist)s?\b",
            re.I,
        ),
    ),
    (
        Finding.GUILT,
        re.compile(r"罪犯|凶手|犯罪分子|歹徒|小偷|窃贼|惯犯|المجرم(?:ين|ون)?|اللص(?:وص)?|الجاني"),
    ),
)
_CITIZEN_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


def findings(text: str) -> list[Flag]:
    """Places in ``text`` (plain, without markup) to look at, in order; overlapping ones of one
    finding are said once."""
    flags = sorted((*_citizen_numbers(text), *_by_pattern(text)), key=lambda flag: flag.start)
    kept: list[Flag] = []
    for flag in flags:
        if not any(_covers(each, flag) for each in kept):
            kept.append(flag)
    return kept


def _covers(earlier: Flag, later: Flag) -> bool:
    return earlier.finding is later.finding and later.start < earlier.end


def _citizen_numbers(text: str) -> Iterator[Flag]:
    for found in _CITIZEN_NUMBER.finditer(text):
        if _has_check_digit(found[0]):
            yield Flag(Finding.IDENTITY_NUMBER, found.start(), found.end(), found[0])


def _has_check_digit(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return number[17].upper() == _CHECK_DIGITS[total % 11]


def _by_pattern(text: str) -> Iterator[Flag]:
    for finding, pattern in _PATTERNS:
        for found in pattern.finditer(text):
            yield Flag(finding, found.start(), found.end(), found[0])
