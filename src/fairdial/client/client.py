"""A server's campaigns, calls, lists, lines, refusals and complaints, as methods with the types of its contract.

What has no method of its own is reached by `wire`, with the same types (`fairdial.web.routes`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

import httpx

from fairdial.client.live import LiveEvent, told
from fairdial.client.problems import Unreachable
from fairdial.client.wire import Asked, Wire
from fairdial.web.paging import Page
from fairdial.web.routes.calls import CallDetail, CallShown
from fairdial.web.routes.campaigns import CampaignShown, ContactVerdict, FunnelShown, NewCampaign
from fairdial.web.routes.complaints import ComplaintShown, ComplaintTaken, NewComplaint
from fairdial.web.routes.lines import CallerShown, LineShown
from fairdial.web.routes.lists import ContactShown, ListShown
from fairdial.web.routes.refusals import NewRefusal, RefusalShown, RefusalTaken
from fairdial.web.routes.runs import RunState
from fairdial.web.routes.session import Who

Item = TypeVar("Item")

_PAGE = 200
_NONE: type[None] = type(None)


class Client:
    """One server, asked with one key; every method raises `RemoteProblem` or `Unreachable`.

        with Client("https://console.example.com", key) as client:
            for call in client.calls(campaign="renewal"):
                print(call.id, call.disposition)

    Args:
        server: Address of the console; https, or http to this machine or a private network.
        key: From an administrator (`POST /api/v1/keys`), with the scopes that are needed.

    Raises:
        SettingsError: The key would travel where others read along.
    """

    def __init__(self, server: str, key: str, *, wire: Wire | None = None) -> None:
        self.wire = wire or Wire(server, key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.wire.close()

    def pages(
        self, path: str, kind: type[Item], *, at: Asked | None = None, query: Asked | None = None
    ) -> Iterator[Item]:
        """Every row of all pages, read as they are wanted."""
        after: str | None = None
        while True:
            asked: Asked = {"limit": _PAGE, **(query or {}), "after": after}
            page: Page[Item] = self.wire.read(path, Page[kind], at=at or {}, query=asked)  # type: ignore[valid-type]
            yield from page.items
            if page.next is None:
                return
            after = page.next

    def who(self) -> Who:
        """What the key may do."""
        return self.wire.read("/session", Who)

    def campaigns(self) -> list[CampaignShown]:
        """Every campaign, the newest first."""
        return self.wire.read("/campaigns", list[CampaignShown])

    def campaign(self, name: str) -> CampaignShown:
        return self.wire.read("/campaigns/{name}", CampaignShown, at={"name": name})

    def create_campaign(self, asked: NewCampaign, *, repeat_key: str | None = None) -> CampaignShown:
        """Create a campaign; nobody is called by that alone."""
        return self.wire.write("POST", "/campaigns", CampaignShown, body=asked, repeat_key=repeat_key)

    def funnel(self, name: str) -> FunnelShown:
        """How many were asked, why not, how calls ended."""
        return self.wire.read("/campaigns/{name}/funnel", FunnelShown, at={"name": name})

    def contacts(self, name: str, *, outcome: str | None = None, rule: str | None = None) -> Iterator[ContactVerdict]:
        """A campaign's contacts: why each was called or was not."""
        query = {"outcome": outcome, "rule": rule}
        return self.pages("/campaigns/{name}/contacts", ContactVerdict, at={"name": name}, query=query)

    def run_state(self, name: str) -> RunState:
        return self.wire.read("/campaigns/{name}/run", RunState, at={"name": name})

    def start_run(self, name: str, *, repeat_key: str | None = None) -> RunState:
        """Ask the gate for everybody and call whoever may be called."""
        return self.wire.write("POST", "/campaigns/{name}/run", RunState, at={"name": name}, repeat_key=repeat_key)

    def stop_run(self, name: str, *, repeat_key: str | None = None) -> None:
        """Start no more calls; the living ones say goodbye."""
        self.wire.write("POST", "/campaigns/{name}/run/stop", _NONE, at={"name": name}, repeat_key=repeat_key)

    def live(self, name: str) -> Iterator[LiveEvent]:
        """What happens to the calls of the newest run, as it happens and without end; a broken stream is taken up again."""
        last: str | None = None
        failures = 0
        while failures < 5:
            try:
                with self.wire.stream("/campaigns/{name}/live", at={"name": name}, last=last) as answer:
                    for event in told(answer.iter_lines()):
                        last, failures = event.id or last, 0
                        yield event
            except httpx.TransportError:
                pass
            failures += 1
            self.wire.rest()
        raise Unreachable("the live view broke off again and again; is the server running? 实时通道中断")

    def calls(
        self,
        *,
        campaign: str | None = None,
        disposition: str | None = None,
        grade: str | None = None,
        region: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[CallShown]:
        """Calls, the newest first."""
        query: Asked = {
            "campaign": campaign,
            "disposition": disposition,
            "grade": grade,
            "region": region,
            "since": since,
            "until": until,
        }
        return self.pages("/calls", CallShown, query=query)

    def call(self, call_id: int) -> CallDetail:
        """One call; reading its words is an event, as in the console."""
        return self.wire.read("/calls/{call_id}", CallDetail, at={"call_id": call_id})

    def lists(self) -> list[ListShown]:
        return self.wire.read("/lists", list[ListShown])

    def contacts_of(self, list_name: str, *, region: str | None = None) -> Iterator[ContactShown]:
        """People of a list, numbers masked."""
        return self.pages("/lists/{name}/contacts", ContactShown, at={"name": list_name}, query={"region": region})

    def lines(self) -> list[LineShown]:
        return self.wire.read("/lines", list[LineShown])

    def callers(self) -> list[CallerShown]:
        return self.wire.read("/callers", list[CallerShown])

    def refusals(self, *, source: str | None = None) -> Iterator[RefusalShown]:
        """Refusals, the newest first."""
        return self.pages("/refusals", RefusalShown, query={"source": source})

    def take_refusal(self, asked: NewRefusal, *, repeat_key: str | None = None) -> RefusalTaken:
        """Record a refusal that came by another way than a call; it takes effect at once."""
        return self.wire.write("POST", "/refusals", RefusalTaken, body=asked, repeat_key=repeat_key)

    def complaints(self) -> Iterator[ComplaintShown]:
        return self.pages("/complaints", ComplaintShown)

    def take_complaint(self, asked: NewComplaint, *, repeat_key: str | None = None) -> ComplaintTaken:
        """Take a complaint in: it is a refusal too, and may suspend what it is about."""
        return self.wire.write("POST", "/complaints", ComplaintTaken, body=asked, repeat_key=repeat_key)
