"""`fairdial demo`, run once as a new user runs it; everything it left is compared call by call."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
import pytest
import soundfile

from fairdial.core.evidence_check import Proven, check
from fairdial.ledger.embedded import embedded_server
from fairdial.ledger.evidence import is_genuine, lines_of
from fairdial.ledger.protection.person_key import PersonKey

OUTCOMES = {
    "interested": ("answered", "callback_by_consultant", "A"),
    "asks_price": ("answered", "callback_by_consultant", "A"),
    "asks_who": ("answered", "callback_by_consultant", "A"),
    "asks_robot": ("answered", "callback_by_consultant", "A"),
    "asks_source": ("answered", "callback_by_consultant", "A"),
    "interrupts": ("answered", "callback_by_consultant", "A"),
    "backchannel": ("answered", "callback_by_consultant", "A"),
    "declines_soft_then_firm": ("answered", "refused", "F"),
    "refuses_at_once": ("answered", "refused", "F"),
    "busy_later": ("answered", "call_later", "C"),
    "silent": ("answered", "silent", "D"),
    "hangs_up_midsentence": ("answered", "hung_up", "D"),
    "third_party": ("answered", "third_party", "D"),
    "wrong_number": ("answered", "wrong_number", "F"),
    "voicemail": ("voicemail", "machine", "D"),
    "assistant": ("voicemail", "machine", "D"),
    "no_answer": ("no_answer", "no_answer", "D"),
    "busy": ("busy", "busy", "D"),
    "declined": ("rejected", "rejected", "D"),
    "announce_vacant": ("invalid_number", "invalid_number", "D"),
    "announce_off": ("powered_off", "powered_off", "D"),
    "announce_suspended": ("suspended", "suspended", "D"),
    "announce_in_call": ("busy", "busy", "D"),
}
"""What each persona's call must come to: disposition, outcome, grade."""

NEVER_CALLED = {
    "+8615400090001": ("deny", "CN-BASIS-SERVICE"),
    "+8615400090002": ("deny", "CN-REFUSAL"),
    "+8615400090003": ("wait", "CN-HOURS-SERVICE"),
    "+8615400090004": ("wait", "CN-ATTEMPTS-WEEK"),
}


@dataclass(frozen=True)
class Demo:
    """What one demo left behind."""

    folder: Path
    printed: str
    report: dict[str, Any]
    network: list[dict[str, Any]]
    database: list[dict[str, Any]]

    @property
    def attempts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.report["attempts"]
        return found

    def of(self, persona: str) -> dict[str, Any]:
        return next(a for a in self.attempts if a["persona"] == persona)

    def events(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.network if line["event"] == event]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, example: Path) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FAIRDIAL_")}
    if models := os.environ.get("FAIRDIAL_MODELS"):
        environment["FAIRDIAL_MODELS"] = models
    environment["FAIRDIAL_HOME"] = str(folder / "home")
    done = subprocess.run(
        [sys.executable, "-m", "fairdial.cli.entry", "demo", "--example", str(example)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=360,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    server = embedded_server(folder / "demo-report" / ".database" / "postgres", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), row_factory=psycopg.rows.dict_row) as connection:
        database = connection.execute(
            "SELECT a.*, c.number_key, p.used_at, p.issued_at FROM attempt a JOIN contact c ON c.id = a.contact_id"
            " JOIN permit p ON p.id = a.permit_id ORDER BY a.id"
        ).fetchall()
    yield Demo(
        folder=folder / "demo-report",
        printed=done.stdout + done.stderr,
        report=json.loads((folder / "demo-report" / "report.json").read_text(encoding="utf-8")),
        network=[json.loads(line) for line in (folder / "demo-report" / "network.jsonl").read_text().splitlines()],
        database=database,
    )
    server.cleanup()


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def test_every_call_would_be_conducted_the_same_way_again(demo: Demo) -> None:
    environment = os.environ | {"FAIRDIAL_HOME": str(demo.folder / ".database"), "FAIRDIAL_TENANT": "晴川保险"}
    command = [sys.executable, "-m", "fairdial.cli.entry", "replay", "--campaign", "insurance-renewal", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    answered = sum(1 for attempt in demo.attempts if attempt["answered_at"])
    assert json.loads(done.stdout) == {"calls": answered, "identical": answered, "differing": []}


@pytest.mark.parametrize("persona", OUTCOMES)
def test_the_outcome_is_right_for_every_persona(demo: Demo, persona: str) -> None:
    attempt = demo.of(persona)
    assert (attempt["disposition"], attempt["outcome"], attempt["grade"]) == OUTCOMES[persona], attempt["turns"]


def test_report_database_and_network_agree_call_by_call(demo: Demo) -> None:
    key = PersonKey((demo.folder / ".database" / "number.key").read_text().strip())
    by_network = {(e["permit"], e["to"], e["call_id"]) for e in demo.events("invite")}
    by_report = {(a["permit_id"], a["contact"], a["call_id"]) for a in demo.attempts}
    by_database = {(str(a["permit_id"]), a["number_key"], a["call_id"]) for a in demo.database}
    assert by_network == by_report
    assert {(permit, key.of(number), call) for permit, number, call in by_network} == by_database
    assert len(by_network) == len(demo.events("invite")) == len(OUTCOMES)


def test_every_invite_carries_a_permit_and_no_permit_carries_two(demo: Demo) -> None:
    permits = Counter(event["permit"] for event in demo.events("invite"))
    assert None not in permits and set(permits.values()) == {1}
    assert all(a["used_at"] is not None and a["issued_at"] <= a["used_at"] for a in demo.database)


def test_nobody_is_called_who_must_not_be_and_the_rule_that_spoke_is_named(demo: Demo) -> None:
    called = {event["to"] for event in demo.events("invite")}
    for number, (outcome, rule) in NEVER_CALLED.items():
        assert number not in called
        for verdict in (v for v in demo.report["verdicts"] if v["contact"] == number):
            assert verdict["verdict"] == outcome
            spoke = [r for r in verdict["rules"] if r["outcome"] != "allow"]
            assert rule in {r["id"] for r in spoke} and all(r["reason"] and r["cite"] for r in spoke)
    reasons = {row["line"]: row["reason"] for row in demo.report["rows_rejected"]}
    assert len(reasons) == 3
    for word in ("emergency", "valid", "already on line 2"):
        assert any(word in reason for reason in reasons.values())


def test_the_second_run_calls_nobody_who_refused_or_was_served(demo: Demo) -> None:
    assert {attempt["run"] for attempt in demo.attempts} == {1}
    second = {v["contact"]: v for v in demo.report["verdicts"] if v["run"] == 2}
    assert len(second) == 27 and "allow" not in {v["verdict"] for v in second.values()}
    for attempt in demo.attempts:
        if attempt["refusal"]:
            rules = {r["id"] for r in second[attempt["contact"]]["rules"] if r["outcome"] == "deny"}
            assert "CN-REFUSAL" in rules


def test_refused_numbers_are_not_dialled_after_their_refusal(demo: Demo) -> None:
    refused = {a["contact"]: at(a["refusal"]["durable_at"]) for a in demo.attempts if a["refusal"]}
    assert len(refused) == 3
    for event in demo.events("invite"):
        assert event["to"] not in refused or at(event["t"]) < refused[event["to"]]


def test_a_refusal_is_durable_before_the_goodbye_has_ended(demo: Demo) -> None:
    refusals = [a["refusal"] for a in demo.attempts if a["refusal"]]
    assert {r["kind"] for r in refusals} == {"hard", "wrong_number"}
    for refusal in refusals:
        assert at(refusal["understood_at"]) <= at(refusal["durable_at"]) < at(refusal["goodbye_ended_at"])


def test_nobody_is_called_outside_the_hours_of_the_place_they_live_in(demo: Demo) -> None:
    for event in demo.events("invite"):
        assert 9 <= at(event["t"]).astimezone(ZoneInfo("Asia/Shanghai")).hour < 20


def test_announcements_before_an_answer_are_never_an_answer(demo: Demo) -> None:
    early = {event["call_id"] for event in demo.events("early")}
    assert len(early) == 4 and not early & {event["call_id"] for event in demo.events("answer")}
    assert all(a["answered_at"] is None for a in demo.attempts if a["call_id"] in early)


def test_fillers_do_not_stop_the_clip_for_good(demo: Demo) -> None:
    turns = demo.of("backchannel")["turns"]
    assert [t["meaning"] for t in turns].count("backchannel") == 2
    assert not any(t["interrupted"] for t in turns)


def test_an_interruption_is_answered_at_once(demo: Demo) -> None:
    turns = demo.of("interrupts")["turns"]
    assert any(t["interrupted"] for t in turns)
    assert any(t["meaning"] == "ask_price" and "保费" in t["said"] for t in turns)


@pytest.mark.parametrize(
    ("persona", "meaning", "words"),
    [
        ("asks_price", "ask_price", "保费"),
        ("asks_who", "ask_identity", "晴川保险"),
        ("asks_robot", "ask_robot", "不是真人"),
        ("asks_source", "ask_source", "登记"),
    ],
)
def test_a_question_gets_its_own_answer(demo: Demo, persona: str, meaning: str, words: str) -> None:
    assert any(t["meaning"] == meaning and words in (t["said"] or "") for t in demo.of(persona)["turns"])


def test_first_word_within_a_second_and_a_half_of_the_answer_in_95_percent(demo: Demo) -> None:
    """By the recordings, not by what the system says of itself: the right channel begins at the answer."""
    late = 0
    answered = [a for a in demo.attempts if a["answered_at"]]
    for attempt in answered:
        sound, rate = soundfile.read(demo.folder / attempt["recording"], dtype="int16")
        first = int(np.argmax(np.abs(sound[:, 1].astype(int)) > 500))
        late += first * 1000 // rate > 1500
        is_machine = attempt["disposition"] == "voicemail"  # one that is known by its first words hears none of ours
        assert attempt["first_word_ms"] is not None or is_machine
    assert late <= 0.05 * len(answered)


def test_recordings_have_speech_where_the_transcript_says_so(demo: Demo) -> None:
    for attempt in (a for a in demo.attempts if a["answered_at"]):
        sound, rate = soundfile.read(demo.folder / attempt["recording"], dtype="int16")
        assert rate == 8000 and sound.shape[1] == 2
        for turn in attempt["turns"]:
            for moment, channel, before_s, after_s in (("heard_at", 0, 0.6, 0.0), ("said_at", 1, 0.0, 0.5)):
                if turn[moment] is None:
                    continue
                place_s = (at(turn[moment]) - at(attempt["answered_at"])).total_seconds()
                piece = sound[int(max(0, place_s - before_s) * rate) : int((place_s + after_s) * rate), channel]
                assert np.abs(piece.astype(int)).max(initial=0) > 1000, (attempt["persona"], turn)


def test_every_conversation_is_summed_up_and_its_grade_has_a_reason(demo: Demo) -> None:
    talked = [a for a in demo.report["attempts"] if a["answered_at"] is not None]
    assert talked and all(a["after_call"]["grade"] == a["grade"] and a["after_call"]["summary"] for a in talked)
    refused = demo.of("refuses_at_once")["after_call"]
    assert refused["why"]["by"] == "law" and "不再联系" in refused["summary"]
    assert demo.of("busy_later")["after_call"]["call_back"]["words"]


def test_the_call_back_is_at_the_time_the_person_named(demo: Demo) -> None:
    when = at(demo.of("busy_later")["call_back_at"]).astimezone(ZoneInfo("Asia/Shanghai"))
    dialled = at(demo.of("busy_later")["dialled_at"]).astimezone(ZoneInfo("Asia/Shanghai"))
    assert (when.hour, when.minute) == (15, 0) and (when.date() - dialled.date()).days == 1


def test_the_page_needs_no_other_file(demo: Demo) -> None:
    page = (demo.folder / "report.html").read_text(encoding="utf-8")
    assert page.count("data:audio/ogg;base64,") == sum(1 for a in demo.attempts if a["recording"])
    assert 'src="http' not in page and "<link" not in page and "<script" not in page
    for persona in OUTCOMES:
        assert f"persona {persona}" in page


def test_no_phone_number_reaches_the_log_of_the_command(demo: Demo) -> None:
    warnings = [line for line in demo.printed.splitlines() if "WARNING" in line and "voice clock is late" not in line]
    assert "+86154" not in demo.printed and not warnings, "only a machine that is too busy is warned of"


def test_the_evidence_is_proven_and_tells_of_every_permit_that_was_spent(demo: Demo) -> None:
    lines = list(lines_of(demo.folder / "evidence.jsonl"))
    assert isinstance(check(lines, is_genuine), Proven)
    events = [json.loads(line) for line in lines if '"type": "event"' in line]
    spent = {json.loads(e["body"])["id"] for e in events if e["kind"] == "permit.update"}
    assert spent == {attempt["permit_id"] for attempt in demo.attempts}
    assert not any(number in line for line in lines for number in ("15400001", "陈静", "别再打"))
