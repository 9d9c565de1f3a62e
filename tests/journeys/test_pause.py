"""A campaign is paused from elsewhere while it calls: not one INVITE more, whoever talks goes on, and everybody is told why."""

from __future__ import annotations

import json
from collections import Counter

from tests.journeys.operator import Operator, invites, wait_until
from tests.rehearsal.practice import example_network

PEOPLE = ("silent", "no_answer", "refuses_at_once", "busy", "interested", "declined")


def test_a_pause_lets_no_call_out_any_more_and_a_resumed_campaign_calls_the_rest(operator: Operator) -> None:
    persona_of = operator.takes_the_list(*PEOPLE)
    with example_network(operator.folder, operator.example, persona_of) as network:
        operator.prepares(network, capacity=1)
        dialer = operator.starts(*operator.campaign)
        wait_until(lambda: invites(network))
        assert "renewals: paused" in operator.runs("campaign", "pause", "renewals", "--by", "王运营")
        called = invites(network)
        printed, _ = dialer.communicate(timeout=120)
        assert dialer.returncode == 0, printed
        assert invites(network) == called and len(called) < len(PEOPLE)
        states = dict(operator.reads("SELECT state, count(*) FROM attempt WHERE dialled_at IS NOT NULL GROUP BY state"))
        assert states == {"ended": len(called)}, "whoever was being called was not cut off"
        [waiting] = operator.reads("SELECT min(contact_id) FROM campaign_contact WHERE rank = 2 AND outcome IS NULL")
        [told] = json.loads(operator.runs("contact", "why", str(waiting[0]), "--json"))
        assert (told["kind"], told["zh"]) == ("waits", "任务已暂停")
        assert "it is paused" in operator.runs(*operator.campaign, code=2)

        operator.runs("campaign", "resume", "renewals", "--by", "王运营")
        operator.runs(*operator.campaign)
        assert Counter(number for number, _ in invites(network)) == dict.fromkeys(persona_of, 1)
        assert "budget" not in operator.runs("campaign", "check", "renewals")
