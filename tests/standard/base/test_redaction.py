import json
import logging
import re
from pathlib import Path

import pytest
import structlog

from app.standard.service import configure_logging, load_settings
from app.standard.service.redaction import redact
from config import Settings

SECRET = "hunter2"  # noqa: S105
# One event in each line; ``\\n`` is an end of a line in it.
FOLDER = Path(__file__).parent
WITH_SECRETS = (FOLDER / "with_secrets.txt").read_text("utf-8").splitlines()
# {% if cookiecutter.use_database %}
WITH_SECRETS += (FOLDER / "with_values_of_rows.txt").read_text("utf-8").splitlines()
# {% endif %}
WITHOUT_SECRETS = (FOLDER / "without_secrets.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    "event",
    [
        {"password": SECRET},
        {"settings": {"stores": [{"STORE_PASSWD": SECRET}]}},
        {"headers": {"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET}},
        {"headers": [(b"set-cookie", SECRET.encode()), ("Cookie", SECRET)]},
        {"headers": [["Set-Cookie", SECRET]]},
        {"event": f"postgresql://user:{SECRET}@host/name"},
        {"event": f"GET /items?page=2&access_token={SECRET}&limit=1"},
        {"body": f"user=a&client_secret={SECRET}"},
        {"body": json.dumps({"users": [{"password": SECRET}]})},
        {"event": 'body: {"secrets": ["' + SECRET + '", ["' + SECRET + '"]]}'},
        {"event": f"Cookie: session={SECRET}; other={SECRET}"},
        {"event": str({"authorization": f"Bearer {SECRET}"})},
        {"event": f"called with Bearer {SECRET}"},
        {"exception": f"ValueError: dsn={SECRET}"},
        {"event": f"Key (api_key)=({SECRET}) already exists."},
        {"event": f"pin code: {SECRET}", "pin-code": SECRET},
    ],
    ids=str,
)
def test_secret_is_masked(event: dict[str, object]) -> None:
    masked = redact(["pin code"])(None, "", dict(event))

    assert SECRET not in str(masked)
    assert set(masked) == set(event)


@pytest.mark.parametrize("line_end", ["\\n", "\n"], ids=["escaped", "real"])
def test_no_secret_of_the_corpus_stays(line_end: str) -> None:
    events = [line.replace("\\n", line_end) for line in WITH_SECRETS]

    masked = [_mask(event) for event in events]

    assert len(masked) > 200
    assert not [event for event, shown in zip(events, masked, strict=True) if SECRET in shown]


def test_little_else_of_the_corpus_is_masked() -> None:
    masked = [line for line in WITHOUT_SECRETS if "***" in _mask(line)]

    assert len(WITHOUT_SECRETS) > 200
    # What counts tokens is not told from what is one.
    assert masked == ["max_tokens=512", '{"max_tokens": 512}']


def _mask(event: str) -> str:
    masked = redact()(None, "", {"event": event})
    assert isinstance(masked, dict)
    return str(masked["event"])


@pytest.mark.parametrize(
    "name", ["userPin", "pin_code", "PIN", "card.cvv", "otpCode", "debtorIban"]
)
def test_short_word_is_one_of_a_key(name: str) -> None:
    assert redact()(None, "", {name: 1234}) == {name: "***"}


@pytest.mark.parametrize("name", ["shipping", "option", "pinned", "tokenType", "cookie_name"])
def test_key_that_only_looks_secret_stays(name: str) -> None:
    assert redact()(None, "", {name: "a"}) == {name: "a"}


def test_what_is_no_secret_stays() -> None:
    event = {"event": "GET https://host/a?b=c", "route": "/items/{id}", "status": 200, "size": 1.5}

    assert redact()(None, "", dict(event)) == event


def test_traceback_is_one_event_without_secrets(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(load_settings(Settings, log_redacted_words="pin"))
    try:
        raise ValueError(f"password={SECRET} pin={SECRET}")
    except ValueError:
        logging.getLogger("library").exception("failed for %s", {"token": SECRET})
        structlog.stdlib.get_logger("app").exception("failed", token=SECRET)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["logger"] for line in lines] == ["library", "app"]
    assert all("ValueError: password=***" in line["exception"] for line in lines)
    assert SECRET not in str(lines)


def test_time_is_written_alike_in_every_line(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(settings)

    structlog.stdlib.get_logger("app").info("small", number=1)
    # Of more than 64 bits, it is written in another way.
    structlog.stdlib.get_logger("app").info("large", number=2**70)

    times = [json.loads(line)["timestamp"] for line in capsys.readouterr().out.splitlines()]
    assert len(times) == 2
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}(\.\d{6})?Z", time) for time in times)
