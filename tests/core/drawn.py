"""Cases drawn at random, for the gate's laws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from fairdial.core.policy.case import (
    Abandonment,
    Basis,
    Case,
    Consent,
    Contacted,
    Form,
    Purpose,
    Refusal,
    RefusalScope,
    Registry,
)
from fairdial.packs import with_calendars
from tests.core.cases import PACKS, a_case

moments = st.integers(0, 333 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
refusals = st.builds(
    Refusal,
    scope=st.sampled_from(RefusalScope),
    purpose=st.sampled_from([None, *Purpose]),
    is_same_tenant=st.booleans(),
    source=st.just("call"),
    at=moments,
)
contacts = st.builds(Contacted, at=moments, is_same_tenant=st.booleans())
consents = st.builds(
    Consent,
    purposes=st.frozensets(st.sampled_from(Purpose)),
    channels=st.frozensets(st.sampled_from(["call", "message"])),
    obtained_at=moments,
    valid_until=st.none() | moments,
    revoked_at=st.none() | moments,
    evidence_sha256=st.none() | st.just("0" * 64),
    form=st.sampled_from(Form),
    artificial_voice=st.booleans(),
    any_hour=st.booleans(),
)
_PLACES = [
    ("CN", "Asia/Shanghai", "上海"),
    ("CN", "Asia/Urumqi", "新疆乌鲁木齐"),
    ("US", "America/New_York", "US-PA"),
    ("US", "America/New_York", "Pennsylvania"),
    ("US", "America/Chicago", "US-TX"),
    ("FR", "Europe/Paris", "Paris"),
    ("GB", "Europe/London", "Kent"),
]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    country, zone, region = draw(st.sampled_from(_PLACES))
    now = draw(moments)
    case = a_case(
        now=now,
        purpose=draw(st.sampled_from(Purpose)),
        permission__basis=draw(st.sampled_from([None, *Basis])),
        permission__consents=tuple(draw(st.lists(consents, max_size=2))),
        person__number_country=country,
        person__zone=zone,
        person__region=draw(st.sampled_from([None, region])),
        person__refusals=tuple(draw(st.lists(refusals, max_size=2))),
        person__contacted=tuple(draw(st.lists(contacts, max_size=4))),
        tenant__seat=country,
        campaign__artificial_voice=draw(st.booleans()),
        registries=tuple(
            Registry(name=name, copied_at=now - timedelta(days=1), is_listed=draw(st.booleans()))
            for name in ("US-DNC", "GB-TPS")
        ),
        abandonment=(Abandonment(days=30, answered=100, abandoned=0),),
    )
    return with_calendars(case, PACKS)
