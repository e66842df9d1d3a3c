"""The service keeps its contract, whatever it is asked; tests/schemathesis.toml says how."""

from collections.abc import Iterator
from textwrap import indent

import pytest
import schemathesis
from schemathesis.engine import from_schema
from schemathesis.engine.events import EngineEvent, EngineFinished, NonFatalError, ScenarioFinished

from app.standard.framework import App

# {%- if cookiecutter.use_auth +%}
from tests.standard.auth_fixtures import IssueToken, list_roles

# {%- endif +%}


@pytest.fixture
def clean_environment(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the requests out of the log, which pytest shows with a failure; errors stay."""
    monkeypatch.setenv("LOG_LEVEL", "ERROR")


@pytest.fixture
def contract(
    app: App,
    # {% if cookiecutter.use_auth %}
    issue_token: IssueToken,
    # {% endif %}
) -> Iterator[schemathesis.BaseSchema]:
    """Give the contract that the service serves, to be asked with all that it asks for."""
    config = schemathesis.Config.from_path("tests/schemathesis.toml")
    contract = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)
    # {% if cookiecutter.use_auth %}
    token = issue_token("fuzz", list_roles(contract.raw_schema))
    contract.config.update(headers={"Authorization": f"Bearer {token}"})
    # {% endif %}
    contract.hook(filter_query)
    yield contract


def filter_query(_context: object, query: dict[str, object] | None) -> bool:
    """Leave out empty objects: beside a list with commas, schemathesis 4.32 does not send them."""
    return {} not in (query or {}).values()


# Hypothesis warns where it cannot write, as in the container of compose.test.yaml.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
def test_contract_is_kept(contract: schemathesis.BaseSchema) -> None:
    cases, faults = 0, dict[object, str]()
    for event in from_schema(contract).execute():
        cases += len(event.recorder.cases) if isinstance(event, ScenarioFinished) else 0
        for fault, text in find_faults(event):
            # The same one may be seen in many cases.
            faults.setdefault(fault, text)

    print(f"{cases} cases")
    if faults:
        pytest.fail("\n\n".join(faults.values()), pytrace=False)
    assert cases


def find_faults(event: EngineEvent) -> Iterator[tuple[object, str]]:
    """Give the faults that an event brings, each with how it is seen again."""
    if isinstance(event, NonFatalError):
        yield event.label, f"{event.label}: {event.info}"
    elif isinstance(event, EngineFinished):
        yield from ((failure, str(failure)) for failure in event.failures)
    elif isinstance(event, ScenarioFinished):
        for case, checks in event.recorder.checks.items():
            response = event.recorder.find_response(case_id=case)
            answer = f"{response.status_code} {response.text[:500]}" if response else "nothing"
            for check in checks:
                if found := check.failure_info:
                    where = f"{found.failure.operation}, {check.name}"
                    requests = indent(found.code_sample, "    ")
                    text = f"{where}: {found.failure}\n\nThe answer was {answer} to\n\n{requests}"
                    yield found.failure, text
