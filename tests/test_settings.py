"""Settings: all that is wrong is said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairdial.core.policy.case import Level
from fairdial.errors import SettingsError
from fairdial.settings import read_settings

CHOOSER = {"FAIRDIAL_CHOOSER_URL": "https://models.example.com/v1/", "FAIRDIAL_CHOOSER_MODEL": "small"}


def test_recordings_are_sealed_only_when_set_and_a_nearly_full_disk_is_500_megabytes() -> None:
    assert (read_settings({}).seals_recordings, read_settings({}).min_free_mb) == (False, 500)
    assert read_settings({"FAIRDIAL_SEAL_RECORDINGS": "yes"}).seals_recordings
    with pytest.raises(SettingsError, match=r"FAIRDIAL_SEAL_RECORDINGS.*FAIRDIAL_MIN_FREE_MB"):
        read_settings({"FAIRDIAL_SEAL_RECORDINGS": "true", "FAIRDIAL_MIN_FREE_MB": "-1"})


def test_a_run_is_made_by_one_process_unless_more_are_set() -> None:
    assert read_settings({}).processes == 1
    assert read_settings({"FAIRDIAL_PROCESSES": "4"}).processes == 4
    for wrong in ("0", "65", "-1", "two", "1.5", "٤"):
        with pytest.raises(SettingsError, match="FAIRDIAL_PROCESSES must be a whole number from 1 to 64"):
            read_settings({"FAIRDIAL_PROCESSES": wrong})


def test_nobody_is_asked_about_sentences_unless_it_is_set() -> None:
    assert read_settings({}).chooser is None
    assert read_settings({"FAIRDIAL_CHOOSER_MODEL": "small", "FAIRDIAL_CHOOSER_KEY": "k"}).chooser is None


def test_a_chooser_waits_briefly_has_a_budget_and_is_told_nothing_private_unless_allowed() -> None:
    chooser = read_settings(CHOOSER).chooser
    assert chooser is not None and chooser.url == "https://models.example.com/v1" and chooser.key is None
    assert (chooser.timeout_s, chooser.budget, chooser.level) == (1.5, 600, Level.GENERAL)


def test_everything_wrong_about_a_chooser_is_said_at_once() -> None:
    wrong = {
        "FAIRDIAL_CHOOSER_URL": "http://models.example.com/v1",
        "FAIRDIAL_CHOOSER_TIMEOUT_S": "60",
        "FAIRDIAL_CHOOSER_BUDGET": "many",
        "FAIRDIAL_CHOOSER_LEVEL": "all",
        "FAIRDIAL_CHOOSER_KEY": "secret\n",
    }
    with pytest.raises(SettingsError) as told:
        read_settings(wrong)
    assert all(name in str(told.value) for name in [*wrong, "FAIRDIAL_CHOOSER_MODEL"])
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://models.example.com/v1", True),
        ("http://127.0.0.1:8000/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://10.0.0.5:8000/v1", True),
        ("http://vllm:8000/v1", True),
        ("http://8.8.8.8/v1", False),
        ("https://user:secret@models.example.com/v1", False),
        ("https://models.example.com/v1?key=secret", False),
        ("ftp://127.0.0.1/v1", False),
        ("http://[oops/v1", False),
        ("models", False),
    ],
)
def test_words_travel_where_nobody_on_the_way_reads_along(url: str, is_taken: bool) -> None:
    try:
        assert read_settings(CHOOSER | {"FAIRDIAL_CHOOSER_URL": url}).chooser is not None and is_taken
    except SettingsError as error:
        assert not is_taken and "secret" not in str(error)


def test_whisper_in_this_process_recognises_unless_another_is_named() -> None:
    recognition = read_settings({}).recognition
    assert recognition.engines == ("whisper",) and recognition.endpoint is None and recognition.funasr_url is None


def test_recognisers_are_asked_in_the_order_they_are_named(tmp_path: Path) -> None:
    recognition = read_settings(
        {
            "FAIRDIAL_RECOGNISER": "funasr, openai,sherpa,whisper",
            "FAIRDIAL_FUNASR_URL": "wss://asr.example.com:10095",
            "FAIRDIAL_TRANSCRIPTION_URL": "http://10.0.0.5:8000/v1/",
            "FAIRDIAL_TRANSCRIPTION_MODEL": "sensevoice",
            "FAIRDIAL_SHERPA_MODEL": str(tmp_path),
        }
    ).recognition
    assert recognition.engines == ("funasr", "openai", "sherpa", "whisper")
    assert (recognition.timeout_s, recognition.retries) == (1.5, 1)
    assert recognition.endpoint is not None and recognition.endpoint.url == "http://10.0.0.5:8000/v1"


def test_everything_wrong_about_recognisers_is_said_at_once() -> None:
    wrong = {
        "FAIRDIAL_RECOGNISER": "openai,funasr,sherpa,vosk",
        "FAIRDIAL_RECOGNISER_TIMEOUT_S": "soon",
        "FAIRDIAL_RECOGNISER_RETRIES": "1.5",
        "FAIRDIAL_TRANSCRIPTION_URL": "http://asr.example.com",
        "FAIRDIAL_TRANSCRIPTION_KEY": "secret\n",
        "FAIRDIAL_FUNASR_URL": "http://127.0.0.1",
        "FAIRDIAL_SHERPA_MODEL": "/nowhere",
    }
    with pytest.raises(SettingsError) as told:
        read_settings(wrong)
    assert all(name in str(told.value) for name in [*wrong, "FAIRDIAL_TRANSCRIPTION_MODEL"])
    assert "secret" not in str(told.value)


OIDC = {
    "FAIRDIAL_OIDC_ISSUER": "https://id.example.com/realms/corp",
    "FAIRDIAL_OIDC_CLIENT_ID": "fairdial",
    "FAIRDIAL_OIDC_CLIENT_SECRET": "secret",
}


def test_a_provider_of_sign_ins_is_named_whole_or_not_at_all() -> None:
    assert read_settings({}).oidc is None
    oidc = read_settings(OIDC).oidc
    assert oidc is not None and (oidc.name, oidc.console) == ("id.example.com", "http://127.0.0.1:8080")
    assert "secret" not in repr(oidc)
    wrong = {"FAIRDIAL_OIDC_ISSUER": "http://id.example.com", "FAIRDIAL_OIDC_CONSOLE": "http://console.example.com"}
    with pytest.raises(SettingsError) as told:
        read_settings(wrong)
    assert all(name in str(told.value) for name in OIDC | wrong)


def test_nothing_is_shown_of_running_processes_unless_it_is_set() -> None:
    observe = read_settings({}).observe
    assert (observe.metrics, observe.traces, observe.has_json_log) == (None, None, False)


def test_metrics_have_a_port_traces_an_address_and_log_lines_a_form() -> None:
    told = {"FAIRDIAL_METRICS": "[::1]:9464", "FAIRDIAL_TRACES": "http://127.0.0.1:4318/", "FAIRDIAL_LOG": "json"}
    observe = read_settings(told).observe
    assert observe.metrics == ("::1", 9464) and observe.has_json_log
    assert observe.traces == "http://127.0.0.1:4318/v1/traces"
    own = read_settings({"FAIRDIAL_TRACES": "https://otel.example.com/in/traces"}).observe
    assert own.traces == "https://otel.example.com/in/traces"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FAIRDIAL_METRICS", "9464"),
        ("FAIRDIAL_METRICS", "127.0.0.1:0"),
        ("FAIRDIAL_METRICS", "127.0.0.1:70000"),
        ("FAIRDIAL_METRICS", "8.8.8.8:9464"),
        ("FAIRDIAL_TRACES", "http://collector.example.com:4318"),
        ("FAIRDIAL_LOG", "xml"),
    ],
)
def test_what_would_show_it_to_strangers_or_to_nobody_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})
