"""Without this façade every handler would have to know which drawers there are and open them.

One transaction: all drawers around one unit. What is written through it is committed or undone as
a whole.
"""

from __future__ import annotations

from functools import cached_property

from storage.absences import AbsencesDrawer
from storage.appointments import AppointmentsDrawer
from storage.blobs import BlobsDrawer
from storage.bulletins import (
    BulletinsDrawer,
    DeliveriesDrawer,
    PayloadsDrawer,
    TranslationsDrawer,
)
from storage.calendar_files import CalendarFilesDrawer
from storage.call_outs import CallOutsDrawer
from storage.cases import CasesDrawer
from storage.cases.copies import CopiesDrawer
from storage.cases.messages import MessagesDrawer
from storage.cases.waiting import WaitingDrawer
from storage.codes import CodesDrawer
from storage.database import Unit
from storage.dialogues import DialoguesDrawer
from storage.hours import HoursDrawer
from storage.inbox import InboxDrawer
from storage.invitations import InvitationsDrawer
from storage.known_answers import KnownAnswersDrawer
from storage.officers import OfficersDrawer
from storage.outbox import OutboxDrawer
from storage.page_commands import PageCommandsDrawer
from storage.people import PeopleDrawer
from storage.presences import PresencesDrawer
from storage.roster import RosterDrawer
from storage.runs import RunsDrawer
from storage.service_requests import ServiceRequestsDrawer
from storage.subscriptions import SubscriptionsDrawer
from storage.timers import TimersDrawer
from storage.unreachable import UnreachableDrawer
from storage.visitors import VisitorsDrawer


class Transaction:
    """The drawers, each opened when it is first asked for."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit

    @cached_property
    def inbox(self) -> InboxDrawer:
        """What came."""
        return InboxDrawer(self.unit)

    @cached_property
    def outbox(self) -> OutboxDrawer:
        """What is promised."""
        return OutboxDrawer(self.unit)

    @cached_property
    def timers(self) -> TimersDrawer:
        """What is due."""
        return TimersDrawer(self.unit)

    @cached_property
    def runs(self) -> RunsDrawer:
        """What ran in which period."""
        return RunsDrawer(self.unit)

    @cached_property
    def blobs(self) -> BlobsDrawer:
        """Files waiting to be uploaded."""
        return BlobsDrawer(self.unit)

    @cached_property
    def known_answers(self) -> KnownAnswersDrawer:
        """What Telegram told us about ourselves."""
        return KnownAnswersDrawer(self.unit)

    @cached_property
    def visitors(self) -> VisitorsDrawer:
        """Whoever is at the counter."""
        return VisitorsDrawer(self.unit)

    @cached_property
    def people(self) -> PeopleDrawer:
        """Everybody who ever wrote."""
        return PeopleDrawer(self.unit)

    @cached_property
    def unreachable(self) -> UnreachableDrawer:
        """Chats that take no messages from us."""
        return UnreachableDrawer(self.unit)

    @cached_property
    def roster(self) -> RosterDrawer:
        """Who is responsible for what."""
        return RosterDrawer(self.unit)

    @cached_property
    def officers(self) -> OfficersDrawer:
        """Which officer is in which chat."""
        return OfficersDrawer(self.unit)

    @cached_property
    def invitations(self) -> InvitationsDrawer:
        """Single-use links for officers."""
        return InvitationsDrawer(self.unit)

    @cached_property
    def cases(self) -> CasesDrawer:
        """Who is responsible for what, and where it stands."""
        return CasesDrawer(self.unit)

    @cached_property
    def messages(self) -> MessagesDrawer:
        """Every version of what was written."""
        return MessagesDrawer(self.unit)

    @cached_property
    def copies(self) -> CopiesDrawer:
        """What stands for a case in somebody's chat."""
        return CopiesDrawer(self.unit)

    @cached_property
    def dialogues(self) -> DialoguesDrawer:
        """Conversations in several steps."""
        return DialoguesDrawer(self.unit)

    @cached_property
    def appointments(self) -> AppointmentsDrawer:
        """Who is expected, by whom and when."""
        return AppointmentsDrawer(self.unit)

    @cached_property
    def codes(self) -> CodesDrawer:
        """Who named a wrong code."""
        return CodesDrawer(self.unit)

    @cached_property
    def calendar_files(self) -> CalendarFilesDrawer:
        """Which appointments stand in somebody's calendar."""
        return CalendarFilesDrawer(self.unit)

    @cached_property
    def service_requests(self) -> ServiceRequestsDrawer:
        """Times outside the slots that wait for an answer."""
        return ServiceRequestsDrawer(self.unit)

    @cached_property
    def bulletins(self) -> BulletinsDrawer:
        """Notices and alerts."""
        return BulletinsDrawer(self.unit)

    @cached_property
    def deliveries(self) -> DeliveriesDrawer:
        """Which bulletin reached whom."""
        return DeliveriesDrawer(self.unit)

    @cached_property
    def payloads(self) -> PayloadsDrawer:
        """What many promises share."""
        return PayloadsDrawer(self.unit)

    @cached_property
    def translations(self) -> TranslationsDrawer:
        """Texts that a translator is asked for."""
        return TranslationsDrawer(self.unit)

    @cached_property
    def subscriptions(self) -> SubscriptionsDrawer:
        """Who wants which bulletins."""
        return SubscriptionsDrawer(self.unit)

    @cached_property
    def hours(self) -> HoursDrawer:
        """One-off changes of the hours, and special days."""
        return HoursDrawer(self.unit)

    @cached_property
    def presences(self) -> PresencesDrawer:
        """Where people say they are."""
        return PresencesDrawer(self.unit)

    @cached_property
    def waiting(self) -> WaitingDrawer:
        """What waits for an officer's opening."""
        return WaitingDrawer(self.unit)

    @cached_property
    def absences(self) -> AbsencesDrawer:
        """Who is away, and why."""
        return AbsencesDrawer(self.unit)

    @cached_property
    def page_commands(self) -> PageCommandsDrawer:
        """Whom the external command has still to page."""
        return PageCommandsDrawer(self.unit)

    @cached_property
    def call_outs(self) -> CallOutsDrawer:
        """Urgent calls, and who can hear them."""
        return CallOutsDrawer(self.unit)
