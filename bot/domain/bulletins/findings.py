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
#: Whoever is called so is a person in a matter of the police: a name may follow.
_ROLES = (
    "嫌疑人|嫌犯|被告人?|被害人|受害人|事主|失主|报警人|证人|小偷|窃贼|骗子"
    "|名叫|姓名[:：]?|男子|女子|老人"
)
#: Surnames that begin everyday words: 钱款, 白天, 任何, 高度, 方便, 江边, 金额, 万元, 马上, 于是.
_NO_NAMES = "钱[款财物包]|白天|任[何意]|高[度龄]|方[便式]|江边|金[额属]|万[元一]|马[上路]|于是"
_NATIONALITIES = (
    r"(?:foreigner|Nigerian|Russian|Korean|Japanese|Vietnamese|Pakistani|Indian|American|Syrian"
    r"|Iraqi|Egyptian|Turkish|Uzbek|Ukrainian|African|Arab|Uyghur|Tibetan|Roma|Afghan|Iranian"
    r"|Filipino|Kenyan|Ethiopian|Mongolian|Burmese|Bangladeshi|Nepali|Romanian|Albanian|Chechen"
    r"|Moroccan|Algerian|Tunisian|Yemeni|Sudanese|Somali|Eritrean|Kazakh|Tajik|Ghanaian)s?"
)
_COUNTRIES = (
    "越南|缅甸|朝鲜|韩国|日本|俄罗斯|印度|印尼|巴基斯坦|孟加拉|尼泊尔|阿富汗|伊朗|伊拉克|叙利亚|埃及|尼日利亚"
    "|肯尼亚|非洲|阿拉伯|菲律宾|泰国|老挝|柬埔寨|蒙古|乌克兰|法国|德国|英国|美国|新疆|西藏"
)
#: In English many thieves are anybody; the thief is somebody.
_ONE = r"\b(?:the|a|an|this|that|one)\s+(?:[a-z]+\s+)?"
_CHARGES = r"thief|robber|burglar|fraudster|scammer|swindler|offender|perpetrator|drug dealer"
_PATTERNS: tuple[tuple[Finding, re.Pattern[str]], ...] = (
    (
        Finding.PHONE,
        re.compile(r"(?<![\d.])(?:\+?\d{1,3}[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"),
    ),
    (
        Finding.PHONE,
        re.compile(r"(?<![\w+])(?:\+\d{1,3}[ -]?|0)\d{1,4}(?:[ -]?\d{2,4}){2,4}(?!\d)"),
    ),
    (
        Finding.PHONE,
        re.compile(
            r"(?:电话|手机|致电|拨打|\b[Tt]el\.?|[Pp]hone|هاتف)\D{0,3}\d{3,4}[ -]?\d{4}(?!\d)"
        ),
    ),
    (Finding.IDENTITY_NUMBER, re.compile(r"(?<![A-Za-z0-9])[EGDPS][A-Z]?\d{7,8}(?!\d)")),
    (
        Finding.PLATE,
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][·• ]?"
            r"[A-Za-z0-9]{5,6}"
        ),
    ),
    (Finding.PLATE, re.compile(r"(?<![A-Z0-9])[A-Z]{1,3}[- ][A-Z]{1,2}[- ]?\d{1,4}(?!\d)")),
    (
        Finding.FLAT,
        re.compile(
            r"\d+\s*(?:号楼|栋|幢)\s*(?:\d+\s*单元)?\s*\d{2,4}\s*(?:室|号|房)?"
            r"|(?:\d+|[一二三四五六七八九十]+)\s*单元\s*\d{2,4}|(?<!\d)\d{3,4}\s?室"
            r"|[A-Za-z\d]\s?座\s?\d{3,4}|(?<!\d)\d{1,2}-\d{1,2}-(?!19|20)\d{3,4}(?!\d)"
        ),
    ),
    (
        Finding.FLAT,
        re.compile(r"\b(?:flat|apartment|apt\.?|unit|room)\s+(?:no\.?\s*|#)?\d+[A-Z]?\b", re.I),
    ),
    (Finding.FLAT, re.compile(r"شق[ةه]\s*(?:رقم\s*)?[\d٠-٩]+")),
    (
        Finding.NAME,
        re.compile(
            f"[{_SURNAMES}](?:某某?|[\u4e00-\u9fff]{{1,2}}(?=[（(，,、]?(?:男|女|先生|女士|[\\d]+岁)))"
        ),
    ),
    (
        Finding.NAME,
        re.compile(
            f"(?:{_ROLES})(?!{_NO_NAMES})[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}"
            "(?=[^\u4e00-\u9fff]|$|被|将|于|在|已|等|因|与|和|报)"
        ),
    ),
    (Finding.NAME, re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+[A-Z][a-z]+(?:\s[A-Z][a-z]+)?")),
    (Finding.NAME, re.compile(r"(?:named|called|surnamed)\s+[A-Z][a-z]+(?:\s[A-Z][a-z]+)?")),
    (
        Finding.NAME,
        re.compile(
            r"\b(?i:suspect|victim|defendant|accused|witness|resident|owner|man|woman|boy|girl|child),?"
            r"\s+[A-Z][a-z]+\s[A-Z][a-z]+"
            r"|\b[A-Z][a-z]+\s[A-Z][a-z]+(?:,\s(?:aged\s)?|\s\()\d{1,2}(?=[,;)]|\s(?:was|has|is)\b)"
        ),
    ),
    (Finding.NAME, re.compile(r"(?:السيد[ةه]?|المدعو[ةه]?)\s+[\u0621-\u064a]+")),
    (Finding.NAME, re.compile(r"(?:[يت]دعى|اسمه|اسمها)\s+[\u0621-\u064a]{2,}")),
    (Finding.NATIONALITY, re.compile(rf"\b{_NATIONALITIES}\b")),
    (
        Finding.NATIONALITY,
        re.compile(
            r"\b(?:Chinese|English|British|French|German|Polish|Thai)"
            r"\s(?:man|woman|couple|boy|girl|national|citizen|suspect|tourist|student|worker)s?\b"
            r"|\bforeign\s(?:man|woman|national|citizen|suspect|tourist|student|worker)s?\b"
        ),
    ),
    (
        Finding.NATIONALITY,
        re.compile(
            r"[\u4e00-\u9fff]{1,4}(?:国籍|籍男子|籍女子|(?<![全本])国人(?![民大口]))|外国人|外籍|[新维藏蒙回]族"
            rf"|(?:{_COUNTRIES})[人籍]|黑人|老外|维吾尔"
        ),
    ),
    (Finding.NATIONALITY, re.compile(r"(?:جنسي[ةه]|أجنبي[ةه]?|الأجانب)(?:\s+[\u0621-\u064a]+)?")),
    (
        Finding.NATIONALITY,
        re.compile(
            r"\b(?:ال)?(?:سوري|عراقي|يمني|نيجيري|باكستاني|أفغاني|إيراني|سوداني|صومالي|أفريقي)"
            r"(?:[ةه]|ون|ين)?\b"
        ),
    ),
    (
        Finding.MINOR,
        re.compile(
            r"(?<!\d)(?:1[0-7]|[1-9])\s*(?:周?岁|-?\s?years?[- ]old|سن(?:ة|وات))"
            r"|(?<![٠-٩])(?:١[٠-٧]|[١-٩])\s*سن(?:ة|وات)"
            r"|(?<![二三四五六七八九十])(?:十[一二三四五六七]?|[一二三四五六七八九])周?岁"
        ),
    ),
    (
        Finding.MINOR,
        re.compile(
            r"\baged?\s+(?:1[0-7]|[1-9])\b|\b(?:minor|schoolgirl|schoolboy|teenager)s?\b"
            rf"|{_ONE}(?:child|boy|girl|baby|toddler|pupil)\b",
            re.I,
        ),
    ),
    (
        Finding.MINOR,
        re.compile(
            r"未成年|小学生|初中生|高中生|中学生|男童|女童|男孩|女孩|少女|婴儿|[一该这][名个][^\s，。；]{0,2}(?:孩子|小孩|儿童|少年)"
            r"|قاصر|طفل[ةه]?|مراهق[ةه]?|رضيع[ةه]?|تلميذ[ةه]?"
        ),
    ),
    (
        Finding.GUILT,
        re.compile(
            r"\b(?:the\s+)?(?:criminal(?!\s+(?:case|investigation|law))|culprit|murderer|rapist)s?\b"
            rf"|{_ONE}(?:{_CHARGES})\b|\bthe\s+thieves\b|\b(?:is|are|was|were)\s+guilty\b",
            re.I,
        ),
    ),
    (
        Finding.GUILT,
        re.compile(
            r"罪犯|凶手|犯罪分子|歹徒|小偷|窃贼|惯犯|劫匪|盗贼|毒贩|人贩子|(?:盗窃|抢劫|诈骗|杀人|强奸)犯|有罪"
            r"|(?:抓获|抓住|该|这名)[^\s，。；]{0,3}骗子"
            r"|المجرم(?:ين|ون)?|اللص(?:وص)?|الجاني|السارق|المحتال|القاتل|المغتصب|النصاب"
        ),
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
