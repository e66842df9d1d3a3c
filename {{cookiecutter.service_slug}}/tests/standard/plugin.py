"""The fixtures that the standard gives to the tests of the service."""

pytest_plugins = [
    "tests.standard.app_fixtures",
    # {% if cookiecutter.use_auth %}
    "tests.standard.auth_fixtures",
    # {% endif %}
    # {% if cookiecutter.use_database %}
    "tests.standard.database_fixtures",
    # {% endif %}
    # {% if cookiecutter.use_worker %}
    "tests.standard.worker_fixtures",
    # {% endif %}
]
