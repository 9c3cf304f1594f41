"""The rules of bulletins: who may let them out, whom they concern, and when they make a sound."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.bulletins import (
    LATE_LIMIT,
    Audience,
    AudienceOfNobody,
    Bulletin,
    Finding,
    IssueNumber,
    Kind,
    MovedOn,
    NeedsApproval,
    NeedsOwnLanguage,
    NotASecondPerson,
    QuietHours,
    Recipient,
    Severity,
    State,
    Subscription,
    TooManyPictures,
    UnreadMachineText,
    Version,
    audience_of_room,
    cap_severity,
    cap_urgency,
    check_approval,
    check_can_go_out,
    check_ready,
    check_step,
    concerns,
    findings,
    is_quiet,
    is_tired_of_notices,
    is_too_late,
    issue_of,
    issue_of_text,
    reaches_only,
    version_for,
)
from bot.domain.roster import Area, Room, Roster, Station

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 16, 4, tzinfo=UTC)
STATION = Station(
    name={"zh": "河滨派出所"},
    hotline="+86 10 5555 0110",
    timezone="Asia/Shanghai",
    languages=("zh", "en", "ar"),
    duty_desk=("zhao",),
    emergency=(),
)
ROSTER = Roster(
    station=STATION,
    rooms=(),
    areas=(
        Area("riverside", {"zh": "滨江"}),
        Area("tower", {"zh": "塔楼"}, parent="riverside"),
        Area("hillside", {"zh": "山坡"}),
    ),
    officers=(),
)
NOTICE = Bulletin(
    number=1,
    kind=Kind.INCIDENT,
    author="li",
    room="east",
    severity=Severity.NOTICE,
    state=State.DRAFT,
    versions={"zh": Version("zh", "本周警情")},
    audience=Audience(),
    created_at=MONDAY,
)
ANA = Recipient(chat_id=7, language="en", area="tower")


def test_a_rooms_notice_is_for_its_own_areas() -> None:
    """The outermost of them; where the room has all of them, or there is none, for everybody."""
    rooms = tuple(Room(code, {}, {}, None, "", "") for code in ("east", "west"))
    areas = (
        Area("riverside", {}, room="east"),
        Area("tower", {}, parent="riverside"),
        Area("hillside", {}, room="west"),
        Area("lake", {}),
    )
    two = replace(ROSTER, rooms=rooms, areas=areas)
    assert audience_of_room("east", two) == Audience(frozenset({"riverside"}))
    assert audience_of_room("", two) == Audience()
    assert audience_of_room("east", replace(two, areas=areas[:2])) == Audience()
    assert reaches_only(Audience(frozenset({"tower"})), "east", two)
    assert reaches_only(Audience(frozenset({"riverside"})), "east", two)
    assert not reaches_only(Audience(frozenset({"riverside", "lake"})), "east", two)
    assert not reaches_only(Audience(), "east", two)
    assert reaches_only(Audience(), "east", replace(two, areas=areas[:2]))


def test_a_notice_goes_from_draft_to_sent_and_never_back() -> None:
    """What was sent can only be recalled; a step that makes no sense says where things stand."""
    for before, after in (
        (State.DRAFT, State.SUBMITTED),
        (State.SUBMITTED, State.APPROVED),
        (State.APPROVED, State.PREPARING),
        (State.PREPARING, State.SENDING),
        (State.SENDING, State.SENT),
        (State.SENT, State.RECALLED),
    ):
        check_step(before, after)
        with pytest.raises(MovedOn) as refused:
            check_step(after, before) if (after, before) != (State.SUBMITTED, State.DRAFT) else (
                check_step(State.RECALLED, before)
            )
        assert refused.value.state in (after, State.RECALLED)


def test_the_stations_own_language_comes_first() -> None:
    """A notice without the station's own language is not ready, nor one with eleven pictures."""
    check_ready(NOTICE, own_language="zh")
    with pytest.raises(NeedsOwnLanguage) as refused:
        check_ready(NOTICE, own_language="en")
    assert refused.value.language == "en"
    with pytest.raises(TooManyPictures) as pictures:
        check_ready(replace(NOTICE, pictures=("p",) * 11), own_language="zh")
    assert pictures.value.limit == 10


def test_a_second_person_approves() -> None:
    """The author cannot approve; somebody else can, while it waits for that."""
    submitted = replace(NOTICE, state=State.SUBMITTED)
    check_approval(submitted, officer="wang")
    with pytest.raises(NotASecondPerson):
        check_approval(submitted, officer="li")
    with pytest.raises(MovedOn):
        check_approval(replace(NOTICE, state=State.SENT), officer="wang")


def test_what_may_go_out() -> None:
    """Unapproved, read by no person, or for nobody: each is refused by its name."""
    approved = replace(NOTICE, state=State.APPROVED, approved_by="wang")
    check_can_go_out(approved, own_language="zh", needs_approval=True, recipients=1)
    check_can_go_out(NOTICE, own_language="zh", needs_approval=False, recipients=1)
    with pytest.raises(NeedsApproval):
        check_can_go_out(NOTICE, own_language="zh", needs_approval=True, recipients=1)
    with pytest.raises(AudienceOfNobody):
        check_can_go_out(approved, own_language="zh", needs_approval=True, recipients=0)
    danger = replace(
        approved,
        severity=Severity.DANGER,
        versions={**NOTICE.versions, "en": Version("en", "Gas leak", is_machine_made=True)},
    )
    with pytest.raises(UnreadMachineText) as unread:
        check_can_go_out(danger, own_language="zh", needs_approval=True, recipients=1)
    assert unread.value.languages == ("en",)


@pytest.mark.parametrize(
    ("language", "got"),
    [("zh", "zh"), ("en", "en"), ("en-GB", "en"), ("ar", "en"), ("ko", "en")],
)
def test_a_missing_language_falls_back(language: str, got: str) -> None:
    """A reader gets the own language, else English, else the station's own."""
    versions = {"zh": Version("zh", "文"), "en": Version("en", "text")}
    assert version_for(versions, language, own_language="zh").language == got
    assert version_for({"zh": versions["zh"]}, language, own_language="zh").language == "zh"
    assert version_for({"ar": Version("ar", "نص")}, "ko", own_language="zh").language == "ar"


@pytest.mark.parametrize(
    ("audience", "wishes", "gets"),
    [
        (Audience(), Subscription(), True),
        (Audience(areas=frozenset({"tower"})), Subscription(), True),
        (Audience(areas=frozenset({"riverside"})), Subscription(), True),
        (Audience(areas=frozenset({"hillside"})), Subscription(), False),
        (
            Audience(areas=frozenset({"hillside"})),
            Subscription(areas=frozenset({"hillside"})),
            True,
        ),
        (Audience(languages=frozenset({"en"})), Subscription(), True),
        (Audience(languages=frozenset({"ar"})), Subscription(), False),
        (Audience(is_for_businesses_only=True), Subscription(), False),
        (Audience(), Subscription(is_on=False), False),
        (Audience(), Subscription(kinds_off=frozenset({"incident"})), False),
        (Audience(), Subscription(kinds_off=frozenset({"alert"})), True),
    ],
)
def test_a_bulletin_reaches_whom_it_concerns(
    audience: Audience, wishes: Subscription, gets: bool
) -> None:
    """An area means everything inside it; what somebody does not want does not come."""
    ana = replace(ANA, subscription=wishes)
    assert concerns(audience, "incident", ana, ROSTER) is gets


def test_businesses_and_people_without_an_area() -> None:
    """A shop gets what is for shops; whoever chose no area gets what is for the whole station."""
    shop = replace(ANA, is_business=True)
    assert concerns(Audience(is_for_businesses_only=True), "tips", shop, ROSTER)
    nowhere = replace(ANA, area=None)
    assert concerns(Audience(), "tips", nowhere, ROSTER)
    assert not concerns(Audience(areas=frozenset({"tower"})), "tips", nowhere, ROSTER)


@pytest.mark.parametrize(
    ("hour", "severity", "silent"),
    [
        (23, Severity.NOTICE, True),
        (3, Severity.WARNING, True),
        (3, Severity.DANGER, False),
        (7, Severity.NOTICE, False),
        (12, Severity.WARNING, False),
        (22, Severity.NOTICE, True),
    ],
)
def test_only_danger_rings_at_night(hour: int, severity: Severity, silent: bool) -> None:
    """From 22 to 7 at the station everything else arrives without a sound."""
    now = datetime(2026, 11, 20, hour, tzinfo=SHANGHAI).astimezone(UTC)
    assert is_quiet(QuietHours(), severity, now=now, zone=SHANGHAI) is silent


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    """Somebody who works at night may choose the day, or never to be spared."""
    noon = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)
    day = QuietHours(time(9), time(17))
    assert is_quiet(day, Severity.NOTICE, now=noon, zone=SHANGHAI)
    assert not is_quiet(day, Severity.NOTICE, now=noon + timedelta(hours=6), zone=SHANGHAI)
    never = QuietHours(time(0), time(0))
    assert not is_quiet(never, Severity.NOTICE, now=noon, zone=SHANGHAI)


def test_notices_are_limited_warnings_are_not() -> None:
    """The fourth notice of a week waits for the weekly issue."""
    assert not is_tired_of_notices(Severity.NOTICE, notices_in_week=2)
    assert is_tired_of_notices(Severity.NOTICE, notices_in_week=3)
    assert not is_tired_of_notices(Severity.WARNING, notices_in_week=30)


def test_severities_in_the_common_alerting_protocol() -> None:
    """Whoever passes alerts on finds the standard's words."""
    assert [cap_severity(each) for each in Severity] == ["Minor", "Moderate", "Severe"]
    assert [cap_urgency(each) for each in Severity] == ["Future", "Expected", "Immediate"]


def test_an_issue_has_the_number_of_its_week() -> None:
    """Friday evening of 20 November 2026 in Shanghai is the 47th week; New Year's Day may belong to
    the last week of the year before."""
    friday = datetime(2026, 11, 20, 18, tzinfo=SHANGHAI)
    assert str(issue_of(friday, SHANGHAI)) == "2026-47"
    new_year = datetime(2027, 1, 1, 18, tzinfo=SHANGHAI)
    assert issue_of(new_year, SHANGHAI) == IssueNumber(2026, 53)
    assert issue_of_text(" 2026-47 ") == IssueNumber(2026, 47)
    assert issue_of_text("2026-54") is None
    assert issue_of_text("47") is None


@given(st.integers(min_value=0, max_value=3650))
def test_a_number_is_read_as_it_is_written(days: int) -> None:
    """Every week's number survives being written and read."""
    issue = issue_of(MONDAY + timedelta(days=days), SHANGHAI)
    assert issue_of_text(str(issue)) == issue


def test_a_late_issue_waits_for_a_decision() -> None:
    """Within twelve hours it still goes by itself."""
    assert not is_too_late(MONDAY, now=MONDAY + LATE_LIMIT)
    assert is_too_late(MONDAY, now=MONDAY + LATE_LIMIT + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("身份证11010519491231002X", Finding.IDENTITY_NUMBER),
        ("护照 E12345678 已找到", Finding.IDENTITY_NUMBER),
        ("请致电13812345678", Finding.PHONE),
        ("Call +49 30 1234 5678", Finding.PHONE),
        ("车牌京A12345", Finding.PLATE),
        ("a car B-MW 1234", Finding.PLATE),
        ("3号楼2单元501室", Finding.FLAT),
        ("in flat 12B on Monday", Finding.FLAT),
        ("الشقة رقم 12", Finding.FLAT),
        ("张某某,男,45岁", Finding.NAME),
        ("Mr John Smith was arrested", Finding.NAME),
        ("a man named Peter", Finding.NAME),
        ("السيد محمد", Finding.NAME),
        ("a Nigerian man", Finding.NATIONALITY),
        ("外籍男子", Finding.NATIONALITY),
        ("من جنسية عربية", Finding.NATIONALITY),
        ("受害人12岁", Finding.MINOR),
        ("a girl aged 14", Finding.MINOR),
        ("طفلة مفقودة", Finding.MINOR),
        ("the criminal fled", Finding.GUILT),
        ("抓获小偷一名", Finding.GUILT),
        ("القبض على المجرم", Finding.GUILT),
        ("电话：5555 0201", Finding.PHONE),
        ("京a12345", Finding.PLATE),
        ("二单元302", Finding.FLAT),
        ("北门A座301", Finding.FLAT),
        ("5-1-302", Finding.FLAT),
        ("flat #12", Finding.FLAT),
        ("抓获小偷王大力，缴获手机", Finding.NAME),
        ("犯罪嫌疑人李强被抓获", Finding.NAME),
        ("Suspect John Smith was found", Finding.NAME),
        ("Wang Dali, 34, was seen", Finding.NAME),
        ("رجل يدعى محمد", Finding.NAME),
        ("越南籍女子", Finding.NATIONALITY),
        ("两名尼日利亚人", Finding.NATIONALITY),
        ("a foreign man", Finding.NATIONALITY),
        ("a Chinese couple", Finding.NATIONALITY),
        ("رجل سوري", Finding.NATIONALITY),
        ("女孩十四岁", Finding.MINOR),
        ("一名孩子走失", Finding.MINOR),
        ("A child is missing", Finding.MINOR),
        ("٨ سنوات", Finding.MINOR),
        ("The thief was caught", Finding.GUILT),
        ("抓获诈骗犯一名", Finding.GUILT),
        ("قبض على السارق", Finding.GUILT),
        ("they are guilty", Finding.GUILT),
    ],
)
def test_what_gives_somebody_away_is_pointed_at(text: str, finding: Finding) -> None:
    """A person looks at each place before a thousand people do."""
    found = [flag for flag in findings(text) if flag.finding is finding]
    assert found
    assert all(text[flag.start : flag.end] == flag.words for flag in found)


@pytest.mark.parametrize(
    "text",
    [
        "本周发生电动车被盗3起,请锁好车辆,晚上十点后关好门窗。",
        "Three bicycles were stolen near the market between 18:00 and 22:00. Lock both wheels.",
        "The criminal investigation goes on.",
        "سُرقت ثلاث دراجات قرب السوق هذا الأسبوع. أغلقوا الأبواب ليلاً.",
        "编号 110105194912310021 不是证件号",
        "受害人钱款被骗走，老人方便时请来警务室。居民白天在家也要锁门。",
        "嫌疑人已被抓获。骗子冒充客服，请拨打96110。",
        "全国人民反诈，请带户籍证明，照看好老人和孩子。",
        "24-11-2026, Lotus Pond, 20 November: thieves are about, keep children close.",
        "2栋楼停水，三十岁以上的居民可以体检。",
    ],
)
def test_a_plain_notice_has_nothing_to_look_at(text: str) -> None:
    """A check that always warns is not read."""
    assert findings(text) == []


def test_one_place_is_said_once() -> None:
    """A number that looks like a phone number in two ways is one phone number."""
    assert [flag.finding for flag in findings("Call +86 138 1234 5678 now")] == [Finding.PHONE]
    flags = findings("身份证11010519491231002X,电话13812345678")
    assert [flag.finding for flag in flags] == [Finding.IDENTITY_NUMBER, Finding.PHONE]
    assert len(findings("小偷、小偷")) == 2
