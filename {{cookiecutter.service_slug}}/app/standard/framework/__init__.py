"""The web framework: from all that the modules have added, it makes the application that serves.

``create_app`` calls ``assemble``; nothing else knows which framework it is.
"""

# {% if false %}
# mypy: disable-error-code="assignment, no-redef"
# ruff: noqa: F811
# {% endif %}
# {% if cookiecutter.framework != "fastapi" %}
from app.standard.framework.assembly import App, assemble

# {%- if cookiecutter.framework == "flask" +%}
from app.standard.framework.flask_app import FlaskSettings

# {%- endif +%}
# {% endif %}
# {% if false %}
# isort: split
# {% endif %}
# {% if cookiecutter.framework == "fastapi" %}
from app.standard.framework.fastapi_app import App, assemble

# {%- if cookiecutter.use_auth +%}
from app.standard.framework.require_role import RequireRole

# {%- endif +%}
# {% endif %}
