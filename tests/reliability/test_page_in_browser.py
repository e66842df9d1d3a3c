"""The page for people in a browser, behind a stripping proxy: every kind of field, and what fails."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from accessibility import violations
from browsing import Visit, visiting
from interpreters import OUR_PYTHON

from examples.serving import environment as our_environment
from examples.serving import free_port, serving
from reliability.page_visits import (
    Service,
    fill,
    give_token,
    look,
    open_page,
    rows,
    running,
    visit,
    wait_for_count,
)

__all__ = ["running", "visit"]

# Each filter, as the form has it and as the operation gets it.
FILLED = {
    "colours": ["Black, white", "Tŷ"],
    "sizes": ["S", "L"],
    "names": ["a,b", "c d", "50 %&=+"],
    "kind": ["small"],
    "heavy": ["False"],
    "since": ["2026-11-29"],
    "weight": ["7"],
    "code": ["AB12"],
    "order": ["name"],
}

EXPIRED = {"title": "Unauthorized", "status": 401, "detail": "The token is expired"}


def test_each_field_filters_as_the_contract_says(visit: Visit, running: Service) -> None:
    page = open_page(visit, running, "")
    wait_for_count(page, "1 row.")
    assert rows(page) == [["order", "size"]]

    fill(page)
    page.get_by_text("The filters have changed since.").wait_for()
    page.get_by_role("button", name="Show").click()
    wait_for_count(page, "13 rows.")

    wanted = [[name, each] for name, values in FILLED.items() for each in values]
    assert rows(page) == [
        [name, each.lower() if name == "heavy" else each] for name, each in wanted
    ]
    look(visit, "page-fields")
    assert visit.complaints == []


def test_filters_are_in_the_address(visit: Visit, running: Service) -> None:
    page = open_page(visit, running, "?kind=big&colours=Gone&colours=Tŷ")
    wait_for_count(page, "4 rows.")
    assert rows(page)[:3] == [["colours", "Gone"], ["colours", "Tŷ"], ["kind", "big"]]

    page.get_by_role("button", name="Remove Gone").click()
    page.get_by_label("Kind").select_option("small")
    page.get_by_role("button", name="Show").click()
    wait_for_count(page, "3 rows.")
    query = parse_qsl(urlsplit(page.url).query)
    assert query == [("colours", "Tŷ"), ("kind", "small"), ("order", "size")]

    page.go_back()
    wait_for_count(page, "4 rows.")
    assert page.get_by_label("Kind").input_value() == "big"
    page.get_by_role("button", name="Clear").click()
    wait_for_count(page, "1 row.")


def test_hard_csv_is_read_and_kept_as_it_is(visit: Visit, running: Service) -> None:
    page = open_page(visit, running, "?count=30000#rows-csv/count")
    wait_for_count(page, "30,000 rows; the first 20 are shown.")
    hard = 'two\nlines, a comma and a "quote"'
    assert rows(page) == [[str(n), hard, "'=1+1", "Tŷ 日本語 🏠"] for n in range(20)]

    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    page.get_by_text("Downloaded 30,000 rows, 2.").wait_for()
    assert download.value.suggested_filename == "rows.csv"
    kept = Path(download.value.path()).read_bytes()
    found = [*csv.reader(io.StringIO(kept.decode(), newline=""))]
    assert found[1:] == [[str(n), hard, "'=1+1", "Tŷ 日本語 🏠"] for n in range(30000)]


def test_more_than_are_counted_are_counted_when_asked_for(visit: Visit, running: Service) -> None:
    page = open_page(visit, running, "?count=70000#rows-csv/count")
    wait_for_count(page, "More than 50,000 rows; the first 20 are shown.")

    page.get_by_role("button", name="Count all").click()
    wait_for_count(page, "70,000 rows; the first 20 are shown.")


def test_download_that_breaks_off_is_no_file(visit: Visit, running: Service) -> None:
    downloads: list[object] = []
    visit.page.on("download", lambda download: downloads.append(download))
    page = open_page(visit, running, "?count=40000&breaks=true#rows-csv/count", running.direct)
    page.get_by_text("The answer of the service broke off. Try again.").wait_for()
    assert page.inner_text("#count") == ""

    page.get_by_role("button", name="Download CSV").click()
    page.get_by_text("The download has failed; nothing is kept.").wait_for()
    assert page.inner_text("#trouble") == "The answer of the service broke off. Try again."
    look(visit, "page-broken")
    assert downloads == []


def test_download_is_cancelled(visit: Visit, running: Service) -> None:
    downloads: list[object] = []
    visit.page.on("download", lambda download: downloads.append(download))
    page = open_page(visit, running, "#rows-csv/count", running.direct)
    page.get_by_label("Count").fill("60000")
    page.get_by_role("group", name="Waits").get_by_label("Yes").check()
    page.get_by_role("button", name="Download CSV").click()
    page.locator("#transfer-words", has_text=" MB").wait_for()
    look(visit, "page-download")

    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("The download was cancelled; nothing is kept.").wait_for()
    assert downloads == []


def test_what_is_not_right_stands_beside_its_field(visit: Visit, running: Service) -> None:
    page = open_page(visit, running, "?code=x")
    error = page.locator(".field", has=page.get_by_label("Code")).locator(".error")
    error.get_by_text("Code must be string").wait_for()
    assert page.evaluate("document.activeElement.labels[0].textContent") == "Code"
    assert page.get_by_label("Code").get_attribute("aria-invalid") == "true"
    look(visit, "page-refused")

    page.get_by_label("Code").fill("AB12")
    page.get_by_label("Weight").fill("100")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("Value must be less than or equal to 99.").wait_for()
    page.get_by_label("Weight").fill("")
    page.get_by_label("Names").fill("away")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("The service cannot do it now. The database cannot be reached.").wait_for()
    assert "(Request " in page.inner_text("#trouble")


def test_what_is_needed_is_asked_for(visit: Visit, running: Service) -> None:
    page = open_page(visit, running, "#rows-csv/count")
    page.get_by_text("Count is needed.").wait_for()
    page.get_by_label("Count").fill("0")
    page.get_by_role("button", name="Show").click()
    wait_for_count(page, "No row passes these filters.")
    look(visit, "page-empty")


def test_list_goes_on_by_its_links(visit: Visit, running: Service) -> None:
    page = open_page(visit, running, "#pages")
    wait_for_count(page, "More than 15 rows; the first 15 are shown.")
    assert page.locator(".field").count() == 0
    for words in ("More than 30 rows; the first 30", "40 rows."):
        page.get_by_role("button", name="More rows").click()
        wait_for_count(page, words)
    assert len(rows(page)) == 40
    assert rows(page)[4] == ["4", "=Thing, 4", "yes", ""]
    assert page.get_by_role("button", name="More rows").is_hidden()

    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    page.get_by_text("Downloaded 40 rows").wait_for()
    lines = Path(download.value.path()).read_text("utf-8").splitlines()
    assert download.value.suggested_filename == "pages.csv"
    assert (len(lines), lines[0]) == (41, "id,name,is_big,none")
    assert lines[-1] == '39,"\'=Thing, 39",true,'
    look(visit, "page-list")


def test_role_that_is_missing_is_told(visit: Visit, running: Service) -> None:
    page = open_page(visit, running, "#secrets")
    page.get_by_text("You may not do this. The role secrets.read is needed.").wait_for()
    look(visit, "page-no-role")

    page.get_by_role("link", name="Many rows").click()
    page.get_by_text("Count is needed.").wait_for()
    assert page.inner_text("#trouble") == ""


def test_session_that_ends_leaves_the_form(visit: Visit, running: Service) -> None:
    page = visit.page
    page.goto(f"{running.address}/page/")
    page.get_by_text("Log in to see this.").wait_for()
    look(visit, "page-login")
    page.get_by_label("Access token").fill("over")
    page.get_by_role("button", name="Use it").click()
    page.get_by_text("Log in again. ").wait_for()
    assert page.locator("#operation").is_hidden()
    give_token(page, running)
    wait_for_count(page, "1 row.")

    page.get_by_label("Code").fill("AB12")
    # As when the token is over; what the service says then is tested elsewhere.
    page.route("**/v1/things-csv*", lambda route: route.fulfill(status=401, json=EXPIRED))
    page.get_by_role("button", name="Show").click()
    page.get_by_text("Log in again. The token is expired.").wait_for()
    look(visit, "page-login-again")
    page.unroute("**/v1/things-csv*")
    give_token(page, running)
    wait_for_count(page, "2 rows.")
    assert rows(page)[0] == ["code", "AB12"]
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert running.token("things.read")[:20] not in page.url


def test_sample_without_auth_is_shown_at_once(
    service: Callable[[str], Path], environment: Callable[[Path, str], Path], tmp_path: Path
) -> None:
    folder = service("async-csv_export")
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    variables = our_environment() | {"PYTHONDONTWRITEBYTECODE": "1"}
    log = (tmp_path / "log").open("wb")
    serve = serving(folder, python, free_port(), variables, log)
    with log, serve as (address, _), visiting() as visit:
        visit.page.goto(address)
        wait_for_count(visit.page, "3 rows.")
        visit.page.get_by_role("group", name="Active").get_by_label("Yes").check()
        visit.page.get_by_role("button", name="Show").click()
        wait_for_count(visit.page, "2 rows.")
        assert violations(visit.page) == []
        assert visit.violations() == visit.complaints == []


SCRIPTS = json.loads((Path(__file__).parent / "page_scripts.json").read_text("utf-8"))
PARSE = """async ([text, size]) => {
  const { CsvParser, RowCounter } = await import("./csv.js");
  const rows = [], counter = new RowCounter(), decoder = new TextDecoder();
  const parser = new CsvParser((row) => rows.push(row));
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    counter.push(piece);
    parser.push(decoder.decode(piece, { stream: true }));
  }
  parser.end();
  counter.end();
  return [rows, counter.rows];
}"""


def test_csv_is_read_wherever_it_is_cut(visit: Visit, running: Service) -> None:
    visit.page.goto(f"{running.address}/page/")
    for text in SCRIPTS["csv"]:
        wanted = [*csv.reader(io.StringIO(text, newline=""), strict=True)]
        for size in (1, 2, 3, 1000):
            found, count = visit.page.evaluate(PARSE, [text, size])
            assert found == wanted, (text, size)
            assert count == max(len(wanted) - 1, 0), (text, size)


def test_next_page_is_the_one_that_is_named_so(visit: Visit, running: Service) -> None:
    visit.page.goto(f"{running.address}/page/")
    for link, wanted in SCRIPTS["links"]:
        found = visit.page.evaluate(
            """async (link) => (await import("./address.js")).nextAddress(
                { headers: new Headers({ Link: link }), url: "http://h/svc/items?a=1" })""",
            link,
        )
        assert found == wanted, link
