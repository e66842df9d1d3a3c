"""What the script generates writes each request as its contract says, and refuses what is wrong."""

from __future__ import annotations

import datetime
import importlib
import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from calling.answering import call
from calling.generating import generate
from calling.refused import FILES, REFUSED, written

WIDE = Path(__file__).with_name("wide.yml")


@pytest.fixture(scope="module")
def folder(rendered: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what the script needs of a service, and contracts of all kinds."""
    folder = tmp_path_factory.mktemp("generating")
    service = rendered("flask-auth")
    for part in ("scripts", "app/clients"):
        shutil.copytree(service / part, folder / part)
    shutil.copy(service / "pyproject.toml", folder)
    shutil.copy(WIDE, folder)
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "app" / "clients" / "old").mkdir()
    return folder


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, tuple[int, str]]:
    """Give the exit status and the words for each configuration, and for the wide contract."""
    good = {"services": [{"name": "wide", "contract": "wide.yml"}], "literal_enums": True}
    runs: list[Any] = [([], written(given)) for given, _ in REFUSED.values()]
    runs += [([], json.dumps(good)), (["--check"], json.dumps(good))]
    runs += [(["--check"], json.dumps({"services": []}))]
    names = [*REFUSED, "good", "checked", "gone"]
    return dict(zip(names, generate(folder, runs), strict=True))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_named(told: dict[str, tuple[int, str]], name: str) -> None:
    status, printed = told[name]

    assert status == 1
    assert REFUSED[name][1] in printed
    assert "hunter2" not in printed
    assert printed.count("\n") == 1


def test_nothing_is_left_of_what_was_refused(told: Any, folder: Path) -> None:
    clients = {path.name for path in (folder / "app" / "clients").iterdir()}

    assert clients == {"__init__.py", "old", "wide", "wide.json"}
    assert not [*(folder / "app" / "clients" / "wide").glob(".*")]
    optional, needed, matrix, header, attrs = told["good"][1].splitlines()
    content = "filter, which has content in place of a schema"
    assert optional == f"wide: POST /templates/{{template}} cannot be sent {content}"
    assert needed == f"wide: GET /json is left out: it needs {content}"
    assert matrix == "wide: GET /matrix/{part} is left out: its style is matrix"
    assert "GET /header" in header and "list[str] | Unset is not allowed in header" in header
    assert attrs == "The clients want attrs: run `uv add attrs`."
    assert [told[name][0] for name in ("good", "checked")] == [0, 0]
    assert told["gone"][0] == 1
    assert "app/clients/wide is of no service in client-gen-config.json" in told["gone"][1]


@pytest.fixture(scope="module")
def wide(told: Any, folder: Path) -> Any:
    """Give the client of the wide contract."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder / "app" / "clients")
        yield importlib.import_module("wide")
        for name in [name for name in sys.modules if name.partition(".")[0] == "wide"]:
            del sys.modules[name]


def test_parameters_are_written_in_their_styles(wide: Any) -> None:
    show = importlib.import_module("wide.models")
    request, result = call(
        wide.show_thing,
        [1, 2],
        "a/b,c?",
        again=["a,b", "c&d"],
        commas=["a,b", "c d", ""],
        pipes=["a|b", "c"],
        spaces=["a b", "c"],
        deep=show.ShowThingDeep(a="x=y", b=1),
        flat=show.ShowThingFlat(x="1,2", y=True),
        since=datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC),
        kind="big",
        really=False,
        client_query="me",
        x_tags="a,b",
        session="s;1",
        theme="dark",
    )

    path, _, query = request.url.raw_path.decode().partition("?")
    assert result is None
    assert path == "/v1/things/1,2/a%2Fb%2Cc%3F"
    assert query.split("&") == [
        "again=a%2Cb",
        "again=c%26d",
        "commas=a%2Cb,c%20d,",
        "pipes=a%7Cb|c",
        "spaces=a%20b%20c",
        "deep%5Ba%5D=x%3Dy",
        "deep%5Bb%5D=1",
        "flat=x,1%2C2,y,true",
        "since=2026-01-02T03%3A04%3A00%2B00%3A00",
        "kind=big",
        "really=false",
        "client=me",
    ]
    assert request.headers["X-Tags"] == "a,b"
    assert request.headers["Cookie"] == "session=s%3B1; theme=dark"


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_part_of_a_path_leads_nowhere_else(wide: Any, part: str) -> None:
    with pytest.raises(ValueError, match="part must not be"):
        call(wide.show_thing, [1], part)


def test_bodies_are_written_and_read(wide: Any) -> None:
    body = wide.Body(name="é", size=None)
    answer = {"name": "é", "size": None, "at": "2026-01-02T03:04:00Z", "more": 1}

    as_json, read = call(lambda c: wide.post_json(c, body=body), status=201, body=answer)
    as_form, _ = call(lambda c: wide.put_form(c, body=body), status=201, body=answer)
    as_list, _ = call(lambda c: wide.patch_bodies(c, body=[body]), status=201, body=answer)
    without, _ = call(wide.patch_bodies, status=201, body=answer)

    assert json.loads(as_json.content) == {"name": "é", "size": None}
    assert (read.name, read.at.year, read["more"]) == ("é", 2026, 1)
    assert as_form.content.startswith(b"name=%C3%A9")
    assert json.loads(as_list.content) == [{"name": "é", "size": None}]
    assert without.content == b""


def test_names_are_plain_unless_two_are_one(wide: Any) -> None:
    names = {name for name in wide.__all__ if name.islower()}

    assert names == {
        *("app_a_count_all", "app_a_list", "app_b_count_all", "app_b_list", "create_page"),
        *("import_", "list_nodes", "patch_bodies", "post_json", "post_whole", "put_form"),
        *("send_bytes", "send_csv", "send_file", "show_thing"),
        *("assert_", "export_pages", "list_pages", "show_page"),
        # Those whose success has headers, and is not streamed.
        *("assert_detailed", "list_nodes_detailed", "list_pages_detailed", "show_page_detailed"),
    }


def test_headers_of_a_success_are_there(wide: Any) -> None:
    tagged = {"ETag": '"1"'}
    linked = {"Link": '<?cursor=Wy%3D>; rel="next", <?>; rel="first"'}

    _, page = call(wide.show_page_detailed, "a", status=200, body={"name": "n"}, headers=tagged)
    _, plain = call(wide.show_page, "a", status=200, body={"name": "n"}, headers=tagged)
    asked, pages = call(
        wide.list_pages_detailed, cursor="a", status=200, body=["b"], headers=linked
    )
    _, made = call(wide.assert_detailed, status=201, headers={"location": "pages/1"})
    _, without = call(wide.list_nodes_detailed, status=200, body=[])

    assert (page.status_code, page.headers["etag"], page.parsed) == (200, '"1"', plain)
    assert isinstance(plain, wide.Body)
    assert (asked.url.raw_path, pages.parsed) == (b"/v1/pages?cursor=a", ["b"])
    assert httpx2.URL(pages.links["next"]["url"]).params["cursor"] == "Wy="
    assert (made.status_code, made.headers["Location"], made.parsed) == (201, "pages/1", None)
    assert (without.links, without.parsed) == ({}, [])


@pytest.mark.parametrize("name", ["show_page", "show_page_detailed"])
@pytest.mark.parametrize(("status", "body"), [(304, b""), (200, b"<html>"), (201, {"name": "n"})])
def test_both_functions_refuse_the_same(wide: Any, name: str, status: int, body: Any) -> None:
    with pytest.raises(wide.ResponseError) as caught:
        call(getattr(wide, name), "a", status=status, body=body)

    assert caught.value.status_code == status


def test_names_that_others_have_are_no_obstacle(wide: Any) -> None:
    body = wide.Body(name="a")
    more = {"page_size": 2, "body_query": "b", "class_": "c"}

    # `body` of the helper is what is answered.
    request, _ = call(lambda client: wide.create_page(client, "t", body=body, **more))
    other, _ = call(wide.import_, since=datetime.date(2026, 1, 2))

    assert request.url.raw_path == b"/v1/templates/t?pageSize=2&body=b&class=c"
    assert json.loads(request.content) == {"name": "a"}
    assert other.url.raw_path == b"/v1/import?since=2026-01-02"


def test_schema_has_what_stands_beside_a_reference(wide: Any) -> None:
    body = wide.Whole(since=datetime.date(2026, 1, 2), reason="sold")

    request, _ = call(lambda client: wide.post_whole(client, body=body))

    assert json.loads(request.content) == {"since": "2026-01-02", "reason": "sold"}
    with pytest.raises(TypeError, match="reason"):
        wide.Whole(since=body.since)


def test_parts_of_other_files_are_there(wide: Any) -> None:
    answer = [{"leaf": {"size": 1}, "nodes": [{"leaf": {"size": 2}}]}]

    request, (node,) = call(wide.list_nodes, depth=3, status=200, body=answer)

    assert request.url.raw_path == b"/v1/nodes?depth=3"
    assert isinstance(node.leaf, wide.Leaf)
    assert [each.leaf.size for each in node.nodes] == [2]


def test_boundary_of_a_form_is_of_one_request(wide: Any) -> None:
    types = importlib.import_module("wide.types")
    boundaries = set()
    for _ in range(2):
        file = types.File(payload=io.BytesIO(b"a"), file_name="a", mime_type="text/plain")
        given = wide.SendFileBody(file=file)
        request, _ = call(lambda client, given=given: wide.send_file(client, body=given))
        boundary = request.headers["Content-Type"].partition("boundary=")[2]
        assert request.content.count(boundary.encode()) == 2
        boundaries.add(boundary)

    assert len(boundaries) == 2


def test_lines_are_streamed_and_failures_are_read(wide: Any) -> None:
    assert call(wide.app_a_list, status=200, body=b"1\n2\n")[1] == ["1", "2"]
    assert call(wide.app_b_list, status=206, body=b"text")[1] == ["text"]
    with pytest.raises(wide.ResponseError) as caught:
        call(wide.app_a_list, status=404, body={"since": "2026-01-02"})

    assert (caught.value.status_code, str(caught.value)) == (404, "GET /v1/a: 404, no success")
    assert caught.value.problem == wide.Gone(since=datetime.date(2026, 1, 2))


def test_texts_and_bytes_are_sent_as_they_are(wide: Any) -> None:
    file = importlib.import_module("wide.types").File(payload=io.BytesIO(b"\0\xff"))

    csv, lines = call(lambda c: wide.send_csv(c, body="é,1"), status=200, body=b"1\n2")
    sent, _ = call(lambda client: wide.send_bytes(client, body=file))
    without, _ = call(wide.send_bytes)

    assert (csv.headers["Content-Type"], csv.content) == ("text/csv", "é,1".encode())
    assert lines == ["1", "2"]
    kind = "application/octet-stream"
    assert (sent.headers["Content-Type"], sent.content) == (kind, b"\0\xff")
    assert (without.headers.get("Content-Type"), without.content) == (None, b"")


@pytest.mark.parametrize(
    ("status", "body"),
    [(201, {"size": 1}), (201, b"<html>"), (201, []), (200, {"name": "a"}), (502, b"<html>")],
)
def test_what_the_contract_does_not_say_is_an_error(wide: Any, status: int, body: Any) -> None:
    given = wide.Body(name="a")

    with pytest.raises(wide.ResponseError) as caught:
        call(lambda client: wide.post_json(client, body=given), status=status, body=body)

    assert (caught.value.status_code, caught.value.problem) == (status, None)
    assert bytes(caught.value.content) == (
        body if isinstance(body, bytes) else json.dumps(body).encode()
    )
