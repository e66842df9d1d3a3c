"""A change of the contract that breaks clients is listed, and fails without a major version."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from breaking_cases import CASES, OF_3_0, OF_3_1, Case, answered, thing
from contracts import put_scripts, run_script
from git import Repo
from rendering import ROOT

VERSIONS = {"3.0.3": CASES | OF_3_0, "3.1.0": CASES | OF_3_1}
FOUND = re.compile(r"^(ERR |WARN) (?:[A-Z]+ )?/?(\S+) \((.+):\d+\): .+ \[(.+)\]$", re.MULTILINE)
SCOPES = {"read": "Read", "write": "Write"}
FLOW = {"authorizationUrl": "https://a.example/", "tokenUrl": "https://t.example/"}
SCHEMES = {"oauth2": {"type": "oauth2", "flows": {"authorizationCode": {**FLOW, "scopes": SCOPES}}}}


def contract(openapi: str, paths: Mapping[str, Any], version: str = "1.0.0", **others: Any) -> str:
    """Return a contract; JSON is YAML."""
    there = {f"/{name}": path for name, path in paths.items() if path}
    info = {"title": "Things", "version": version}
    components = {"securitySchemes": SCHEMES}
    document = {"openapi": openapi, "info": info, "paths": there, "components": components}
    return json.dumps(document | others, indent=1)


LOST = {"kept": CASES["texts"].before}
ALL = LOST | {"lost": CASES["path"].before}


class Service:
    """A service with releases."""

    def __init__(self, folder: Path) -> None:
        self.folder = put_scripts(folder)
        self.repository = Repo.init(folder)

    def release(self, tag: str, text: str) -> None:
        """Commit a contract, and tag it."""
        self.write(text)
        self.commit()
        self.repository.create_tag(tag)

    def commit(self) -> None:
        """Commit the service as it is."""
        self.repository.git.add("--all")
        self.repository.git.commit("--allow-empty", "--message", "Contract")

    def write(self, text: str) -> None:
        """Change the contract."""
        (self.folder / "api-spec.yml").write_text(text, "utf-8")

    def check(self, *arguments: str) -> tuple[int, str]:
        """Return the status of the check, and what it prints."""
        result = run_script(self.folder, "breaking", *arguments)
        return result.returncode, result.stdout + result.stderr


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """Give a service without a release."""
    return Service(tmp_path / "service")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool], dict[str, set[str]]]:
    """Compare all cases at once; return the rules by path, for both versions and directions."""
    everything = {}
    for openapi, cases in VERSIONS.items():
        for back in (False, True):
            service = Service(tmp_path_factory.mktemp("service"))
            befores = {name: case.before for name, case in cases.items()}
            afters = {name: case.after for name, case in cases.items()}
            service.release("v1.0.0", contract(openapi, afters if back else befores))
            service.write(contract(openapi, befores if back else afters))
            status, output = service.check()
            assert status == 1, output
            rules: dict[str, set[str]] = {}
            for _, name, _, rule in FOUND.findall(output):
                rules.setdefault(name, set()).add(rule)
            everything[openapi, back] = rules
    return everything


@pytest.mark.parametrize(
    ("openapi", "name"), [(openapi, name) for openapi, cases in VERSIONS.items() for name in cases]
)
def test_change_breaks_a_rule_or_none(
    openapi: str, name: str, found: dict[tuple[str, bool], dict[str, set[str]]]
) -> None:
    case: Case = VERSIONS[openapi][name]

    told = [found[openapi, back].get(name, set()) for back in (False, True)]

    assert told == [{case.there} - {""}, {case.back} - {""}]


def test_rules_of_the_page_are_those_of_the_cases() -> None:
    page = (ROOT / "docs" / "contract-checks.md").read_text("utf-8")
    table = page.partition("\n## Breaking changes\n")[2].partition("\n### ")[0]
    cases = {rule for each in VERSIONS.values() for case in each.values() for rule in case[2:]}

    assert {*re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)} == (cases - {""}) | {
        "security-scheme-changed",
        "server-removed",
    }


def test_breaking_change_fails_and_is_placed(service: Service) -> None:
    service.release("v1.2.0", contract("3.0.3", ALL, "1.2.0"))
    service.write(contract("3.0.3", LOST, "1.3.0"))

    status, output = service.check()

    line, conclusion = output.splitlines()
    assert status == 1
    assert line == "ERR  /lost (v1.2.0/api-spec.yml:18): Path `/lost` was removed. [path-removed]"
    assert conclusion == (
        "1 breaking change since v1.2.0, and info.version was 1.2.0 and is 1.3.0: take them "
        "back, or raise its major part; before 1.0.0, the minor one."
    )


def test_major_version_may_break_and_still_lists(service: Service) -> None:
    service.release("v1.2.0", contract("3.0.3", ALL, "1.2.0"))
    service.write(contract("3.0.3", LOST, "2.0.0"))

    status, output = service.check()

    assert (status, [each[:2] for each in FOUND.findall(output)]) == (0, [("WARN", "lost")])
    assert output.endswith("1 breaking change since v1.2.0; info.version was 1.2.0 and is 2.0.0.\n")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("1.2.0", "2.0.0", True),
        ("1.2.0", "3.1.0-rc.1", True),
        ("1.2.0", "1.3.0", False),
        ("1.2.0", "1.2.0", False),
        ("9.0.0", "10.0.0", True),
        ("2.0.0", "1.9.0", False),
        # SemVer 2.0.0, 4: before 1.0.0, anything may change; the minor part says so.
        ("0.4.2", "0.5.0", True),
        ("0.4.2", "1.0.0", True),
        ("0.4.2", "0.4.3", False),
        ("2026-11", "2027-01", False),
        ("1.0.0", "None", False),
    ],
)
def test_version_says_what_may_break(
    before: str, after: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(put_scripts(tmp_path) / "scripts")

    assert import_module("breaking_changes").may_break(before, after) is expected


def test_service_without_a_release_passes_and_says_so(service: Service) -> None:
    service.write(contract("3.0.3", ALL))
    service.commit()
    service.repository.create_tag("nightly")

    assert service.check() == (
        0,
        "Nothing can break: there is no release before this, no tag such as v1.2.3.\n",
    )


def test_release_without_a_contract_is_told(service: Service) -> None:
    service.commit()
    service.repository.create_tag("1.0.0")
    service.write(contract("3.0.3", ALL))

    assert service.check() == (0, "Nothing can break: 1.0.0 has no api-spec.yml.\n")


def test_newest_release_before_this_state_counts(service: Service) -> None:
    service.release("v1.9.0", contract("3.0.3", ALL, "1.9.0"))
    service.release("v1.10.0", contract("3.0.3", LOST, "1.10.0"))
    # The tag of this state is no release before it, and one elsewhere is none of this branch.
    of_the_tag = service.check()
    main = service.repository.active_branch.name
    service.repository.git.switch("--quiet", "--orphan", "elsewhere")
    service.release("v3.0.0", contract("3.0.3", {}, "3.0.0"))
    service.repository.git.switch("--quiet", main)
    service.write(contract("3.0.3", LOST, "1.11.0"))

    assert (of_the_tag[0], " v1.9.0" in of_the_tag[1]) == (1, True)
    assert service.check() == (
        0,
        "0 breaking changes since v1.10.0; info.version was 1.10.0 and is 1.11.0.\n",
    )
    assert service.check("v1.9.0")[0] == 1


def test_shallow_clone_is_refused(service: Service, tmp_path: Path) -> None:
    service.release("v1.0.0", contract("3.0.3", ALL))
    service.commit()
    clone = Service.__new__(Service)
    clone.folder = tmp_path / "clone"
    service.repository.git.clone("--quiet", "--depth=1", service.folder.as_uri(), clone.folder)

    status, output = clone.check()

    assert (status, "fetch all commits and tags" in output) == (2, True)


def test_contract_in_several_files_is_followed(service: Service) -> None:
    parts = service.folder / "parts"
    parts.mkdir()
    schema = thing(a={"type": "string"}, b={"type": "string"})
    paths = {"things": answered({"$ref": "parts/things.yml#/Thing"})}
    (parts / "things.yml").write_text(json.dumps({"Thing": schema}, indent=1), "utf-8")
    service.release("v1.0.0", contract("3.0.3", paths))
    del schema["properties"]["b"]
    (parts / "things.yml").write_text(json.dumps({"Thing": schema}, indent=1), "utf-8")

    status, output = service.check()

    assert status == 1
    assert [each[1:] for each in FOUND.findall(output)] == [
        ("things", "v1.0.0/parts/things.yml", "property-removed")
    ]


def test_contract_goes_on_as_openapi_3_1(service: Service) -> None:
    service.release("v1.0.0", contract("3.0.3", {"things": OF_3_0["body-null"].before} | ALL))
    service.write(contract("3.1.0", {"things": OF_3_1["body-null"].before} | LOST))

    status, output = service.check()

    assert (status, [each[1] for each in FOUND.findall(output)]) == (1, ["lost"])


def test_what_nobody_could_compare_is_told(service: Service) -> None:
    service.release("v1.0.0", contract("3.0.3", ALL))
    service.write("openapi: [")

    unread, unknown = service.check(), service.check("v9.0.0")

    assert (unread[0], unknown[0]) == (2, 2)
    assert unread[1].startswith("v1.0.0/api-spec.yml and api-spec.yml cannot be compared.\n")
    assert unknown[1].startswith("git says: ")
    assert "Traceback" not in unread[1] + unknown[1]


def test_servers_and_schemes_are_compared_and_the_team_decides(service: Service) -> None:
    service.release("v1.0.0", contract("3.0.3", ALL, servers=[{"url": "/v1"}]))
    schemes = {"securitySchemes": {"oauth2": {"type": "http", "scheme": "bearer"}}}
    service.write(contract("3.0.3", LOST, servers=[{"url": "/v2"}], components=schemes))
    with (service.folder / "redocly.yaml").open("a", encoding="utf-8") as settings:
        settings.write("diff: { path-removed: off }\n")

    status, output = service.check()

    assert (status, sorted(each[3] for each in FOUND.findall(output))) == (
        1,
        ["security-scheme-changed", "server-removed"],
    )
