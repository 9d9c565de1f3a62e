"""Rule packs as files: what is broken stops the start, with file, line and reason."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fairdial.cases import case_from_json
from fairdial.cli.rules import list_rules
from fairdial.core.policy.decide import decide
from fairdial.core.policy.pack import Standing, Status
from fairdial.errors import InputError, SettingsError
from fairdial.packs import calendar_of, load_packs, with_calendars
from tests.core.cases import PACKS

ROOT = Path(__file__).parents[1]
COUNTRIES = {"CN", "US", "GB", "FR", "DE", "AU", "CA", "IN", "SG", "JP"}


def broken(folder: Path, before: str, after: str, name: str = "cn.yaml") -> str:
    """What the loader says when one text in a pack is replaced."""
    shutil.copytree(ROOT / "rulepacks", folder, dirs_exist_ok=True)
    text = (folder / name).read_text(encoding="utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_packs(folder)
    return str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("kind: calling_window", "kind: calling_windows", "cn.yaml:"),
        ("end: \"20:00\"", "end: \"25:00\"", "windows.0.end"),
        ("start: \"09:00\", end: \"20:00\"", "start: \"20:00\", end: \"09:00\"", "does not start before it ends"),
        ("standing: law\n    status: in_force", "standing: law\n    status: draft", "this is no law in force"),
        ("confidence: verified_text", "confidence: unverified", "this is no law in force"),
        ("id: CN-REFUSAL", "id: CN-BASIS-SERVICE", "stands twice"),
        ("expect: allow", "expect: deny", "example of CN-BASIS-MARKETING fails: expected deny, it says allow"),
        ("at_most: 2", "at_most: many", "at_most"),
        ("apart_min: 120", "apart_minutes: 120", "test.apart_min: Field required"),
        ("rules:", "rules: [", "is not YAML"),
        ("jurisdiction: CN", "jurisdiction: China", "'China' is no ISO 3166 code"),
        ("jurisdiction: CN", "jurisdiction: uk", "'uk' is no ISO 3166 code; write GB"),
        ("zones: [Asia/Shanghai, Asia/Urumqi]", "zones: [Asia/Xinjiang]", "Asia/Xinjiang is no IANA time zone"),
        ("purposes: [marketing]", "purposes: [selling]", "purposes"),
        ("at_most: 2,", "at_most: -2,", "at_most must be 0 or more"),
        ("apart_min: 120", "apart_min: 99999999999", "apart_min must be 0 or more and at most"),
        ("days: 1095", "days: 1.0e+12", "days must be more than 0"),
        ("id: CN-KEEP-ENTRUSTING", "id: CN-KEEP-RECORDINGS", "duty CN-KEEP-RECORDINGS stands twice"),
        ("jurisdiction: CN", "jurisdiction: CN\njurisdiction: CN", "cn.yaml:4: jurisdiction 写了两次 jurisdiction is written twice"),
        ("standing: law\n", "standing: law\n    effective_until: 9999-12-31\n", "9999-12-31 lies outside"),
        ("Asia/Urumqi: [新疆]", "Asia/Xinjiang: [新疆]", "Asia/Xinjiang is no IANA time zone"),
    ],
)  # fmt: skip
def test_a_broken_pack_stops_the_start_with_file_line_and_reason(
    tmp_path: Path, before: str, after: str, says: str
) -> None:
    message = broken(tmp_path, before, after)
    assert "cn.yaml" in message and says in message and "\n" not in message


def test_the_line_that_is_named_is_the_line_that_is_wrong(tmp_path: Path) -> None:
    message = broken(tmp_path, "apart_min: 120", "apart_min: -1")
    line = int(message.split("cn.yaml:")[1].split(":")[0])
    assert "apart_min: -1" in (tmp_path / "cn.yaml").read_text(encoding="utf-8").splitlines()[line - 1]


def test_an_id_stands_in_one_pack_only(tmp_path: Path) -> None:
    """An adjustment names a rule by its id; of two it reached one."""
    assert "FR-SAYS stands in another pack too" in broken(tmp_path, "id: CN-REFUSAL", "id: FR-SAYS")


def test_a_rule_without_a_worked_example_stops_the_start(tmp_path: Path) -> None:
    example = '    examples:\n      - {given: {person: {contacted: [{at: "2026-11-25T09:00:00+08:00"}]}}, expect: wait'
    assert "CN-SPACING has no worked example" in broken(tmp_path, example, "    examples: []\n#")


def test_a_platforms_pack_without_rules_is_none(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rulepacks", tmp_path, dirs_exist_ok=True)
    text = (tmp_path / "platform.yaml").read_text(encoding="utf-8")
    (tmp_path / "platform.yaml").write_text(text[: text.index("rules:")] + "rules: []\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="no pack with rules for every call"):
        load_packs(tmp_path)


def test_without_the_platforms_pack_nothing_starts(tmp_path: Path) -> None:
    shutil.copy(ROOT / "rulepacks" / "cn.yaml", tmp_path)
    with pytest.raises(SettingsError, match="nothing is dialled"):
        load_packs(tmp_path)


def test_every_country_of_the_brief_has_a_pack_and_every_rule_an_example() -> None:
    assert set(PACKS) == COUNTRIES | {"*"}
    for pack in PACKS.values():
        for rule in pack.rules:
            assert rule.examples, f"{rule.id} shows nothing"
            assert (rule.standing is Standing.LAW) <= (rule.status is Status.IN_FORCE)


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_an_empty_case_is_a_no_in_every_country_and_names_what_is_missing(country: str) -> None:
    text = json.dumps(
        {"now": "2026-11-25T12:00:00+00:00", "purpose": "marketing", "person": {"number_country": country}}
    )
    verdict = decide(with_calendars(case_from_json(text, name="x"), PACKS), PACKS)
    assert verdict.outcome == "deny"
    assert all(o.reason_en for o in verdict.opinions if o.outcome == "deny")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"now": "2026-11-25T09:40:00", "purpose": "service"}', "now: the time has no zone"),
        ('{"now": "2026-11-25T09:40:00+08:00", "purpose": "selling"}', "purpose: Input should be"),
        (
            '{"now": "2026-11-25T09:40:00+08:00", "purpose": "service", "person": {"zon": "x"}}',
            "person.zon: Unexpected",
        ),
        ('{"purpose": "service"}', "now: Field required"),
        ("[]", "the whole"),
        ("nonsense", "the whole"),
        (
            '{"now": "2026-11-25T09:40:00+08:00", "purpose": "service", "person": {"contacted": [{"at": "2026-11-25T09:00:00"}]}}',
            "person.contacted.0.at: the time has no zone",
        ),
    ],
)
def test_a_bad_case_gets_the_path_of_the_wrong_field(text: str, says: str) -> None:
    with pytest.raises(InputError, match="x: ") as caught:
        case_from_json(text, name="x")
    assert says in str(caught.value)


@pytest.mark.parametrize("written", ["UK", "uk", "GB", "gb", " Gb "])
def test_a_country_is_understood_as_people_write_it(written: str) -> None:
    """`UK` had no pack, and no calendar: a British case was denied with NO-PACK."""
    text = json.dumps(
        {
            "now": "2026-11-25T12:00:00+00:00",
            "purpose": "service",
            "person": {"number_country": written, "address_country": written},
            "tenant": {"seat": written},
            "calendars": {written: {"holidays": [], "known_until": "2027-12-31"}},
        }
    )
    case = case_from_json(text, name="x")
    assert {case.person.number_country, case.person.address_country, case.tenant.seat, *case.calendars} == {"GB"}


@pytest.mark.parametrize("wrong", ["", "Britain", "G", "GBR", "4", "ß", "英国"])
@pytest.mark.parametrize(
    ("path", "facts"),
    [
        ("person.number_country", {"person": {"number_country": 0}}),
        ("person.address_country", {"person": {"address_country": 0}}),
        ("tenant.seat", {"tenant": {"seat": 0}}),
    ],
)
def test_what_is_no_country_is_refused_with_its_path(
    wrong: str, path: str, facts: dict[str, dict[str, object]]
) -> None:
    told = {part: dict.fromkeys(fields, wrong) for part, fields in facts.items()}
    text = json.dumps({"now": "2026-11-25T12:00:00+00:00", "purpose": "service", **told})
    with pytest.raises(InputError, match=f"x: {path}: .* is no country"):
        case_from_json(text, name="x")


def test_a_pack_is_found_as_people_write_its_country(capsys: pytest.CaptureFixture[str]) -> None:
    list_rules(pack="uk", as_json=True)
    assert {rule["pack"] for rule in json.loads(capsys.readouterr().out)} == {"GB"}
    with pytest.raises(InputError, match="there is no pack for 'XX'; there are \\*, AU"):
        list_rules(pack="XX")


def test_calendars_know_how_far_they_know() -> None:
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    china = calendar_of("CN", moment)
    assert china.known_until is not None and china.known_until.year >= 2026
    assert any(day.year == 2026 for day in china.workdays), "weekend days worked instead"
    assert calendar_of("XX", moment).known_until is None


@pytest.mark.parametrize("country", sorted(COUNTRIES))
@pytest.mark.parametrize("purpose", ["marketing", "service", "survey"])
def test_every_country_has_hours_a_basis_and_a_refusal_for_every_purpose(country: str, purpose: str) -> None:
    """Three packs had hours for marketing only: a service call could ring at any hour of the night."""
    kinds = {r.test.kind for j in ("*", country) for r in PACKS[j].rules if purpose in r.applies_to.purposes}
    assert kinds >= {"calling_window", "basis", "refusal", "attempts", "approved_script", "disclosure"}
