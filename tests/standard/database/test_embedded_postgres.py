import json
import subprocess
import sys

from development.embedded_postgres import HANDLES_FILE, EmbeddedPostgres


def test_handle_of_a_dead_process_is_forgotten() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    server = EmbeddedPostgres.throw_away()
    handles = server.folder / HANDLES_FILE
    handles.write_text(json.dumps([*json.loads(handles.read_text()), dead.pid]))

    second = EmbeddedPostgres(server.folder, keep_data=False)
    remaining = json.loads(handles.read_text())
    second.stop()
    server.stop()

    assert dead.pid not in remaining
    assert not server.folder.exists()


def test_server_runs_until_its_last_starter_stops_it() -> None:
    first = EmbeddedPostgres.throw_away()
    second = EmbeddedPostgres(first.folder, keep_data=False)

    first.stop()
    answer = second._server.psql("select 1")
    second.stop()

    assert "1" in answer
    assert not first.folder.exists()


def test_server_starts_again_with_its_data() -> None:
    server = EmbeddedPostgres.throw_away()
    keeper = EmbeddedPostgres(server.folder)
    keeper._server.cleanup_mode = "stop"
    keeper._server.psql("create table kept (n int)")
    keeper.stop()
    server.stop()

    again = EmbeddedPostgres(server.folder, keep_data=False)
    found = again._server.psql("select count(*) from kept")
    again.stop()

    assert "0" in found
