"""Prometheus's own promtool reads the alerts and the dashboard, and each alert fires as it says."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from browsing import missing
from rendering import COMBINATIONS, MODULES, render

# What Grafana puts in before it asks.
OF_GRAFANA = {"$__rate_interval": "5m", "$job": ".+"}
REQUESTS = "http_server_request_duration_seconds"
POOL = 'db_client_connection_count{db_client_connection_state="used",instance="x",job="a"}'
FAILED = 'service_job_duration_seconds_count{job="a",job_task="t",job_outcome="failed"}'
# Of each alert: the series that it is for, minute by minute, and its labels beside the severity.
FIRES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "ManyRequestsFail": (
        {
            f'{REQUESTS}_count{{job="a"}}': "0+94x30",
            f'{REQUESTS}_count{{error_type="500",job="a"}}': "0+6x30",
        },
        {"job": "a"},
    ),
    "RequestsAreSlow": (
        {
            f'{REQUESTS}_bucket{{job="a",le="2.5"}}': "0+94x30",
            f'{REQUESTS}_bucket{{job="a",le="5"}}': "0+100x30",
            f'{REQUESTS}_bucket{{job="a",le="+Inf"}}': "0+100x30",
        },
        {"job": "a"},
    ),
    "PoolIsExhausted": (
        {POOL: "15x30", 'db_client_connection_max{instance="x",job="a"}': "15x30"},
        {"instance": "x", "job": "a"},
    ),
    "ConnectionsTimeOut": (
        {'db_client_connection_timeouts_total{job="a"}': "0x28 1x2"},
        {"job": "a"},
    ),
    "JobsFail": ({FAILED: "0x20 1"}, {"job": "a", "job_task": "t"}),
    "WorkersAreAway": (
        {
            'service_queue_jobs{job="a",job_state="queued"}': "0x20 stale",
            'service_queue_jobs{job="b",job_state="queued"}': "0x30",
        },
        {"job": "a"},
    ),
    "JobsWait": ({'service_queue_oldest_seconds{job="a"}': "0+60x30"}, {"job": "a"}),
}
# The same, but for what is still well.
QUIET: dict[str, dict[str, str]] = {
    "ManyRequestsFail": {
        f'{REQUESTS}_count{{job="a"}}': "0+96x30",
        f'{REQUESTS}_count{{error_type="500",job="a"}}': "0+4x30",
    },
    "RequestsAreSlow": {
        f'{REQUESTS}_bucket{{job="a",le="2.5"}}': "0+96x30",
        f'{REQUESTS}_bucket{{job="a",le="5"}}': "0+100x30",
        f'{REQUESTS}_bucket{{job="a",le="+Inf"}}': "0+100x30",
    },
    # It is full for three minutes.
    "PoolIsExhausted": {
        POOL: "14x27 15x3",
        'db_client_connection_max{instance="x",job="a"}': "15x30",
    },
    "ConnectionsTimeOut": {'db_client_connection_timeouts_total{job="a"}': "3x30"},
    "JobsFail": {
        'service_job_duration_seconds_count{job="a",job_task="t",job_outcome="done"}': "0+1x30"
    },
    # A new one comes within five minutes.
    "WorkersAreAway": {'service_queue_jobs{job="a",job_state="queued"}': "0x23 stale _x3 0x5"},
    "JobsWait": {'service_queue_oldest_seconds{job="a"}': "0+60x4 0x26"},
}
END = "30m"


@pytest.fixture
def folder(service: Callable[[str], Path], tmp_path: Path) -> Path:
    """Give a folder with the alerts and the dashboard of a service with all modules."""
    name = next(
        name for name, answers in COMBINATIONS.items() if all(answers[each] for each in MODULES)
    )
    source = service(name) / "deploy" / "observability"
    return Path(shutil.copytree(source, tmp_path / "observability"))


def promtool(folder: Path, *arguments: str) -> None:
    """Run promtool; fail with what it prints if it finds a fault."""
    program = shutil.which("promtool") or missing("promtool, of Debian's prometheus,")
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def alerts_of(folder: Path) -> dict[str, Any]:
    """Return the alerts by their names."""
    read = yaml.safe_load((folder / "alerts.yml").read_text("utf-8"))
    return {rule["alert"]: rule for group in read["groups"] for rule in group["rules"]}


def case(rule: dict[str, Any], series: dict[str, str], fired: list[dict[str, str]]) -> Any:
    """Return a test of promtool's: what an alert does at the end of these series."""
    told = {"exp_annotations": rule["annotations"]}
    alerts = [told | {"exp_labels": rule["labels"] | labels} for labels in fired]
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [
            {"eval_time": END, "alertname": rule["alert"], "exp_alerts": alerts},
        ],
    }


def run_cases(folder: Path, cases: list[Any]) -> None:
    """Run tests of promtool's on the alerts."""
    tests = {"rule_files": ["alerts.yml"], "evaluation_interval": "1m", "tests": cases}
    (folder / "tests.yml").write_text(yaml.safe_dump(tests), "utf-8")
    promtool(folder, "test", "rules", "tests.yml")


def test_each_alert_fires_where_it_shall_and_not_before(folder: Path) -> None:
    rules = alerts_of(folder)
    assert rules.keys() == FIRES.keys() == QUIET.keys()
    cases = [case(rules[name], series, [labels]) for name, (series, labels) in FIRES.items()]
    cases += [case(rules[name], series, []) for name, series in QUIET.items()]

    promtool(folder, "check", "rules", "alerts.yml")
    run_cases(folder, cases)


def test_first_failure_of_a_worker_is_told_for_a_quarter_of_an_hour(folder: Path) -> None:
    rule = alerts_of(folder)["JobsFail"]
    told = [{"job": "a", "job_task": "t"}]

    run_cases(
        folder, [case(rule, {FAILED: "_x20 1x9"}, told), case(rule, {FAILED: "_x10 1x19"}, [])]
    )


def test_nobody_waits_for_an_age_that_celery_does_not_tell(tmp_path: Path) -> None:
    answers: dict[str, str | bool] = {"use_telemetry": True, "use_worker": True, "queue": "celery"}
    folder = render(answers, tmp_path) / "deploy" / "observability"

    assert alerts_of(folder).keys() == FIRES.keys() - {"JobsWait"}


def test_dashboard_offers_the_jobs_of_services_and_of_workers(folder: Path) -> None:
    dashboard = json.loads((folder / "dashboard.json").read_text("utf-8"))
    query = next(each["query"] for each in dashboard["templating"]["list"] if each["name"] == "job")
    selector = query.removeprefix("label_values(").removesuffix(", job)")
    series = ('http_server_active_requests{job="a"}', 'service_queue_jobs{job="b"}')
    asked = {
        "expr": f"group by (job) ({selector})",
        "eval_time": "1m",
        "exp_samples": [{"labels": f'{{job="{job}"}}', "value": 1} for job in "ab"],
    }
    values = [{"series": each, "values": "0x5"} for each in series]

    run_cases(folder, [{"interval": "1m", "input_series": values, "promql_expr_test": [asked]}])


def test_prometheus_understands_the_dashboard(folder: Path) -> None:
    panels = json.loads((folder / "dashboard.json").read_text("utf-8"))["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    for name, value in OF_GRAFANA.items():
        asked = [each.replace(name, value) for each in asked]
    rules = [{"record": f"panel:{number}", "expr": each} for number, each in enumerate(asked)]
    groups = {"groups": [{"name": "dashboard", "rules": rules}]}
    (folder / "panels.yml").write_text(yaml.safe_dump(groups), "utf-8")

    assert not any("$" in each for each in asked)
    promtool(folder, "check", "rules", "panels.yml")
