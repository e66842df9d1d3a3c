import json
import subprocess
import sys

from app.standard.embedded_postgres import HANDLES_FILE, EmbeddedPostgres


def test_handle_of_a_dead_process_is_forgotten() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    server = EmbeddedPostgres.throw_away()
    handles = server.folder / HANDLES_FILE
    handles.write_text(json.dumps([*json.loads(handles.read_text()), dead.pid]))

    EmbeddedPostgres(server.folder, keep_data=False)
    remaining = json.loads(handles.read_text())
    server.stop()

    assert dead.pid not in remaining
    assert not server.folder.exists()
